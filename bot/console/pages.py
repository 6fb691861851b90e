"""What does an agent see? The list, a ticket's page, and the same as fragments for pages that are open."""

from __future__ import annotations

from typing import Final

import aiohttp_jinja2
from aiohttp import web

from bot.console.access import Viewer, id_of, ticket_for, viewer_of
from bot.console.catalogue import TEXTS
from bot.console.console import CONSOLE, Console
from bot.console.login import csrf_token
from bot.console.names import Names
from bot.console.reads import history, nicknames
from bot.console.rows import Listed, Lists, lists
from bot.console.session import session_of
from bot.console.thread_view import Seen, thread_view
from bot.console.ticket_private import private_fields
from bot.console.ticket_view import ticket_view
from handoff import Refusal, Ticket

LONGEST_WORDS: Final = 2000  # characters an agent may say at once; the channel splits them


async def list_page(request: web.Request) -> web.Response:
    """My tickets, who waits, the colleagues."""
    who = await viewer_of(request)
    context = await _frame(request, who)
    return aiohttp_jinja2.render_template("list.html", request, context)


async def ticket_page(request: web.Request) -> web.Response:
    """One ticket with what was said, beside the list."""
    who = await viewer_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    context = await _frame(request, who, current=ticket.id) | await _thread(request, who, ticket)
    return aiohttp_jinja2.render_template("ticket.html", request, context)


async def list_fragment(request: web.Request) -> web.Response:
    """The list alone. ?current= the ticket whose page asks."""
    who = await viewer_of(request)
    context = await _frame(request, who, current=id_of(request.query.get("current", "")))
    return aiohttp_jinja2.render_template("list_fragment.html", request, context)


async def thread_fragment(request: web.Request) -> web.Response:
    """A conversation's thread alone. ?ticket= one of its tickets; without it, the one that is open now."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    conversation_id = int(request.match_info["conversation"])
    ticket_id = id_of(request.query.get("ticket", ""))
    if ticket_id is None:
        thread = await console.workbench.thread(conversation_id)
        if thread is None or thread.ticket is None:
            raise web.HTTPNotFound
        ticket_id = thread.ticket.id
    ticket = await ticket_for(request, who, ticket_id)
    if ticket.conversation_id != conversation_id:
        raise web.HTTPNotFound
    context = _common(request, who) | await _thread(request, who, ticket)
    return aiohttp_jinja2.render_template("thread_fragment.html", request, context)


def _common(request: web.Request, who: Viewer) -> dict[str, object]:
    console = request.app[CONSOLE]
    return {
        "shop": console.shop_name(),
        "me": who.agent,
        "my_name": Names.of(console).agent(who.agent_id),
        "supervisor": bool(who.led),
        "csrf": csrf_token(console.secret, session_of(request)),
        "statuses": TEXTS["statuses"],
        "priorities": TEXTS["priorities"],
        "longest_words": LONGEST_WORDS,
        "refused": _refused(request, console),
    }


async def _frame(request: web.Request, who: Viewer, *, current: int | None = None) -> dict[str, object]:
    return _common(request, who) | {"lists": await _lists(request.app[CONSOLE], who, current), "path": request.path}


async def _lists(console: Console, who: Viewer, current: int | None) -> Lists:
    mine, waiting = await console.workbench.mine(who.agent_id), await console.workbench.waiting()
    offers = await console.tickets.offered_to(who.agent_id)
    names = Names.of(console, await nicknames(console.workbench, [*mine, *waiting]))
    listed = Listed(mine, waiting, offers, await console.tickets.urgent([*mine, *waiting]))
    return lists(who, listed, names, current=current)


async def _thread(request: web.Request, who: Viewer, ticket: Ticket) -> dict[str, object]:
    console = request.app[CONSOLE]
    thread = await console.workbench.thread(ticket.conversation_id)
    if thread is None:
        raise web.HTTPNotFound
    is_current = thread.ticket is not None and thread.ticket.id == ticket.id
    events = thread.events if is_current else await history(console.workbench, ticket.id)
    inline = console.workbench.plans[ticket.account, thread.channel].answering == "inline"
    due = await console.tickets.urgent([ticket])
    seen = Seen(
        ticket=ticket,
        thread=thread,
        events=events,
        inline=inline,
        about=await console.tickets.about(ticket),
        due=due.get(ticket.id),
    )
    names = Names.of(console)
    private = private_fields(ticket, who)
    return {"view": thread_view(seen, who, names), "aside": ticket_view(seen, who, names), "private": private}


def _refused(request: web.Request, console: Console) -> str:
    """The words for ?refused=, which an action that changed nothing leaves behind."""
    try:
        return console.say(f"refusals.{Refusal(request.query.get('refused', ''))}")
    except ValueError:
        return ""
