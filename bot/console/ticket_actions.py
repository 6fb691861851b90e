"""What can an agent do about a ticket besides talking? Each form of its panel, checked, then one command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, cast

from aiohttp import web

from bot.console.access import Viewer
from bot.console.actions import acting, done, form_of
from bot.console.actions import note as write_note
from bot.console.catalogue import TEXTS
from bot.console.console import Console
from bot.tagging.desk import UnknownTag
from bot.ticket_work import TagDecision
from handoff import Refusal, Refused, Ticket

LONGEST_NOTE: Final = 2000
MOST_HOURS: Final = 24 * 14
_Command = Callable[[Console, Viewer, Ticket, dict[str, str]], Awaitable[Refused | None]]


async def note(request: web.Request) -> web.Response:
    """备注."""
    console, who, ticket = await acting(request)
    words = (await form_of(request)).get("text", "").replace("\r\n", "\n").strip()[:LONGEST_NOTE]
    return await write_note(request, console, who, ticket, words) if words else done(ticket, who, "note", None)


async def pend(request: web.Request) -> web.Response:
    """等客户: for so many hours."""
    return await _handle(request, "pend", _pend)


async def resume(request: web.Request) -> web.Response:
    """继续处理."""
    return await _handle(request, "resume", _resume)


async def prioritise(request: web.Request) -> web.Response:
    """优先级."""
    return await _handle(request, "prioritise", _prioritise)


async def link(request: web.Request) -> web.Response:
    """关联."""
    return await _handle(request, "link", _link)


async def merge(request: web.Request) -> web.Response:
    """合并到另一张工单."""
    return await _handle(request, "merge", _merge)


async def reopen(request: web.Request) -> web.Response:
    """重新打开."""
    return await _handle(request, "reopen", _reopen)


async def tag(request: web.Request) -> web.Response:
    """钉住、去掉、交回规则."""
    return await _handle(request, "tag", _tag)


async def _handle(request: web.Request, name: str, command: _Command) -> web.Response:
    console, who, ticket = await acting(request)
    return done(ticket, who, name, await command(console, who, ticket, await form_of(request)))


async def _pend(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> Refused | None:
    hours = _number(form, "hours")
    if not 1 <= hours <= MOST_HOURS:
        raise web.HTTPBadRequest
    return _not_hers(ticket, who) or await console.tickets.pend(
        ticket, who.agent_id, console.now() + timedelta(hours=hours)
    )


async def _resume(console: Console, who: Viewer, ticket: Ticket, _: dict[str, str]) -> Refused | None:
    return _not_hers(ticket, who) or await console.tickets.resume(ticket, who.agent_id)


async def _prioritise(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> Refused | None:
    if form.get("priority", "") not in TEXTS["priorities"]:
        raise web.HTTPBadRequest
    return await console.tickets.prioritise(ticket, who.agent_id, int(form["priority"]))


async def _tag(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> Refused | None:
    await decide_tag(console, who, ticket, form)
    return None


async def decide_tag(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> None:
    """Pin, veto or release the tag that the form names. Raises HTTPBadRequest."""
    decision = form.get("act", "")
    if decision not in {"pin", "veto", "release"}:
        raise web.HTTPBadRequest
    try:
        await console.tickets.decide_tag(ticket, who.agent_id, form.get("name", ""), cast("TagDecision", decision))
    except UnknownTag as error:  # the shop's tags changed while the page was open
        raise web.HTTPBadRequest from error


async def _link(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> Refused | None:
    other = await _other(console, who, form)
    return other if isinstance(other, Refused) else await console.tickets.link(ticket, other, who.agent_id)


async def _merge(console: Console, who: Viewer, ticket: Ticket, form: dict[str, str]) -> Refused | None:
    other = await _other(console, who, form)
    if isinstance(other, Refused):
        return other
    return _not_hers(ticket, who) or await console.tickets.merge(ticket, other, who.agent_id)


async def _reopen(console: Console, who: Viewer, ticket: Ticket, _: dict[str, str]) -> Refused | None:
    return await console.tickets.reopen(ticket, who.agent_id)


async def _other(console: Console, who: Viewer, form: dict[str, str]) -> int | Refused:
    """The other ticket's id, if she may see it."""
    other = await console.workbench.ticket(_number(form, "other"))
    if other is None or not who.may_read(other):
        return Refused(Refusal.UNKNOWN_TICKET)
    return other.id


def _number(form: dict[str, str], name: str) -> int:
    given = form.get(name, "").lstrip("#＃").strip()
    if not (given.isascii() and given.isdigit() and len(given) <= 18):  # noqa: PLR2004 - the store's ids have 63 bits
        raise web.HTTPBadRequest
    return int(given)


def _not_hers(ticket: Ticket, who: Viewer) -> Refused | None:
    return None if who.leads(ticket) or ticket.agent == who.agent_id else Refused(Refusal.NOT_YOURS)
