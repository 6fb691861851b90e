"""How does a supervisor stand by an agent? One conversation, live; forms to whisper, join, take over and give back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.console.access import Viewer, ticket_for, viewer_of
from bot.console.actions import form_of
from bot.console.catalogue import text
from bot.console.concern import Showing
from bot.console.console import CONSOLE, Console
from bot.console.names import Names
from bot.console.page import render
from bot.console.pages import LONGEST_WORDS
from bot.console.seeing import read_thread
from bot.console.session import PATH, actor_of
from bot.console.stream import relay
from bot.console.wall.watch_view import watch_view
from bot.watching import Supervisor
from handoff import Refusal, Refused, Ticket

LONGEST_WHISPER: Final = 500  # characters: a hint, read at a glance
_CLIENT_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")


async def watch_page(request: web.Request) -> web.Response:
    """旁听: opening it is an event of the ticket."""
    console, who, ticket = await _led(request)
    await console.wall_side.watching.watch(ticket, _supervisor(request, who))
    return await _page(request, who, ticket)


async def watch_now(request: web.Request) -> web.Response:
    """The conversation without the frame, for a page that is open."""
    _, who, ticket = await _led(request)
    return render(request, who, "wall_watch_now.html", status=200, **await _context(request, who, ticket))


async def watch_stream(request: web.Request) -> web.StreamResponse:
    """Told of the conversation, for as long as she leads its team; where watching is disclosed she is seen there."""
    console, who, ticket = await _led(request)

    async def shows(who: Viewer) -> Showing:
        _, _, ticket = await _led(request, who)
        return Showing(who, conversation=ticket.conversation_id)

    if not console.wall_side.watching.disclosed:
        return await relay(request, shows)
    here, presences = (ticket.conversation_id, _supervisor(request, who).id), console.window.presences
    try:
        return await relay(request, shows, present=lambda: presences.views(*here))
    finally:
        await presences.leaves(*here)


async def whisper(request: web.Request) -> web.Response:
    """悄悄提醒."""
    console, who, ticket = await _led(request)
    form = await form_of(request)
    words = _words(form)
    if wrong := _wrong(words, LONGEST_WHISPER):
        return await _page(request, who, ticket, status=422, errors={"whisper": wrong}, typed=form)
    return _see(ticket, await console.wall_side.watching.whisper(ticket, _supervisor(request, who), words))


async def join(request: web.Request) -> web.Response:
    """插话: her words go to the customer; the same client_id says it once."""
    console, who, ticket = await _led(request)
    form = await form_of(request)
    words, client_id = _words(form), form.get("client_id", "")
    if not _CLIENT_ID.fullmatch(client_id):
        raise web.HTTPBadRequest
    if wrong := _wrong(words, LONGEST_WORDS):
        return await _page(request, who, ticket, status=422, errors={"join": wrong}, typed=form)
    return _see(
        ticket, await console.wall_side.watching.join(ticket, _supervisor(request, who), words, client_id=client_id)
    )


async def take_over(request: web.Request) -> web.Response:
    """接管."""
    console, who, ticket = await _led(request)
    return _see(ticket, await console.wall_side.watching.take_over(ticket, _supervisor(request, who)))


async def give_back(request: web.Request) -> web.Response:
    """交还给她."""
    console, who, ticket = await _led(request)
    return _see(ticket, await console.wall_side.watching.give_back(ticket, _supervisor(request, who)))


async def leave(request: web.Request) -> web.Response:
    """结束旁听; also what an open page sends when it is left."""
    console, who, ticket = await _led(request)
    her = _supervisor(request, who)
    await console.wall_side.watching.leave(ticket, her)
    await console.window.presences.leaves(ticket.conversation_id, her.id)
    return web.Response(status=303, headers={"Location": f"{PATH}/wall"})


async def _led(request: web.Request, who: Viewer | None = None) -> tuple[Console, Viewer, Ticket]:
    """Only conversations of teams that she leads. Raises HTTPNotFound, HTTPForbidden."""
    who = who or await viewer_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    if not who.leads(ticket):
        raise web.HTTPForbidden
    return request.app[CONSOLE], who, ticket


def _supervisor(request: web.Request, who: Viewer) -> Supervisor:
    """Her as colleagues know her; as a person where she serves nobody."""
    name = who.agent.name if who.agent is not None else who.name
    return Supervisor(who.agent_id or who.id, name, actor_of(request))


async def _page(
    request: web.Request,
    who: Viewer,
    ticket: Ticket,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    context = await _context(request, who, ticket)
    shown = {
        "errors": errors or {},
        "typed": typed or {},
        "refused": _refused(request),
        "client_id": secrets.token_hex(16),
        "longest_whisper": LONGEST_WHISPER,
        "longest_words": LONGEST_WORDS,
    }
    return render(request, who, "wall_watch.html", status=status, **context, **shown)


async def _context(request: web.Request, who: Viewer, ticket: Ticket) -> dict[str, object]:
    console = request.app[CONSOLE]
    seen, names = await read_thread(console, who, ticket), await Names.of(console)
    watching = console.wall_side.watching
    before = await watching.taken_over_from(ticket)
    return {"view": watch_view(seen, who, names, before=before or "", disclosed=watching.disclosed)}


def _refused(request: web.Request) -> str:
    try:
        return request.app[CONSOLE].say(f"refusals.{Refusal(request.query.get('refused', ''))}")
    except ValueError:
        return ""


def _words(form: Mapping[str, str]) -> str:
    return form.get("text", "").replace("\r\n", "\n").strip()


def _wrong(words: str, most: int) -> str:
    if not words:
        return text("says.empty")
    return text("says.too_long", most=most) if len(words) > most else ""


def _see(ticket: Ticket, refused: Refused | None) -> web.Response:
    more = f"?refused={refused.reason}" if refused else ""
    return web.Response(status=303, headers={"Location": f"{PATH}/wall/watch/{ticket.id}{more}"})
