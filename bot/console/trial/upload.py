"""How does a content pack come to be tried? A zip, checked, kept for a day, and asked beside what is live."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

import structlog
from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.page import uploaded
from bot.console.session import PATH
from bot.console.trial.drawn import draw
from bot.console.trial.talk import TALK
from bot.content.problems import PackBroken
from bot.studio.pack_upload import UploadRefused

MOST_SHOWN: Final = 5  # mistakes of a pack
_log = structlog.get_logger()


async def take(request: web.Request) -> web.Response:
    """Take the zip: to the trial with it, or 422 with what is wrong."""
    who, file = await viewer_of(request), (await request.post()).get("file")
    if not isinstance(file, web.FileField) or not file.filename:
        return await _refused(request, text("trial_packs.none"))
    try:
        mark = await request.app[CONSOLE].studio.trial.packs.take(await uploaded(file), by=who.id)
    except UploadRefused as refused:
        return await _refused(request, text(f"trial_packs.{refused.why}"))
    except PackBroken as broken:
        lines = [f"{PurePath(each.file).name}:{each.line} {each.chinese}" for each in broken.problems[:MOST_SHOWN]]
        return await _refused(request, text("trial_packs.broken", why="；".join(lines)))
    _log.info("console.trial_pack", person=who.id, pack=mark[:12])
    return web.Response(status=303, headers={"Location": f"{PATH}/trial?pack={mark}"})


async def _refused(request: web.Request, wrong: str) -> web.Response:
    return await draw(request, TALK, {}, status=422, wrong=wrong, messages=(), pairs=())
