"""What would one customer be told, now and with the drafts? Two chats with the same messages."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.console.console import CONSOLE
from bot.console.trial.drawn import draw, not_tried
from bot.console.understanding.trying import LONGEST, customer_in
from bot.content.minds import NotReady
from bot.content.problems import PackBroken
from bot.studio.pack_mind import PackGone
from bot.studio.trial import MOST_MESSAGES

TALK: Final = "trial_talk.html"


async def trial_page(request: web.Request) -> web.Response:
    """Before the first message."""
    fields = {"pack": request.query.get("pack", "")[:64]}
    return await draw(request, TALK, fields, messages=(), pairs=())


async def say(request: web.Request) -> web.Response:
    """One more message of the same conversation: all of it is played anew, for nothing of it is kept."""
    posted = await request.post()
    fields = {name: str(value) for name, value in posted.items()}
    messages = [str(each)[:LONGEST] for each in posted.getall("said", [])][-MOST_MESSAGES:]
    typed = fields.get("text", "").strip()[:LONGEST]
    if typed:
        messages = [*messages, typed][-MOST_MESSAGES:]
    try:
        pairs = await request.app[CONSOLE].studio.trial.talk(customer_in(fields), messages, pack=fields.get("pack", ""))
    except (NotReady, PackBroken, PackGone) as error:
        status, said = not_tried(error)
        return await draw(request, TALK, fields, status=status, wrong=said, messages=messages, pairs=())
    return await draw(request, TALK, fields, messages=messages, pairs=pairs)
