"""What do customers ask that no script answers, and what is done about it?"""

from __future__ import annotations

from typing import Final

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.login import csrf_token
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import session_of
from bot.content.minds import NotReady
from bot.studio.gaps import OpenGap
from knowledge_base import Overtaken

MOST_SHOWN: Final = 50
EXAMPLES: Final = 4
_PATH: Final = "/console/gaps"
_log = structlog.get_logger()


async def gaps_page(request: web.Request) -> web.Response:
    """The frame; the groups follow, for finding them may take a while. `list` shows them at once."""
    anew, wrong = "anew" in request.query, request.query.get("wrong", "")
    said = text(f"gaps_says.{wrong}") if wrong in ("gone", "no_script", "overtaken") else ""
    return render(request, await viewer_of(request), "gaps_page.html", anew=anew, said=said)


async def gaps_list(request: web.Request) -> web.Response:
    """The groups; a fragment."""
    console = request.app[CONSOLE]
    try:
        found = await console.studio.gaps.found(anew="anew" in request.query)
    except NotReady:
        found = None
    context = {
        "found": found,
        "most": MOST_SHOWN,
        "examples": EXAMPLES,
        "names": await Names.of(console),
        "csrf": csrf_token(console.secret, session_of(request)),
    }
    return aiohttp_jinja2.render_template("gaps_list.html", request, context)


async def draft(request: web.Request) -> web.Response:
    """The group becomes a draft, whose page opens: the answer is written there."""
    who, gap = await viewer_of(request), await _gap(request)
    if gap is None:
        return _see(f"{_PATH}?wrong=gone")
    script_id = await request.app[CONSOLE].studio.gaps.draft(gap, by=who.id)
    _log.info("console.gap_drafted", script=script_id, person=who.id)
    return _see(f"/console/scripts/s/{script_id}")


async def merge(request: web.Request) -> web.Response:
    """Its questions are added to a script, whose page opens."""
    who, gap = await viewer_of(request), await _gap(request)
    if gap is None:
        return _see(f"{_PATH}?wrong=gone")
    script_id = str((await request.post()).get("script", "")).strip()
    try:
        if not await request.app[CONSOLE].studio.gaps.merge(gap, script_id, by=who.id):
            return _see(f"{_PATH}?wrong=no_script")
    except Overtaken:
        return _see(f"{_PATH}?wrong=overtaken")
    _log.info("console.gap_merged", script=script_id, person=who.id)
    return _see(f"/console/scripts/s/{script_id}")


async def settle(request: web.Request) -> web.Response:
    """It is no question for a script."""
    who, gap = await viewer_of(request), await _gap(request)
    if gap is not None:
        await request.app[CONSOLE].studio.gaps.settle(gap, by=who.id)
        _log.info("console.gap_settled", person=who.id)
    return _see(_PATH)


async def _gap(request: web.Request) -> OpenGap | None:
    return (await request.app[CONSOLE].studio.gaps.found()).named(request.match_info["gap"])


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
