"""Where are tickets and their history kept, and how are they read back?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from handoff.lifecycle import Move, allowed_from, leads_to
from handoff.replay import SET, as_json
from handoff.tables import Tables
from handoff.ticket_rows import REGION_SEPARATOR, assignment_of, ticket_of
from handoff.tickets import Assignment, NewTicket, Ticket, TicketEvent, TicketState, summary_to_json


@dataclass(frozen=True, slots=True)
class Entry:
    """What the history says of a change: who did it, why, and what besides the columns it set is worth knowing."""

    at: datetime
    kind: str
    by: str
    cause: str
    detail: Mapping[str, object] = field(default_factory=dict)


class TicketStore:
    """Reads and writes tickets, ticket_events and assignment_log. No ticket changes without an event."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        tickets, c = tables.tickets, tables.tickets.c
        # Statements of each move, built once: building one costs more than running it.
        self._get = select(tickets).where(c.id == bindparam("p_id"))
        self._insert = insert(tickets).returning(tickets)
        self._change = update(tickets).where(c.id == bindparam("p_id")).returning(tickets)
        self._move = {move: self._change.where(_is_one_of(c.state, allowed_from(move))) for move in Move}
        self._move_from = {
            (move, state): self._change.where(c.state == state.value) for move in Move for state in allowed_from(move)
        }
        self._log = insert(tables.assignment_log)
        self._event = insert(tables.ticket_events)

    async def insert(self, connection: AsyncConnection, new: NewTicket, entry: Entry) -> Ticket:
        """Write an open ticket; the caller has made sure that the conversation has none."""
        verdict = new.verdict
        values = {
            "conversation_id": new.conversation_id,
            "account": new.account,
            "channel": new.channel,
            "customer": new.customer,
            "team": verdict.team,
            "priority": verdict.priority,
            "reason": verdict.reason,
            "rule": verdict.rule,
            "signals": list(verdict.signals),
            "summary": summary_to_json(new.summary),
            "type": verdict.type,
            "source": new.source,
            "region": REGION_SEPARATOR.join(new.region),
            "sla": verdict.sla,
            "state": TicketState.OPEN.value,
            "opened_at": entry.at,
            "queued_at": entry.at,
            # What is not there is left out, for NULL: None would be kept as JSON's null.
            **({"skills": list(verdict.skills)} if verdict.skills else {}),
            **({"facts": dict(new.facts)} if new.facts is not None else {}),
            **({"card": dict(new.card)} if new.card is not None else {}),
        }
        row = (await connection.execute(self._insert, values)).one()
        await self._note(connection, row, entry, tuple(self._tables.tickets.c.keys()))
        return ticket_of(row)

    async def move(
        self,
        connection: AsyncConnection,
        ticket_id: int,
        move: Move,
        values: Mapping[str, object],
        entry: Entry,
        *conditions: ColumnElement[bool],
        state: TicketState | None = None,
    ) -> Ticket | None:
        """Change its state and more with it; None, and nothing is changed, if its state does not allow that.

        state: only from this one; None: from each that allows it.
        """
        statement = self._move[move] if state is None else self._move_from[move, state]
        given = {**values, "state": leads_to(move).value}
        asked = statement.where(*conditions) if conditions else statement  # a copy would be compiled or looked up anew
        return await self._set(connection, asked, ticket_id, given, entry)

    async def change(
        self,
        connection: AsyncConnection,
        ticket_id: int,
        values: Mapping[str, object],
        entry: Entry,
        *conditions: ColumnElement[bool],
    ) -> Ticket | None:
        """Set columns and say so in the history; None, and nothing is changed, if a condition does not hold."""
        return await self._set(connection, self._change.where(*conditions), ticket_id, values, entry)

    async def note(self, connection: AsyncConnection, entries: Sequence[tuple[int, Entry]]) -> None:
        """Append to the histories of tickets what changed no column of theirs."""
        if entries:
            rows = [_event(ticket_id, entry, {}) for ticket_id, entry in entries]
            await connection.execute(self._event, rows)

    async def find(
        self, connection: AsyncConnection, *conditions: ColumnElement[bool], limit: int | None = None
    ) -> tuple[Ticket, ...]:
        """Tickets that meet the conditions, most urgent and longest waiting first."""
        c = self._tables.tickets.c
        query = select(self._tables.tickets).where(*conditions).order_by(c.priority, c.opened_at, c.id).limit(limit)
        return tuple(map(ticket_of, await connection.execute(query)))

    async def by_age(
        self, connection: AsyncConnection, *conditions: ColumnElement[bool], limit: int
    ) -> tuple[Ticket, ...]:
        """Tickets that meet the conditions, the newest first."""
        c = self._tables.tickets.c
        query = select(self._tables.tickets).where(*conditions).order_by(c.id.desc()).limit(limit)
        return tuple(map(ticket_of, await connection.execute(query)))

    async def newest(self, connection: AsyncConnection, account: str, customer: str, limit: int) -> tuple[Ticket, ...]:
        """A customer's tickets, the newest first."""
        c = self._tables.tickets.c
        hers = select(self._tables.tickets).where(c.account == account, c.customer == customer)
        newest = await connection.execute(hers.order_by(c.opened_at.desc(), c.id.desc()).limit(limit))
        return tuple(map(ticket_of, newest))

    async def get(self, connection: AsyncConnection, ticket_id: int) -> Ticket | None:
        """One ticket; None if there is none of this id."""
        row = (await connection.execute(self._get, {"p_id": ticket_id})).one_or_none()
        return None if row is None else ticket_of(row)

    async def by_id(self, connection: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Ticket]:
        """These tickets."""
        if not ids:
            return {}
        return {each.id: each for each in await self.find(connection, self._tables.tickets.c.id.in_(ids))}

    async def log(self, connection: AsyncConnection, assignment: Assignment) -> None:
        """Append to the log of owners."""
        await connection.execute(
            self._log,
            {
                "conversation_id": assignment.conversation_id,
                "version": assignment.version,
                "from_owner": assignment.from_owner.value,
                "to_owner": assignment.to_owner.value,
                "agent": assignment.agent,
                "team": assignment.team,
                "cause": assignment.cause,
                "candidates": list(assignment.candidates),
                "exclusions": dict(assignment.exclusions),
                "reason": assignment.reason,
                "at": assignment.at,
            },
        )

    async def events(self, connection: AsyncConnection, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        table = self._tables.ticket_events
        query = select(table).where(table.c.ticket_id == ticket_id).order_by(table.c.id)
        return tuple(map(_event_of, await connection.execute(query)))

    async def events_after(self, connection: AsyncConnection, event_id: int, limit: int) -> tuple[TicketEvent, ...]:
        """What happened to any ticket, by id, beginning behind `event_id`."""
        table = self._tables.ticket_events
        query = select(table).where(table.c.id > event_id).order_by(table.c.id).limit(limit)
        return tuple(map(_event_of, await connection.execute(query)))

    async def assignments(self, connection: AsyncConnection, conversation_id: int) -> tuple[Assignment, ...]:
        """Each change of owner of a conversation, oldest first."""
        table = self._tables.assignment_log
        rows = await connection.execute(
            select(table).where(table.c.conversation_id == conversation_id).order_by(table.c.version)
        )
        return tuple(map(assignment_of, rows))

    async def _set(
        self,
        connection: AsyncConnection,
        statement: ReturningUpdate[Any],
        ticket_id: int,
        values: Mapping[str, object],
        entry: Entry,
    ) -> Ticket | None:
        row = (await connection.execute(statement, {"p_id": ticket_id, **values})).one_or_none()
        if row is None:
            return None
        await self._note(connection, row, entry, tuple(values))
        return ticket_of(row)

    async def _note(self, connection: AsyncConnection, row: Row[Any], entry: Entry, columns: Sequence[str]) -> None:
        changed = {name: as_json(row._mapping[name]) for name in columns}  # noqa: SLF001 - a Row's public way in
        await connection.execute(self._event, _event(row.id, entry, changed))


def _is_one_of(column: ColumnElement[str], states: Iterable[TicketState]) -> ColumnElement[bool]:
    """As IN, but written out once: SQLAlchemy renders the list of an IN anew each time it runs."""
    return or_(*(column == state.value for state in sorted(states)))


def _event_of(row: Row[Any]) -> TicketEvent:
    return TicketEvent(row.id, row.ticket_id, row.at, row.kind, row.by, row.cause, row.detail)


def _event(ticket_id: int, entry: Entry, changed: Mapping[str, object]) -> dict[str, object]:
    return {
        "ticket_id": ticket_id,
        "at": entry.at,
        "kind": entry.kind,
        "by": entry.by,
        "cause": entry.cause,
        "detail": {**entry.detail, SET: dict(changed)},
    }
