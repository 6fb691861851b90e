"""Which scripts are there? The list with its categories, states and search."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS
from bot.console.console import CONSOLE
from bot.console.page import render
from bot.studio.shelf import Wanted

LONGEST_SEARCH: Final = 100


async def list_page(request: web.Request) -> web.Response:
    """One page of the list; `q`, `state`, `category` narrow it, `after` turns the page."""
    who, query = await viewer_of(request), request.query
    shelf = request.app[CONSOLE].studio.shelf
    state = query.get("state", "") if query.get("state", "") in TEXTS["scripts_filters"] else ""
    category = tuple(part for part in query.get("category", "").split("/") if part)
    wanted = Wanted(query.get("q", "")[:LONGEST_SEARCH], state, category, query.get("after", ""))
    page = await shelf.page(wanted)

    def link(**changed: str) -> str:
        kept = {"q": wanted.text, "state": state, "category": "/".join(category)} | changed
        return "/console/scripts?" + urlencode({name: value for name, value in kept.items() if value})

    return render(
        request,
        who,
        "scripts_list.html",
        page=page,
        wanted=wanted,
        tree=await shelf.tree(),
        counts=await shelf.states(),
        filters=TEXTS["scripts_filters"],
        states=TEXTS["scripts_states"],
        link=link,
    )
