"""Which intents are there, and how do their examples change? As drafts, until somebody puts them into force."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.session import actor_of
from bot.store.content_drafts import DraftOvertaken
from bot.studio.intent_files import NotTaken

MOST_ADDED: Final = 100  # examples at once
LONGEST: Final = 200  # characters of an example
_NAME = re.compile(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff/.-]{0,63}")
_log = structlog.get_logger()


async def intents_page(request: web.Request) -> web.Response:
    """Every intent; `intent` shows the examples of one."""
    return await _page(request, request.query.get("intent", ""))


async def add(request: web.Request) -> web.Response:
    """Examples, one a line, for an intent; a new one where there is none of the name."""
    who, fields = await viewer_of(request), await request.post()
    name, typed = str(fields.get("intent", "")).strip(), str(fields.get("examples", ""))
    texts = [line.strip() for line in typed.splitlines() if line.strip()]
    kept = {"name": name, "examples": typed}
    if not _NAME.fullmatch(name):
        return await _page(request, "", status=422, mistakes={"intent": text("understanding_says.name")}, kept=kept)
    if not texts or len(texts) > MOST_ADDED or max(map(len, texts)) > LONGEST:
        said = text("understanding_says.examples", most=MOST_ADDED, longest=LONGEST)
        return await _page(request, name, status=422, mistakes={"examples": said}, kept=kept)
    try:
        await request.app[CONSOLE].studio.intents.add(name, texts, by=who.id)
    except (NotTaken, DraftOvertaken) as error:
        mistakes = {"examples": text(f"understanding_says.{_reason(error)}")}
        return await _page(request, name, status=422, mistakes=mistakes, kept=kept)
    _log.info("console.examples_added", intent=name, count=len(texts), person=who.id)
    return _see(name)


async def move(request: web.Request) -> web.Response:
    """One example to another intent; `to` empty removes it."""
    who, fields = await viewer_of(request), await request.post()
    name, example, to = (str(fields.get(each, "")) for each in ("intent", "example", "to"))
    intents = request.app[CONSOLE].studio.intents
    try:
        if to:
            await intents.move(name, example, to, by=who.id)
        else:
            await intents.remove(name, example, by=who.id)
    except (NotTaken, DraftOvertaken) as error:
        return await _page(request, name, status=409, wrong=text(f"understanding_says.{_reason(error)}"))
    return _see(name)


async def publish(request: web.Request) -> web.Response:
    """The drafts become what is learned from."""
    try:
        await request.app[CONSOLE].studio.intents.publish(by=actor_of(request))
    except NotTaken as error:
        return await _page(request, "", status=409, wrong=text(f"understanding_says.{_reason(error)}"))
    return _see("")


async def discard(request: web.Request) -> web.Response:
    """Forget the drafts."""
    await request.app[CONSOLE].studio.intents.discard()
    return _see("")


async def _page(
    request: web.Request,
    intent: str,
    *,
    status: int = 200,
    wrong: str = "",
    mistakes: dict[str, str] | None = None,
    kept: dict[str, str] | None = None,
) -> web.Response:
    console = request.app[CONSOLE]
    book = await console.studio.intents.book()
    return render(
        request,
        await viewer_of(request),
        "understanding_intents.html",
        status=status,
        book=book,
        chosen=book.named(intent),
        wrong=wrong,
        mistakes=mistakes or {},
        kept=kept or {"name": intent, "examples": ""},
        names=await Names.of(console),
    )


def _reason(error: NotTaken | DraftOvertaken) -> str:
    return error.reason if isinstance(error, NotTaken) else "overtaken"


def _see(intent: str) -> web.Response:
    query = f"?{urlencode({'intent': intent})}" if intent else ""
    return web.Response(status=303, headers={"Location": f"/console/understanding{query}"})
