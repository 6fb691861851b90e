"""How is a page of the trial drawn, also where nothing could be tried?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.understanding.trying import CHANNELS
from bot.content.minds import NotReady
from bot.content.problems import PackBroken
from bot.studio.pack_mind import PackGone

WORDS: Final = "scripts_channels"


async def draw(
    request: web.Request,
    template: str,
    fields: Mapping[str, str],
    *,
    status: int = 200,
    wrong: str = "",
    **more: object,
) -> web.Response:
    """The page. fields: the form as it was sent. wrong: what is said above it. more: what this page alone shows."""
    return render(
        request,
        await viewer_of(request),
        template,
        status=status,
        fields=fields,
        wrong=wrong,
        channels=[(each.value, TEXTS[WORDS][each.value]) for each in CHANNELS],
        names=await Names.of(request.app[CONSOLE]),
        words=TEXTS,
        **more,
    )


def not_tried(error: NotReady | PackBroken | PackGone) -> tuple[int, str]:
    """Status and words for content that cannot answer: 503 before there is any, 409 where it is broken or gone."""
    if isinstance(error, PackGone):
        return 409, text("trial_packs.gone")
    if isinstance(error, NotReady):
        return 503, text("trial_says.not_ready")
    return 409, text("trial_says.broken", why=str(error.problems[0]) if error.problems else "")
