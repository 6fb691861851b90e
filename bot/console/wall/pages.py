"""What does the wall show whom? The teams she leads; all of them to those who lead none, as administrators."""

from __future__ import annotations

from aiohttp import web

from bot.access import Right
from bot.console.access import Viewer, viewer_of
from bot.console.concern import Showing
from bot.console.console import CONSOLE, Console
from bot.console.mentions import notices_of
from bot.console.names import Names
from bot.console.page import render
from bot.console.stream import relay
from bot.console.wall.view import wall_view


async def wall_page(request: web.Request) -> web.Response:
    """Agents and queues, kept as they are now."""
    who = await viewer_of(request)
    return render(request, who, "wall.html", status=200, **await _look(request.app[CONSOLE], who))


async def wall_now(request: web.Request) -> web.Response:
    """The same without the frame, for a page that is open."""
    who = await viewer_of(request)
    return render(request, who, "wall_now.html", status=200, **await _look(request.app[CONSOLE], who))


async def wall_stream(request: web.Request) -> web.StreamResponse:
    """Told of what her teams' people, queues and customers do."""
    console = request.app[CONSOLE]

    async def shows(who: Viewer) -> Showing:
        return Showing(who, teams=teams_of(who, console))

    return await relay(request, shows)


def teams_of(who: Viewer, console: Console) -> frozenset[str]:
    """Whose teams' people and queues she may look at."""
    return who.led if who.may(Right.CONVERSATION_WATCH) else frozenset(console.team_names())


async def _look(console: Console, who: Viewer) -> dict[str, object]:
    seen = await console.wall_side.wall.look(teams_of(who, console))
    held = [each.ticket for agent in seen.agents for each in agent.held]
    names = await Names.of(console, seen.nicknames)
    wall = wall_view(seen, who, names, await console.tickets.urgent(held))
    # agents read of it beside their list
    told = () if who.may(Right.DESK_WORK) else await console.tickets.mentions_of(who.id)
    return {"wall": wall, "mentions": notices_of(told, names)}
