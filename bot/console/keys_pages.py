"""Which keys does she use, and how are they changed? The sheet of the workbench, and the same on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.console.access import Viewer, viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.hot_keys import Chosen, keys_of, read_keys
from bot.console.page import render
from bot.console.session import PATH


async def keys_page(request: web.Request) -> web.Response:
    """The sheet on a page of its own."""
    who = await viewer_of(request)
    return render(request, who, "keys_page.html", sheet=await sheet_of(request, who), saved="saved" in request.query)


async def change(request: web.Request) -> web.Response:
    """Take the keys of the form, or the defaults again. 422: what cannot be is said beside its field."""
    who, posted = await viewer_of(request), await request.post()
    chosen = read_keys({} if "reset" in posted else {name: str(value) for name, value in posted.items()})
    if chosen.wrong:
        return render(request, who, "keys_page.html", status=422, sheet=_rows(chosen.typed, chosen), saved=False)
    await request.app[CONSOLE].access.personal.choose_hot_keys(who.id, chosen.keys)
    return web.Response(status=303, headers={"Location": f"{PATH}/keys?saved=1"})


async def sheet_of(request: web.Request, who: Viewer) -> list[dict[str, str]]:
    """The sheet as it is drawn: action, words, key, what is wrong with it."""
    return _rows(keys_of(await request.app[CONSOLE].access.personal.hot_keys(who.id)), None)


def _rows(keys: Mapping[str, str], chosen: Chosen | None) -> list[dict[str, str]]:
    wrong = chosen.wrong if chosen else {}
    return [
        {"action": action, "words": text(f"hot_keys.{action}"), "key": key, "wrong": wrong.get(action, "")}
        for action, key in keys.items()
    ]
