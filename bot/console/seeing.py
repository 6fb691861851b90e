"""What of a ticket and its conversation may somebody see? Read, and what is not for her eyes left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from bot.console.access import Viewer
from bot.console.console import Console
from bot.console.reads import history
from bot.console.thread_view import Seen
from handoff import WHISPERED, Attendance, Note, Ticket, TicketEvent

_WATCHING = frozenset({Attendance.WATCHED.value, Attendance.LEFT.value})


async def read_thread(console: Console, who: Viewer, ticket: Ticket) -> Seen:
    """What is shown to her of it. Raises HTTPNotFound."""
    thread = await console.workbench.thread(ticket.conversation_id)
    if thread is None:
        raise web.HTTPNotFound
    is_current = thread.ticket is not None and thread.ticket.id == ticket.id
    events = thread.events if is_current else await history(console.workbench, ticket.id)
    about, due = await console.tickets.about(ticket), await console.tickets.urgent([ticket])
    notes = [note for note in about.notes if _may_read(note, who, ticket)]
    return Seen(
        ticket=ticket,
        thread=thread,
        events=told_to(events, who, ticket, disclosed=console.wall_side.watching.disclosed),
        inline=console.workbench.plans[ticket.account, thread.channel].answering == "inline",
        about=replace(about, notes=notes),
        due=due.get(ticket.id),
    )


def told_to(events: Sequence[TicketEvent], who: Viewer, ticket: Ticket, *, disclosed: bool) -> Sequence[TicketEvent]:
    """The history without what is between supervisors, or between a supervisor and one agent."""
    if who.leads(ticket):
        return events
    return [
        event
        for event in events
        if (disclosed or event.kind not in _WATCHING)
        and (event.kind != WHISPERED or event.detail.get("agent") == who.agent.id)
    ]


def _may_read(note: Note, who: Viewer, ticket: Ticket) -> bool:
    return note.whispered_to in {"", who.agent.id} or who.leads(ticket)
