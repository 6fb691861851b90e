"""Which approved words can she send with one tap? Those found by a few letters, and those for what was asked last."""

from __future__ import annotations

from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.console.access import ticket_for, viewer_of
from bot.console.console import CONSOLE
from bot.console.helps import suggested
from bot.console.sidebar.shell import app_of
from bot.domain import ChannelKind

_LONGEST: Final = 64


async def find(request: web.Request) -> web.Response:
    """The scripts that ?q= means."""
    app_of(request)
    typed = request.query.get("q", "").strip()[:_LONGEST]
    found = await request.app[CONSOLE].window.scripts.find(typed, ChannelKind.WECOM_KF) if typed else ()
    return aiohttp_jinja2.render_template("sidebar_words.html", request, {"found": found, "typed": typed})


async def suggest(request: web.Request) -> web.Response:
    """What could be said to what the customer wrote last."""
    app_of(request)
    who = await viewer_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    found = await suggested(request.app[CONSOLE], ticket)
    return aiohttp_jinja2.render_template("sidebar_words.html", request, {"found": found, "typed": ""})
