"""What of this customer may this agent see beside the chat? Her card; or in words why not, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp_jinja2
import structlog
from aiohttp import web

from bot.console.access import Viewer, viewer_of
from bot.console.actions import form_of
from bot.console.console import CONSOLE, Console
from bot.console.login import csrf_token
from bot.console.names import Names
from bot.console.session import session_of
from bot.console.sidebar.shell import app_of
from bot.console.sidebar.ticketless import is_ticketless, ticketless_view, words_of
from bot.console.sidebar.view import MOST_TICKETS, Seen, card_view
from bot.console.ticket_private import private_fields
from bot.customer_card import CustomerCard
from bot.sidebar import PATH
from bot.store.engine import read_only
from handoff import Ticket

_EXTERNAL: Final = re.compile(r"[A-Za-z0-9_@.-]{1,64}")  # external_userid: at most 64 bytes [W 92114]
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Known:
    """A customer whom the viewer may see. tickets: those she may read, the newest first, of all the customer's names.

    door: the ticket whose conversation is shown: the newest by the way of this chat, else the newest of all.
    """

    card: CustomerCard
    tickets: Sequence[Ticket]
    door: Ticket


def external_id(form: Mapping[str, str]) -> str:
    """What WeCom calls her (external_userid), as `id` of a form. Raises HTTPBadRequest."""
    customer = form.get("id", "")
    if not _EXTERNAL.fullmatch(customer):
        raise web.HTTPBadRequest
    return customer


async def show(request: web.Request) -> web.Response:
    """The customer of the chat."""
    customer = external_id(await form_of(request))
    return await shown(request, await viewer_of(request), customer)


async def shown(request: web.Request, who: Viewer, customer: str) -> web.Response:
    """The part of the page that tells of her; 404 where nobody has that id, 403 where she is not for these eyes.

    Whoever never had a ticket is shown as `ticketless` has it.
    """
    console, account = request.app[CONSOLE], app_of(request).account
    async with read_only(console.workbench.engine).connect() as connection:
        card = await console.window.cards.of(connection, account, customer)
    known = known_to(who, card, account, customer)
    if known is None and await is_ticketless(console, card, account, customer):
        words = await words_of(console, who, card, account, customer)
        view = ticketless_view(card, account, customer, words, await Names.of(console))
        return aiohttp_jinja2.render_template("sidebar_ticketless.html", request, {"view": view})
    if known is None:
        status = 403 if card.tickets or card.names else 404
        _log.info("console.sidebar_closed", person=who.id, status=status)
        return aiohttp_jinja2.render_template("sidebar_closed.html", request, {"status": status}, status=status)
    context = await _context(request, console, who, known)
    return aiohttp_jinja2.render_template("sidebar_customer.html", request, context | {"customer": customer})


def known_to(who: Viewer, card: CustomerCard, account: str, customer: str) -> Known | None:
    """The customer as far as the viewer may see her: through a ticket she may read. None without one."""
    tickets = [ticket for ticket in card.tickets if who.may_read(ticket)]
    if not tickets:
        return None
    here = [ticket for ticket in tickets if (ticket.account, ticket.customer) == (account, customer)]
    return Known(card, tickets, (here or tickets)[0])


async def _context(request: web.Request, console: Console, who: Viewer, known: Known) -> dict[str, Any]:
    door = known.door
    bench, tickets = console.workbench, known.tickets[:MOST_TICKETS]
    names = await Names.of(console)
    async with read_only(bench.engine).connect() as connection:
        thread = await bench.thread_in(connection, door.conversation_id)
        desk = bench.handover.desk
        seen = Seen(
            card=known.card,
            door=door,
            tickets=tickets,
            more=len(known.tickets) - len(tickets),
            entries=thread.entries if thread is not None else (),
            about=await console.tickets.about_in(connection, door),
            due=await console.tickets.urgent_in(connection, tickets),
            events={ticket.id: await desk.events(connection, ticket.id) for ticket in tickets},
        )
    root = f"{PATH}/{request.match_info['account']}"
    return {
        "view": card_view(seen, names),
        "private": private_fields(door, who, action=f"{root}/tickets/{door.id}/reveal"),
        "csrf": csrf_token(console.secret, session_of(request)),
        "root": root,
    }
