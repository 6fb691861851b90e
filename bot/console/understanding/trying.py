"""What do we make of a message? Typed into a box, shown from its spelling to the words the customer would see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from bot.channels.text import for_understanding
from bot.console.access import viewer_of
from bot.console.catalogue import TEXTS
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.content.minds import NotReady
from bot.domain import ChannelKind
from bot.studio.rehearsal import Customer, Turn
from nlu import tidy

LONGEST: Final = 1_000  # characters of a message
CHANNELS: Final = (ChannelKind.WECOM_KF, ChannelKind.OFFICIAL_ACCOUNT)


def customer_in(fields: Mapping[str, Any]) -> Customer:
    """Who the form says she is. Raises HTTPBadRequest for a channel that is none."""
    try:
        channel = ChannelKind(str(fields.get("channel", CHANNELS[0].value)))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    words = {each: str(fields.get(each, "")).strip()[:64] for each in ("scene", "tags", "region")}
    tags = tuple(each for each in words["tags"].replace("，", " ").replace(",", " ").split() if each)
    return Customer(channel, words["scene"], tags, (words["region"],) if words["region"] else ())


async def try_page(request: web.Request) -> web.Response:
    """The empty box."""
    return await _page(request, {}, None)


async def try_out(request: web.Request) -> web.Response:
    """The message and everything that was made of it; nothing is written."""
    fields = {name: str(value) for name, value in (await request.post()).items()}
    typed = fields.get("text", "").strip()[:LONGEST]
    if not typed:
        return await _page(request, fields, None, status=422)
    trial = request.app[CONSOLE].studio.trial
    try:
        (turn,) = await trial.rehearsal.play(trial.minds.current(), customer_in(fields), [typed])
    except NotReady:
        return await _page(request, fields, None, status=503)
    return await _page(request, fields, turn)


async def _page(
    request: web.Request, fields: Mapping[str, str], turn: Turn | None, *, status: int = 200
) -> web.Response:
    console = request.app[CONSOLE]
    told: list[Mapping[str, Any]] = []
    if turn is not None:
        parts: Any = turn.explanation.get("parts", [])
        told = [turn.explanation, *parts]
    read = for_understanding(turn.text) if turn else ""
    return render(
        request,
        await viewer_of(request),
        "understanding_try.html",
        status=status,
        fields=fields,
        turn=turn,
        told=told,
        read=read,
        tidied=tidy(read),
        channels=[(each.value, TEXTS["scripts_channels"][each.value]) for each in CHANNELS],
        names=await Names.of(console),
        words=TEXTS,
    )
