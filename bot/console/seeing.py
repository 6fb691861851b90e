"""What of a ticket and its conversation may somebody see? Read, and what is not for her eyes left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.console.access import Viewer
from bot.console.console import Console
from bot.console.thread_view import Seen
from bot.store.engine import read_only
from bot.store.turns import SENT
from handoff import WHISPERED, Attendance, Note, Ticket, TicketEvent

_WATCHING = frozenset({Attendance.WATCHED.value, Attendance.LEFT.value})


async def read_thread(
    console: Console, who: Viewer, ticket: Ticket, *, looks: bool = False, read: int | None = None
) -> Seen:
    """What is shown to her of it. Raises HTTPNotFound.

    looks: she sees it now, as an agent at her desk. read: up to which entry she had seen it before; None: up to where
    she looked last.
    """
    window, bench = console.window, console.workbench
    async with read_only(bench.engine).connect() as connection:  # one for all: a page that wants another would wait
        thread = await bench.thread_in(connection, ticket.conversation_id)
        if thread is None:
            raise web.HTTPNotFound
        is_current = thread.ticket is not None and thread.ticket.id == ticket.id
        events = thread.events if is_current else await bench.handover.desk.events(connection, ticket.id)
        about = await console.tickets.about_in(connection, ticket)
        due = await console.tickets.urgent_in(connection, [ticket])
        sent = [entry.source_id for entry in thread.entries if entry.source == SENT]
        reasons = await window.reasons.of(connection, ticket.conversation_id, sent)
        card = await window.cards.of(connection, ticket.account, ticket.customer)
        rated = await console.tickets.ratings.of(connection, {ticket.id, *(each.id for each in card.tickets)})
    newest = max((entry.id or 0 for entry in thread.entries), default=0)
    before = await window.looks.look(who.agent_id, ticket.conversation_id, newest) if looks and newest else 0
    notes = [note for note in about.notes if _may_read(note, who, ticket)]
    return Seen(
        ticket=ticket,
        thread=thread,
        events=told_to(events, who, ticket, disclosed=console.wall_side.watching.disclosed),
        inline=bench.plans[ticket.account, thread.channel].answering == "inline",
        about=replace(about, notes=notes),
        due=due.get(ticket.id),
        reasons=reasons,
        others=await window.presences.others(ticket.conversation_id, who.agent_id or who.id),
        read=before if read is None else read,
        asks=window.sends.asks,
        card=card,
        ratings=rated,
    )


def told_to(events: Sequence[TicketEvent], who: Viewer, ticket: Ticket, *, disclosed: bool) -> Sequence[TicketEvent]:
    """The history without what is between supervisors, or between a supervisor and one agent."""
    if who.leads(ticket):
        return events
    return [
        event
        for event in events
        if (disclosed or event.kind not in _WATCHING)
        and (event.kind != WHISPERED or event.detail.get("agent") == who.agent_id)
    ]


def _may_read(note: Note, who: Viewer, ticket: Ticket) -> bool:
    return note.whispered_to in {"", who.agent_id} or who.leads(ticket)
