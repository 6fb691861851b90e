"""What would become different for many customers? Questions pasted, uploaded or of yesterday, each asked twice."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from aiohttp import web

from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.page import uploaded
from bot.console.trial.drawn import draw, not_tried
from bot.console.understanding.trying import LONGEST, customer_in
from bot.content.minds import NotReady
from bot.content.problems import PackBroken
from bot.studio.pack_mind import PackGone
from bot.studio.trial import MOST_ASKED, Batch

_log = structlog.get_logger()


async def batch_page(request: web.Request) -> web.Response:
    """Where questions come from."""
    return await _page(request, {"pack": request.query.get("pack", "")[:64]})


async def ask(request: web.Request) -> web.Response:
    """Ask them, and show what changes."""
    posted = await request.post()
    fields = {name: str(value) for name, value in posted.items() if not isinstance(value, web.FileField)}
    trial, withheld = request.app[CONSOLE].studio.trial, 0
    upload = posted.get("file")
    try:
        if fields.get("from") == "yesterday":
            questions, withheld = await trial.yesterday()
            nothing = text("trial_says.no_yesterday")
        else:
            typed = fields.get("questions", "")
            if isinstance(upload, web.FileField) and upload.filename:
                typed += "\n" + (await uploaded(upload)).decode("utf-8-sig")
            lines = (line.strip().strip('",')[:LONGEST] for line in typed.splitlines())
            questions, nothing = tuple(dict.fromkeys(filter(None, lines))), text("trial_says.no_questions")
    except UnicodeDecodeError:
        return await _page(request, fields, status=422, wrong=text("trial_says.no_text"))
    except NotReady as error:
        status, said = not_tried(error)
        return await _page(request, fields, status=status, wrong=said)
    if not questions:
        return await _page(request, fields, status=422, wrong=nothing, withheld=withheld)
    try:
        found = await trial.ask(customer_in(fields), questions, pack=fields.get("pack", ""))
    except (NotReady, PackBroken, PackGone) as error:
        status, said = not_tried(error)
        return await _page(request, fields, status=status, wrong=said)
    _log.info("console.trial_batch", asked=len(found.pairs), changed=len(found.changed))
    return await _page(request, fields, found=found, left=max(0, len(questions) - MOST_ASKED), withheld=withheld)


async def _page(
    request: web.Request,
    fields: Mapping[str, str],
    *,
    status: int = 200,
    wrong: str = "",
    found: Batch | None = None,
    left: int = 0,
    withheld: int = 0,
) -> web.Response:
    more = {"found": found, "left": left, "withheld": withheld, "most": MOST_ASKED}
    return await draw(request, "trial_batch.html", fields, status=status, wrong=wrong, **more)
