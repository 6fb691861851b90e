"""What may other programs read? Tickets, transcripts, scripts and queues, with what tells who somebody is masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import handoff
from archive import Archive, Entry
from bot.api.shapes import (
    MessageOut,
    MessagesOut,
    QueueOut,
    QueuesOut,
    ScriptOut,
    ScriptsOut,
    TicketEventOut,
    TicketOut,
    TicketsAsked,
    TicketsOut,
    TicketWhole,
)
from bot.masking import mask
from bot.store.engine import read_only
from handoff import Desk, Refused, Ticket, TicketState
from knowledge_base import Script

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class ApiReads:
    """The reads behind the API, and the one thing it may write. scripts: every script of the shop."""

    engine: AsyncEngine
    desk: Desk
    tables: handoff.Tables
    archive: Archive
    scripts: Callable[[AsyncConnection], Awaitable[Sequence[Script]]]

    async def tickets(self, asked: TicketsAsked) -> TicketsOut:
        """A page of tickets, the newest first."""
        state = TicketState(asked.state) if asked.state else None
        async with read_only(self.engine).connect() as connection:
            found = await self.desk.newest_tickets(
                connection, state=state, team=asked.team, before=asked.after, limit=asked.limit + 1
            )
        page = found[: asked.limit]
        return TicketsOut(items=list(map(_ticket, page)), next=page[-1].id if len(found) > len(page) else None)

    async def ticket(self, ticket_id: int) -> TicketWhole | None:
        """One ticket with its history; None if there is none of this id."""
        async with read_only(self.engine).connect() as connection:
            ticket = await self.desk.ticket(connection, ticket_id)
            if ticket is None:
                return None
            events = await self.desk.events(connection, ticket_id)
        history = [TicketEventOut(id=e.id, at=e.at, kind=e.kind, by=e.by, cause=e.cause) for e in events]
        return TicketWhole(**_ticket(ticket).model_dump(), events=history)

    async def note(self, ticket_id: int, *, by: str, text: str) -> bool:
        """Write a note for colleagues; False if there is no such ticket."""
        async with self.engine.begin() as connection:
            return not isinstance(await self.desk.note(connection, ticket_id, by=by, text=text), Refused)

    async def messages(self, conversation_id: int, *, after: int, limit: int) -> MessagesOut:
        """A page of a conversation's transcript, oldest first; empty where there is no such conversation."""
        async with read_only(self.engine).connect() as connection:
            found = await self.archive.following(connection, after, conversation_id=conversation_id, limit=limit + 1)
        page = found[:limit]
        return MessagesOut(items=list(map(_message, page)), next=page[-1].id if len(found) > len(page) else None)

    async def live_scripts(self, *, after: str, limit: int) -> ScriptsOut:
        """A page of the scripts that may be said, by id."""
        async with read_only(self.engine).connect() as connection:
            every = await self.scripts(connection)
        live = sorted((each for each in every if each.state == "live" and each.id > after), key=lambda each: each.id)
        page = live[:limit]
        items = [
            ScriptOut(
                id=each.id,
                title=each.title,
                category=list(each.category),
                questions=list(each.questions),
                answers=dict(each.answers),
            )
            for each in page
        ]
        return ScriptsOut(items=items, next=page[-1].id if len(live) > len(page) else None)

    async def queues(self) -> QueuesOut:
        """Who waits, by team."""
        async with read_only(self.engine).connect() as connection:
            backlog = await handoff.read_backlog(connection, self.tables)
            waiting = await self.desk.waiting(connection, None)
        oldest = {
            team: min((ticket.queued_at or ticket.opened_at for ticket in waiting if ticket.team == team), default=None)
            for team in backlog.waiting
        }
        return QueuesOut(
            items=[QueueOut(team=team, waiting=n, oldest_at=oldest[team]) for team, n in backlog.waiting.items()]
        )


def _ticket(ticket: Ticket) -> TicketOut:
    return TicketOut(
        id=ticket.id,
        conversation_id=ticket.conversation_id,
        account=ticket.account,
        channel=ticket.channel,
        team=ticket.team,
        agent=ticket.agent,
        state=ticket.state.value,
        priority=ticket.priority,
        type=ticket.type,
        reason=ticket.reason,
        rule=ticket.rule,
        asked=mask(ticket.summary.asked),
        outcome=ticket.outcome,
        opened_at=ticket.opened_at,
        assigned_at=ticket.assigned_at,
        first_response_at=ticket.first_response_at,
        closed_at=ticket.closed_at,
    )


def _message(entry: Entry) -> MessageOut:
    return MessageOut(
        id=entry.id or 0,
        at=entry.at,
        voice=entry.voice.value,
        text="" if entry.recalled else mask(entry.text),
        recalled=entry.recalled,
    )
