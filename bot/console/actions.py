"""What can an agent do? Each form of the pages, checked against her rights, then one command of the workbench."""

from __future__ import annotations

import re
import secrets
from typing import Final

import structlog
from aiohttp import web
from aiohttp.web_request import FileField

from bot.console.access import Viewer, ticket_for, viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE, Console
from bot.console.mentions import named
from bot.console.pages import LONGEST_WORDS
from bot.console.session import PATH
from bot.console.stream import PRESENCE
from bot.domain import ChannelKind
from handoff import AgentStatus, Refusal, Refused, Ticket, TicketState, ToAgent, ToTeam

MOST_PROMISES: Final = 10
LONGEST_PROMISE: Final = 200
_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
_BACK = re.compile(rf"{PATH}/(tickets/\d+)?")
_log = structlog.get_logger()


async def set_status(request: web.Request) -> web.Response:
    """在线 | 忙碌 | 离开 | 下班."""
    who, form = await viewer_of(request), await form_of(request)
    try:
        status = AgentStatus(form.get("status", ""))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    console = request.app[CONSOLE]
    # ready here means ready while a page of hers is open: a tab that was forgotten must not be offered customers
    lease = console.now() + PRESENCE if status is AgentStatus.READY else None
    await console.workbench.set_status(who.agent_id, status, lease_until=lease)
    back = form.get("back", "")
    return _see(back if _BACK.fullmatch(back) else f"{PATH}/")


async def accept(request: web.Request) -> web.Response:
    """接单."""
    console, who, ticket = await acting(request)
    refused = _over(ticket) or await console.workbench.accept(ticket.conversation_id, who.agent_id)
    return done(ticket, who, "accept", refused)


async def decline(request: web.Request) -> web.Response:
    """转给下一位: an offer goes to a colleague."""
    console, who, ticket = await acting(request)
    refused = _over(ticket) or await console.workbench.decline(ticket.conversation_id, who.agent_id)
    return done(ticket, who, "decline", refused)


async def to_client(request: web.Request) -> web.Response:
    """转到企业微信接待: `to` is herself or a colleague."""
    console, who, ticket = await acting(request)
    to = (await form_of(request)).get("to", "") or who.agent_id
    refused = _over(ticket) or await console.workbench.to_client(ticket.conversation_id, who.agent_id, to=to)
    return done(ticket, who, "to_client", refused)


async def say(request: web.Request) -> web.Response:
    """Words to the customer, or with `as=note` to colleagues; the same client_id twice says it once.

    303 for a form. For a script JSON: {}, or {"why", "instead"} where it cannot be said, with what is possible then.
    """
    console, who, ticket = await acting(request)
    form = await form_of(request)
    words = form.get("text", "").replace("\r\n", "\n").strip()
    client_id = client_id_of(form.get("client_id", ""))
    if problem := _wrong_words(words):
        return web.json_response({"why": problem, "instead": ""}, status=422)
    if form.get("as") == "note":
        return await note(request, console, who, ticket, words)
    if (stopped := await unsendable(console, ticket)) is not None:
        as_form = "application/json" not in request.headers.get("Accept", "")
        return _see(f"{PATH}/tickets/{ticket.id}?notice=unsendable") if as_form else stopped
    refused = _over(ticket) or await console.workbench.say(
        ticket.conversation_id, who.agent_id, words, client_id=client_id
    )
    return told(request, ticket, who, "say", refused)


async def note(request: web.Request, console: Console, who: Viewer, ticket: Ticket, words: str) -> web.Response:
    """Words to colleagues; who are named after an @ are told of it, unless one of them may not see the ticket."""
    meant = await named(console, ticket, words)
    if meant.wrong:
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response({"why": meant.wrong, "instead": text("mentions.instead")}, status=409)
        return _see(f"{PATH}/tickets/{ticket.id}?notice=not_named")
    done = await console.tickets.note(ticket, who.agent_id, words, named=meant.people - {who.id})
    return told(request, ticket, who, "note", done)


def told(request: web.Request, ticket: Ticket, who: Viewer, what: str, refused: Refused | None) -> web.Response:
    """What became of it, for a form or a script."""
    if "application/json" not in request.headers.get("Accept", ""):
        return done(ticket, who, what, refused)
    if refused is None:
        return web.json_response({})
    why = request.app[CONSOLE].say(f"refusals.{refused.reason}")
    return web.json_response({"why": why, "instead": text("says.instead_note")}, status=409)


async def unsendable(console: Console, ticket: Ticket) -> web.Response | None:
    """409 with why the platform would not take it now, and what can be done instead; None where it would."""
    budget = await console.workbench.budget(ticket.conversation_id)
    plan = console.workbench.plans[ticket.account, ChannelKind(ticket.channel)]
    if budget is None or plan.answering == "inline":
        return None
    over = budget.ends_at is None or budget.ends_at <= console.now()
    if not over and budget.sends_left > 0:
        return None
    why = text("composing.over" if over else "composing.none")
    instead = text("says.instead_client" if ticket.channel == ChannelKind.WECOM_KF else "says.instead_wait")
    return web.json_response({"why": why, "instead": instead}, status=409)


