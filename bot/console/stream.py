"""How does an open page learn that something changed? Server-sent events that say what to read again, and no more.

| event | data | the page reads again |
|---|---|---|
| changed | `{"within": ms}` | everything that it shows |
| thread | `{}` | the conversation that it shows |
| rows | `{"tickets": [id, …]}` | those of these that its list has |
| hers | `{}` | its list, at once |
| list | `{"within": ms}` | its list (or wall), once in this time, at a moment of its own: after twice of it at most |
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.console.access import Viewer, id_of, ticket_for, viewer_now, viewer_of
from bot.console.concern import Notice, Showing
from bot.console.console import CONSOLE
from bot.console.list_state import ListState
from bot.console.session import session_of
from bot.console.switchboard import Mailbox, Switchboard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Browsers open six connections to one host over HTTP/1.1: two must stay free for pages.
MOST_STREAMS: Final = 4
PRESENCE: Final = timedelta(seconds=90)  # how long an agent counts as there after her page was last seen
RENEWED: Final = timedelta(seconds=15)  # how often she is said to be there while her page is open
RETRY_MS: Final = (2_000, 6_000)  # when a page comes back after a break: each at a moment of its own
_ALIVE: Final = b": alive\n\n"


class Streams:
    """The streams that are open now, bounded for each session; all end with the application."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self._open: dict[str, list[web.Request]] = {}

    @contextmanager
    def admitted(self, session_id: str, request: web.Request) -> Iterator[None]:
        """A place for one more stream of this session. Raises HTTPTooManyRequests."""
        # A page that was left may not have been noticed yet: its stream must not take a place.
        mine = [each for each in self._open.get(session_id, ()) if _is_connected(each)]
        if len(mine) >= MOST_STREAMS:
            raise web.HTTPTooManyRequests
        self._open[session_id] = [*mine, request]
        try:
            yield
        finally:
            rest = [each for each in self._open.get(session_id, ()) if each is not request]
            if rest:
                self._open[session_id] = rest
            else:
                self._open.pop(session_id, None)


STREAMS: web.AppKey[Streams] = web.AppKey("console_streams", Streams)


SWITCHBOARD: web.AppKey[Switchboard] = web.AppKey("console_switchboard", Switchboard)
Shows = Callable[[Viewer], Awaitable[Showing]]


async def stream(request: web.Request) -> web.StreamResponse:
    """The desk of an agent: her list on ?tab=, and the conversation of ?ticket=, where she is seen meanwhile."""
    who, tab = await viewer_of(request), ListState.of(request.query).wanted.tab
    if (ticket_id := id_of(request.query.get("ticket", ""))) is None:

        async def shows_list(who: Viewer) -> Showing:
            return Showing(who, tab, people=True)

        return await relay(request, shows_list)
    conversation_id = (await ticket_for(request, who, ticket_id)).conversation_id
    presences = request.app[CONSOLE].window.presences

    async def shows_thread(who: Viewer) -> Showing:
        await ticket_for(request, who, ticket_id)
        return Showing(who, tab, conversation_id)

    try:
        return await relay(request, shows_thread, present=lambda: presences.views(conversation_id, who.agent_id))
    finally:
        await presences.leaves(conversation_id, who.agent_id)


async def relay(
    request: web.Request, shows: Shows, *, present: Callable[[], Awaitable[None]] | None = None
) -> web.StreamResponse:
    """`changed` at once, then what concerns the page; while it is open its viewer is present.

    Each event carries, as its id, where the database stood when that was read. Who comes back after a break says the
    last one she got, and is told at once unless nothing has happened since. shows, present: called again and again;
    the stream ends where she may not see it any more.
    """
    console, session = request.app[CONSOLE], session_of(request)
    board, streams = request.app[SWITCHBOARD], request.app[STREAMS]
    showing = await shows(await viewer_of(request))
    with streams.admitted(session.id, request):
        async with board.plugged_in(showing) as mailbox:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
            with suppress(ConnectionError):  # the page was left
                await response.prepare(request)
                await response.write(f"retry: {random.randint(*RETRY_MS)}\n\n".encode())  # noqa: S311 - no secret
                # what changed before it was plugged in must not be missed
                cursor = (await console.window.cursor.now()).written()
                if request.headers.get("Last-Event-ID", "") != cursor:
                    await response.write(_events(Notice(everything=True), cursor, board.within_ms))
                renews_at = console.now()
                while not streams.closing.is_set():
                    if (now := console.now()) >= renews_at:  # not with each event: a busy shop has many a second
                        if not await _renew(request, mailbox, shows):
                            break
                        renews_at = now + RENEWED
                        if present is not None:
                            await present()
                    if await _told(mailbox, streams.closing, console.keepalive_s):
                        notice, cursor = mailbox.take()
                        await response.write(_events(notice, cursor, board.within_ms))
                    elif not streams.closing.is_set():
                        await response.write(_ALIVE)
    return response


async def telling(app: web.Application) -> AsyncIterator[None]:
    """While the application serves, its pages are told."""
    task = asyncio.create_task(app[SWITCHBOARD].run(), name="switchboard")
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def end_streams(app: web.Application) -> None:
    """Open pages must not hold up the shutdown."""
    app[STREAMS].closing.set()


async def _renew(request: web.Request, mailbox: Mailbox, shows: Shows) -> bool:
    """She is there; what she may see is found anew. False where her session is over, or it is not hers to see."""
    console = request.app[CONSOLE]
    try:
        who = await viewer_now(request)
        mailbox.showing = await shows(who)
    except web.HTTPClientError:
        return False
    await console.tickets.is_there(who.agent_id, console.now() + PRESENCE)
    return True


async def _told(mailbox: Mailbox, closing: asyncio.Event, timeout_s: float) -> bool:
    """Has the page been told something, now or within the time?"""
    waits = [asyncio.create_task(event.wait()) for event in (mailbox.told, closing)]
    try:
        await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return mailbox.told.is_set() and not closing.is_set()


def _events(notice: Notice, cursor: str, within_ms: int) -> bytes:
    """As the browser gets it; the cursor with the last of them, for only then she has been told all."""
    said: list[tuple[str, dict[str, object]]] = []
    if notice.everything:
        said.append(("changed", {"within": within_ms}))
    else:
        if notice.thread:
            said.append(("thread", {}))
        if notice.rows:
            said.append(("rows", {"tickets": sorted(notice.rows)}))
        if notice.hers:
            said.append(("hers", {}))
        elif notice.list:
            said.append(("list", {"within": within_ms}))
    blocks = [f"event: {name}\ndata: {json.dumps(data)}\n" for name, data in said]
    blocks[-1] = f"id: {cursor}\n{blocks[-1]}"
    return "\n".join([*blocks, ""]).encode()


def _is_connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()
