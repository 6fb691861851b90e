"""What would one customer be told, now and with the drafts? Two chats with the same messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS, text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.understanding.trying import CHANNELS, LONGEST, customer_in
from bot.content.minds import NotReady
from bot.content.problems import PackBroken
from bot.studio.trial import MOST_MESSAGES, Pair


async def trial_page(request: web.Request) -> web.Response:
    """Before the first message."""
    return await _page(request, {}, [], ())


async def say(request: web.Request) -> web.Response:
    """One more message of the same conversation: all of it is played anew, for nothing of it is kept."""
    posted = await request.post()
    fields = {name: str(value) for name, value in posted.items()}
    messages = [str(each)[:LONGEST] for each in posted.getall("said", [])][-MOST_MESSAGES:]
    typed = fields.get("text", "").strip()[:LONGEST]
    if typed:
        messages = [*messages, typed][-MOST_MESSAGES:]
    try:
        pairs = await request.app[CONSOLE].studio.trial.talk(customer_in(fields), messages)
    except NotReady:
        return await _page(request, fields, messages, (), status=503, wrong=text("trial_says.not_ready"))
    except PackBroken as broken:
        said = text("trial_says.broken", why=str(broken.problems[0]) if broken.problems else "")
        return await _page(request, fields, messages, (), status=409, wrong=said)
    return await _page(request, fields, messages, pairs)


async def _page(
    request: web.Request,
    fields: Mapping[str, str],
    messages: Sequence[str],
    pairs: Sequence[Pair],
    *,
    status: int = 200,
    wrong: str = "",
) -> web.Response:
    return render(
        request,
        await viewer_of(request),
        "trial_talk.html",
        status=status,
        fields=fields,
        messages=messages,
        pairs=pairs,
        wrong=wrong,
        channels=channel_words(),
        names=await Names.of(request.app[CONSOLE]),
        words=TEXTS,
    )


WORDS: Final = "scripts_channels"


def channel_words() -> list[tuple[str, str]]:
    """The channels a customer may be on, with their words."""
    return [(each.value, TEXTS[WORDS][each.value]) for each in CHANNELS]
