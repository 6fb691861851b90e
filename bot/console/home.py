"""Where does somebody begin? Agents at the workbench, others at the first module that they may open."""

from __future__ import annotations

from aiohttp import web

from bot.access import Right
from bot.console import pages
from bot.console.access import viewer_of
from bot.console.navigation import modules
from bot.console.session import PATH


async def home(request: web.Request) -> web.Response:
    """The list of tickets, or off to where she works."""
    who = await viewer_of(request)
    if who.may(Right.DESK_WORK):
        return await pages.list_page(request)
    first = next((module.path for module in modules(who, request.path)), f"{PATH}/me")
    return web.Response(status=303, headers={"Location": first})
