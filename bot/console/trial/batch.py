"""What would become different for many customers? Questions pasted, uploaded or of yesterday, each asked twice."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render, uploaded
from bot.console.trial.talk import channel_words
from bot.console.understanding.trying import LONGEST, customer_in
from bot.content.minds import NotReady
from bot.content.problems import PackBroken
from bot.studio.trial import MOST_ASKED, Batch

_log = structlog.get_logger()


async def batch_page(request: web.Request) -> web.Response:
    """Where questions come from."""
    return await _page(request, {})


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
    except NotReady:
        return await _page(request, fields, status=503, wrong=text("trial_says.not_ready"))
    if not questions:
        return await _page(request, fields, status=422, wrong=nothing, withheld=withheld)
    try:
        found = await trial.ask(customer_in(fields), questions)
    except (NotReady, PackBroken) as error:
        said = (
            text("trial_says.not_ready") if isinstance(error, NotReady) else text("trial_says.broken", why=str(error))
        )
        return await _page(request, fields, status=409, wrong=said)
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
    return render(
        request,
        await viewer_of(request),
        "trial_batch.html",
        status=status,
        fields=fields,
        wrong=wrong,
        found=found,
        left=left,
        withheld=withheld,
        most=MOST_ASKED,
        channels=channel_words(),
        names=await Names.of(request.app[CONSOLE]),
        words=TEXTS,
    )
