"""How does an open page learn that something changed? A server-sent event that says only: look again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.console.access import id_of, ticket_for, viewer_of
from bot.console.console import CONSOLE
from bot.console.session import session_of
from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from collections.abc import Iterator

# Browsers open six connections to one host over HTTP/1.1: two must stay free for pages.
MOST_STREAMS: Final = 4
PRESENCE: Final = timedelta(seconds=90)  # how long an agent counts as there after her page was last seen
RENEWED: Final = timedelta(seconds=15)  # how often she is said to be there while her page is open
_ALIVE: Final = b": alive\n\n"
_RETRY: Final = b"retry: 3000\n\n"


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


async def stream(request: web.Request) -> web.StreamResponse:
    """`changed` at once, and whenever the list or the conversation of ?ticket= changes; meanwhile she is seen there."""
    who, topics = await viewer_of(request), [Wakeups.CONSOLE]
    if (ticket_id := id_of(request.query.get("ticket", ""))) is None:
        return await relay(request, topics)
    conversation_id = (await ticket_for(request, who, ticket_id)).conversation_id
    presences = request.app[CONSOLE].window.presences
    try:
        return await relay(
            request,
            [*topics, f"conversation:{conversation_id}"],
            present=lambda: presences.views(conversation_id, who.agent_id),
        )
    finally:
        await presences.leaves(conversation_id, who.agent_id)


async def relay(
    request: web.Request, topics: Sequence[str], *, present: Callable[[], Awaitable[None]] | None = None
) -> web.StreamResponse:
    """`changed` at once, and whenever one of the topics is rung; while it is open its viewer is present.

    Each event carries, as its id, where the database stood when it was written. Who comes back after a break says the
    last one she got, and is told at once unless nothing has happened since. present: called again and again.
    """
    console, session, who = request.app[CONSOLE], session_of(request), await viewer_of(request)
    streams = request.app[STREAMS]
    with streams.admitted(session.id, request):
        async with AsyncExitStack() as stack:
            events = [await stack.enter_async_context(console.wakeups.listening(topic)) for topic in topics]
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
            await response.prepare(request)
            with suppress(ConnectionError):  # the page was left
                await response.write(_RETRY)
                cursor = await console.window.cursor.now()  # what changed before we listened must not be missed
                if request.headers.get("Last-Event-ID", "") != cursor:
                    await response.write(_changed(cursor))
                renews_at = console.now()
                while True:
                    if (now := console.now()) >= renews_at:  # not with each ring: a busy shop rings many times a second
                        if await console.access.sessions.find(session.id) is None:
                            break
                        renews_at = now + RENEWED
                        await console.tickets.is_there(who.agent_id, now + PRESENCE)
                        if present is not None:
                            await present()
                    rung = await _rung([*events, streams.closing], console.keepalive_s)
                    if streams.closing.is_set():
                        break
                    await response.write(_changed(await console.window.cursor.lately()) if rung else _ALIVE)
    return response


def _changed(cursor: str) -> bytes:
    return f"id: {cursor}\nevent: changed\ndata: {{}}\n\n".encode()


async def end_streams(app: web.Application) -> None:
    """Open pages must not hold up the shutdown."""
    app[STREAMS].closing.set()


async def _rung(events: Sequence[asyncio.Event], timeout_s: float) -> bool:
    """Was any of the events set, now or within the time? Those of topics are ready for the next ring then."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    for event in events[:-1]:
        event.clear()
    return bool(done)


def _is_connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()