async def ask_satisfaction(request: web.Request) -> web.Response:
    """请客户评价."""
    console, who, ticket = await acting(request)
    refused = _over(ticket)
    if refused is None:
        asked = await console.window.sends.ask_satisfaction(ticket.conversation_id, who.agent_id, ticket.id)
        if asked is False:
            return _see(f"{PATH}/tickets/{ticket.id}?notice=asked_before")
        refused = asked if isinstance(asked, Refused) else None
    return done(ticket, who, "ask", refused)


async def typing(request: web.Request) -> web.Response:
    """She is writing to this customer: colleagues who look at it are told."""
    console, who, ticket = await acting(request)
    await console.window.presences.types(ticket.conversation_id, who.agent_id)
    return web.Response(status=204)


async def give_back(request: web.Request) -> web.Response:
    """交还机器人, with the promises the bot must know."""
    console, who, ticket = await acting(request)
    form = await form_of(request)
    promises = [line.strip()[:LONGEST_PROMISE] for line in form.get("promises", "").splitlines() if line.strip()]
    refused = _over(ticket) or await console.workbench.return_to_bot(
        ticket.conversation_id, who.agent_id, outcome=_outcome(form), promises=promises[:MOST_PROMISES]
    )
    return done(ticket, who, "return", refused)


async def close(request: web.Request) -> web.Response:
    """结束会话."""
    console, who, ticket = await acting(request)
    outcome = _outcome(await form_of(request))
    refused = _over(ticket) or await console.workbench.close(ticket.conversation_id, who.agent_id, outcome=outcome)
    return done(ticket, who, "close", refused)


async def transfer(request: web.Request) -> web.Response:
    """转派: `to` is agent:ID or team:ID."""
    console, who, ticket = await acting(request)
    kind, _, target = (await form_of(request)).get("to", "").partition(":")
    match kind:
        case "agent":
            to: ToAgent | ToTeam = ToAgent(target)
        case "team":
            to = ToTeam(target)
        case _:
            raise web.HTTPBadRequest
    refused = _over(ticket) or _not_hers(ticket, who)
    if refused is None:
        refused = await console.workbench.transfer(ticket.conversation_id, who.agent_id, to=to)
    return done(ticket, who, "transfer", refused)


async def acting(request: web.Request) -> tuple[Console, Viewer, Ticket]:
    """Who acts on which ticket. Raises HTTPNotFound, HTTPForbidden."""
    who = await viewer_of(request)
    return request.app[CONSOLE], who, await ticket_for(request, who, int(request.match_info["ticket"]))


def client_id_of(given: str) -> str:
    """The page's own id of what it sends, or a fresh one. Raises HTTPBadRequest."""
    client_id = given or secrets.token_hex(16)
    if not _CLIENT_ID.fullmatch(client_id):
        raise web.HTTPBadRequest
    return client_id


async def form_of(request: web.Request) -> dict[str, str]:
    """The form's texts; a file where a text belongs is no form of ours."""
    fields = await request.post()
    if any(isinstance(value, (FileField, bytes, bytearray)) for value in fields.values()):
        raise web.HTTPBadRequest
    return {name: str(value) for name, value in fields.items()}


def _wrong_words(words: str) -> str:
    if not words:
        return text("says.empty")
    return text("says.too_long", most=LONGEST_WORDS) if len(words) > LONGEST_WORDS else ""


def _outcome(form: dict[str, str]) -> str:
    outcome = form.get("outcome", "")
    if outcome not in TEXTS["outcomes"]:
        raise web.HTTPBadRequest
    return outcome


def _over(ticket: Ticket) -> Refused | None:
    """A closed ticket's page must not move the conversation, which may be at its next ticket."""
    return Refused(Refusal.CLOSED) if ticket.state is TicketState.CLOSED else None


def _not_hers(ticket: Ticket, who: Viewer) -> Refused | None:
    return None if who.may_pass_on(ticket) else Refused(Refusal.NOT_YOURS)


def done(ticket: Ticket, who: Viewer, what: str, refused: Refused | None) -> web.Response:
    """Back to the ticket's page, which says why nothing was changed."""
    outcome = refused.reason.value if refused else "done"
    _log.info("console.action", action=what, agent=who.agent_id, ticket=ticket.id, outcome=outcome)
    return _see(f"{PATH}/tickets/{ticket.id}" + (f"?refused={refused.reason}" if refused else ""))


def _see(path: str) -> web.Response:
    """303: reloading the next page does nothing twice."""
    return web.Response(status=303, headers={"Location": path})
