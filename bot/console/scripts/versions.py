"""What did a script say before, who changed it, and how does an earlier version come back?"""

from __future__ import annotations

from aiohttp import web

from bot.console.access import id_of, viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.studio.differences import differences
from knowledge_base import NoSuchVersion, Overtaken


async def versions_page(request: web.Request) -> web.Response:
    """Every version, newest first; `version` shows what that one changed, or `from` … `version`."""
    return await _page(request)


async def restore(request: web.Request) -> web.Response:
    """An earlier version becomes the draft."""
    who, fields = await viewer_of(request), await request.post()
    script_id, version = request.match_info["script"], id_of(str(fields.get("version", "")))
    if version is None:
        raise web.HTTPBadRequest
    try:
        await request.app[CONSOLE].studio.scripts.restore(
            script_id,
            version,
            str(fields.get("token", "")),
            by=who.id,
            why=text("scripts_says.restored", version=version),
        )
    except NoSuchVersion as error:
        raise web.HTTPNotFound from error
    except Overtaken:
        return await _page(request, status=409, wrong=text("scripts_says.overtaken"))
    return web.Response(status=303, headers={"Location": f"/console/scripts/s/{script_id}"})


async def _page(request: web.Request, *, status: int = 200, wrong: str = "") -> web.Response:
    who, console = await viewer_of(request), request.app[CONSOLE]
    script_id = request.match_info["script"]
    sheet = await console.studio.scripts.sheet(script_id)
    history = {each.version: each for each in await console.studio.scripts.history(script_id)}
    if sheet is None:
        raise web.HTTPNotFound
    chosen = id_of(request.query.get("version", "")) or sheet.version
    against = id_of(request.query.get("from", "")) or chosen - 1
    if chosen not in history:
        raise web.HTTPNotFound
    before = history.get(against)
    return render(
        request,
        who,
        "scripts_versions.html",
        status=status,
        sheet=sheet,
        history=list(reversed(history.values())),
        chosen=history[chosen],
        before=before,
        changes=differences(before.script if before else None, history[chosen].script),
        names=await Names.of(console),
        words=TEXTS,
        wrong=wrong,
    )
