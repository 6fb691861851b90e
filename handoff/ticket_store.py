"""Where are tickets and their history kept, and how are they read back?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import Tables
from handoff.tickets import (
    Assignment,
    NewTicket,
    Owner,
    Ticket,
    TicketEvent,
    TicketState,
    summary_from_json,
    summary_to_json,
)


class TicketStore:
    """Reads and writes tickets, ticket_events and assignment_log."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def insert(self, connection: AsyncConnection, new: NewTicket, at: datetime) -> Ticket:
        """Write an open ticket; the caller has made sure that the conversation has none."""
        verdict = new.verdict
        written = await connection.execute(
            insert(self._tables.tickets)
            .values(
                conversation_id=new.conversation_id,
                account=new.account,
                channel=new.channel,
                customer=new.customer,
                team=verdict.team,
                priority=verdict.priority,
                reason=verdict.reason,
                rule=verdict.rule,
                signals=list(verdict.signals),
                summary=summary_to_json(new.summary),
                type=verdict.type,
                source=new.source,
                region=new.region,
                skills=list(verdict.skills),
                sla=verdict.sla,
                facts=dict(new.facts) or None,
                state=TicketState.OPEN.value,
                opened_at=at,
            )
            .returning(self._tables.tickets)
        )
        return _ticket(written.one())

    async def change(self, connection: AsyncConnection, ticket_id: int, values: Mapping[str, object]) -> Ticket:
        """Set columns of a ticket that this transaction's move of its conversation has made ours."""
        table = self._tables.tickets
        changed = await connection.execute(
            update(table).where(table.c.id == ticket_id).values(dict(values)).returning(table)
        )
        return _ticket(changed.one())

    async def get(self, connection: AsyncConnection, ticket_id: int) -> Ticket:
        """The ticket that a conversation points to. Raises sqlalchemy.exc.NoResultFound if it is not there."""
        table = self._tables.tickets
        return _ticket((await connection.execute(select(table).where(table.c.id == ticket_id))).one())

    async def find(
        self, connection: AsyncConnection, *conditions: ColumnElement[bool], limit: int | None = None
    ) -> tuple[Ticket, ...]:
        """Tickets that meet the conditions, most urgent and longest waiting first."""
        c = self._tables.tickets.c
        query = select(self._tables.tickets).where(*conditions).order_by(c.priority, c.opened_at, c.id).limit(limit)
        return tuple(map(_ticket, await connection.execute(query)))

    async def note(
        self,
        connection: AsyncConnection,
        *,
        ticket_id: int,
        at: datetime,
        kind: str,
        by: str,
        cause: str,
        detail: Mapping[str, object],
    ) -> None:
        """Append to a ticket's history."""
        await connection.execute(
            insert(self._tables.ticket_events).values(
                ticket_id=ticket_id, at=at, kind=kind, by=by, cause=cause, detail=dict(detail)
            )
        )

    async def log(self, connection: AsyncConnection, assignment: Assignment) -> None:
        """Append to the log of owners."""
        await connection.execute(
            insert(self._tables.assignment_log).values(
                conversation_id=assignment.conversation_id,
                version=assignment.version,
                from_owner=assignment.from_owner.value,
                to_owner=assignment.to_owner.value,
                agent=assignment.agent,
                team=assignment.team,
                cause=assignment.cause,
                candidates=list(assignment.candidates),
                exclusions=dict(assignment.exclusions),
                reason=assignment.reason,
                at=assignment.at,
            )
        )

    async def events(self, connection: AsyncConnection, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        table = self._tables.ticket_events
        rows = await connection.execute(select(table).where(table.c.ticket_id == ticket_id).order_by(table.c.id))
        return tuple(
            TicketEvent(row.id, row.ticket_id, row.at, row.kind, row.by, row.cause, row.detail) for row in rows
        )

    async def assignments(self, connection: AsyncConnection, conversation_id: int) -> tuple[Assignment, ...]:
        """Each change of owner of a conversation, oldest first."""
        table = self._tables.assignment_log
        rows = await connection.execute(
            select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.version)
        )
        return tuple(map(_assignment, rows))


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        conversation_id=row.conversation_id,
        account=row.account,
        channel=row.channel,
        customer=row.customer,
        team=row.team,
        priority=row.priority,
        reason=row.reason,
        rule=row.rule,
        signals=tuple(row.signals),
        summary=summary_from_json(row.summary),
        state=TicketState(row.state),
        agent=row.agent,
        outcome=row.outcome,
        opened_at=row.opened_at,
        assigned_at=row.assigned_at,
        closed_at=row.closed_at,
    )


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        conversation_id=row.conversation_id,
        version=row.version,
        from_owner=Owner(row.from_owner),
        to_owner=Owner(row.to_owner),
        agent=row.agent,
        team=row.team,
        cause=row.cause,
        candidates=tuple(row.candidates),
        exclusions=row.exclusions,
        reason=row.reason,
        at=row.at,
    )
