"""Which approved words can she send with one tap? Those found by a few letters, and those for what was asked last."""

from __future__ import annotations

from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.console.access import ticket_for, viewer_of
from bot.console.actions import form_of
from bot.console.console import CONSOLE
from bot.console.helps import RECENT, suggested
from bot.console.sidebar.customer import external_id
from bot.console.sidebar.shell import app_of
from bot.console.sidebar.ticketless import is_ticketless, words_of
from bot.domain import ChannelKind
from bot.store.engine import read_only

_LONGEST: Final = 64


async def find(request: web.Request) -> web.Response:
    """The scripts that ?q= means."""
    app_of(request)
    typed = request.query.get("q", "").strip()[:_LONGEST]
    found = await request.app[CONSOLE].window.scripts.find(typed, ChannelKind.WECOM_KF) if typed else ()
    return aiohttp_jinja2.render_template("sidebar_words.html", request, {"found": found, "typed": typed})


async def suggest_ticketless(request: web.Request) -> web.Response:
    """The same for a customer without any ticket, `id` in the form; HTTPForbidden for who may not see her words."""
    who, account, console = await viewer_of(request), app_of(request).account, request.app[CONSOLE]
    customer = external_id(await form_of(request))
    async with read_only(console.workbench.engine).connect() as connection:
        card = await console.window.cards.of(connection, account, customer)
    if not await is_ticketless(console, card, account, customer):
        raise web.HTTPForbidden
    words = await words_of(console, who, card, account, customer)
    if words is None:
        raise web.HTTPForbidden
    said = [each.text for each in words if each.text]
    found = await console.window.scripts.suggest(
        said[-1] if said else "", ChannelKind.WECOM_KF, recent=said[-1 - RECENT : -1]
    )
    return aiohttp_jinja2.render_template("sidebar_words.html", request, {"found": found, "typed": ""})


async def suggest(request: web.Request) -> web.Response:
    """What could be said to what the customer wrote last."""
    app_of(request)
    who = await viewer_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    found = await suggested(request.app[CONSOLE], ticket)
    return aiohttp_jinja2.render_template("sidebar_words.html", request, {"found": found, "typed": ""})
