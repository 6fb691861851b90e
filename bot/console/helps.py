"""What helps an agent while she writes and moves about? Scripts by letters, suggestions, and where to go by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import aiohttp_jinja2
from aiohttp import web

from archive import Voice
from bot.console.access import id_of, viewer_of
from bot.console.actions import acting
from bot.console.console import CONSOLE, Console
from bot.console.names import Names
from bot.console.pages import seen_by
from bot.console.rows import ticket_row
from bot.domain import ChannelKind
from bot.script_desk import Words
from bot.store.engine import read_only
from handoff import Ticket

RECENT: Final = 3  # messages before the question that it may lean on
_FOUND: Final = 8  # customers
_LONGEST: Final = 64


async def scripts(request: web.Request) -> web.Response:
    """The scripts that ?q= means, as options of a list."""
    console, _, ticket = await acting(request)
    typed = request.query.get("q", "")[:_LONGEST]
    found = await console.window.scripts.find(typed, ChannelKind(ticket.channel))
    return aiohttp_jinja2.render_template("script_options.html", request, {"found": found})


async def suggestions(request: web.Request) -> web.Response:
    """What could be said to what the customer wrote last."""
    console, _, ticket = await acting(request)
    found = await suggested(console, ticket)
    return aiohttp_jinja2.render_template("suggestions.html", request, {"found": found})


async def suggested(console: Console, ticket: Ticket) -> Sequence[Words]:
    """Scripts for what the customer wrote last, the likeliest first."""
    bench = console.workbench
    async with read_only(bench.engine).connect() as connection:
        entries = await bench.archive.transcript(connection, ticket.conversation_id)
        worn = await console.tickets.tags.of(connection, (ticket.account, ticket.customer))
    said = [each.text for each in entries if each.voice is Voice.CUSTOMER and each.text and not each.recalled]
    if not said:
        return ()
    tags = [tag.name for tag in worn if tag.state.is_worn]
    return await console.window.scripts.suggest(
        said[-1], ChannelKind(ticket.channel), recent=said[-1 - RECENT : -1], tags=tags
    )


async def find(request: web.Request) -> web.Response:
    """Tickets by number, and customers by the beginning of their name: those that she may see."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    asked = request.query.get("q", "").strip()[:_LONGEST]
    number = id_of(asked.lstrip("#＃"))
    ticket = await console.workbench.ticket(number) if number is not None else None
    tickets = [ticket] if ticket is not None else []
    if asked and number is None:
        tickets += await console.window.cards.named(asked, limit=_FOUND)
    may = [each for each in tickets if who.may_read(each)]
    known, names = await console.window.listing.known(seen_by(who), may), await Names.of(console)
    rows = [ticket_row(each, who, names, known=known) for each in may]
    return aiohttp_jinja2.render_template("found.html", request, {"rows": rows})
