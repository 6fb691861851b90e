"""What does an agent see? The list, a ticket's page, and the same as fragments for pages that are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import aiohttp_jinja2
from aiohttp import web

from bot.console.access import Viewer, id_of, ticket_for, viewer_of
from bot.console.catalogue import TEXTS, text_or
from bot.console.console import CONSOLE, Console
from bot.console.keys_pages import sheet_of
from bot.console.list_state import ListState
from bot.console.login import csrf_token
from bot.console.mentions import notices_of
from bot.console.names import Names
from bot.console.page import render
from bot.console.rows import Listed, lists, ticket_row
from bot.console.seeing import read_thread
from bot.console.session import session_of
from bot.console.thread_view import thread_view
from bot.console.ticket_private import private_fields
from bot.console.ticket_view import ticket_view
from bot.desk_list import PAGE, Who
from handoff import Refusal, Ticket

LONGEST_WORDS: Final = 2000  # characters an agent may say at once; the channel splits them


async def list_page(request: web.Request) -> web.Response:
    """Her tickets, who waits, or all of her teams."""
    who = await viewer_of(request)
    return render(request, who, "list.html", sheet=await sheet_of(request, who), **await _frame(request, who))


async def ticket_page(request: web.Request) -> web.Response:
    """One ticket with what was said, beside the list."""
    who = await viewer_of(request)
    ticket = await ticket_for(request, who, int(request.match_info["ticket"]))
    thread = await _thread(request, who, ticket, looks=True)
    frame = await _frame(request, who, current=ticket.id) | {"sheet": await sheet_of(request, who)}
    return render(request, who, "ticket.html", **frame, **thread)


async def list_fragment(request: web.Request) -> web.Response:
    """The list alone. ?current= the ticket whose page asks."""
    who = await viewer_of(request)
    context = await _frame(request, who, current=id_of(request.query.get("current", "")))
    return _fragment(request, "list_fragment.html", context)


async def rows_fragment(request: web.Request) -> web.Response:
    """Those of ?tickets= that she may see, each as a row of the list. ?current= as in the list."""
    who, console = await viewer_of(request), request.app[CONSOLE]
    state, current = ListState.of(request.query), id_of(request.query.get("current", ""))
    ids = [found for each in request.query.get("tickets", "").split(",")[:PAGE] if (found := id_of(each)) is not None]
    tickets = await console.workbench.tickets(ids)
    known = await console.window.listing.known(seen_by(who), [each for each in tickets if who.may_read(each)])
    names = await Names.of(console)
    rows = [ticket_row(each, who, names, current=current, known=known) for each in known.tickets]
    return _fragment(request, "rows_fragment.html", {"rows": rows, "address": state.address()})


async def thread_fragment(request: web.Request) -> web.Response:
    """A conversation's thread alone. ?ticket= one of its tickets; without it, the one that is open now.

    ?seen=1: she has the page before her. ?read=: the entry up to which she had read when she opened it.
    """
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
    read = id_of(request.query.get("read", ""))
    context = await _thread(request, who, ticket, looks=request.query.get("seen") == "1", read=read)
    return _fragment(request, "thread_fragment.html", _common(request, who) | context)


def seen_by(who: Viewer) -> Who:
    """Whose list the store is asked for."""
    return Who(who.agent_id, who.sees, who.regions, who.id)


def _fragment(request: web.Request, template: str, context: dict[str, Any]) -> web.Response:
    console = request.app[CONSOLE]
    csrf = csrf_token(console.secret, session_of(request))
    return aiohttp_jinja2.render_template(template, request, context | {"csrf": csrf})


def _common(request: web.Request, who: Viewer) -> dict[str, Any]:
    console = request.app[CONSOLE]
    return {
        "me": who.agent,
        "supervisor": bool(who.led),
        "statuses": TEXTS["statuses"],
        "priorities": TEXTS["priorities"],
        "longest_words": LONGEST_WORDS,
        "refused": _refused(request, console),
        "back": request.path,
    }


async def _frame(request: web.Request, who: Viewer, *, current: int | None = None) -> dict[str, Any]:
    console, state = request.app[CONSOLE], ListState.of(request.query)
    whole = await console.window.listing.whole(
        seen_by(who),
        state.wanted,
        chosen=state.chosen,
        since=_midnight(console),
        after=state.after,
        limit=PAGE * state.pages,
    )
    names = await Names.of(console)
    listed = Listed(
        state=replace(state, wanted=whole.wanted),
        page=whole.page,
        counts=whole.counts,
        offers=whole.offers,
        offered=whole.offered,
        tags=tuple(console.tickets.tags.rules().by_name),
    )
    shown = {"lists": lists(who, listed, names, current=current), "mentions": notices_of(whole.mentions, names)}
    return _common(request, who) | shown


def _midnight(console: Console) -> datetime:
    """When the shop's day began."""
    return console.now().astimezone(console.tz).replace(hour=0, minute=0, second=0, microsecond=0)


async def _thread(
    request: web.Request, who: Viewer, ticket: Ticket, *, looks: bool, read: int | None = None
) -> dict[str, Any]:
    console = request.app[CONSOLE]
    seen = await read_thread(console, who, ticket, looks=looks, read=read)
    names = await Names.of(console)
    private = private_fields(ticket, who)
    return {"view": thread_view(seen, who, names), "aside": ticket_view(seen, who, names), "private": private}


def _refused(request: web.Request, console: Console) -> str:
    """The words for ?refused=, which an action that changed nothing leaves behind, or ?notice= of one that did."""
    try:
        return console.say(f"refusals.{Refusal(request.query.get('refused', ''))}")
    except ValueError:
        return text_or("notices", request.query.get("notice", ""), "")
