"""What can be changed of a ticket while it stays where it is?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.lifecycle import Move
from handoff.outcomes import Refusal, Refused
from handoff.parts import SYSTEM, Part
from handoff.policy import LOWEST_PRIORITY
from handoff.ticket_store import Entry
from handoff.tickets import Ticket, TicketState


class TicketChanges(Part):
    """Changes one ticket, each time with an event that says who did it and why.

    Locks the ticket only: in one transaction with the desk's moves these come after, as tickets are locked last.
    """

    async def pend(
        self, connection: AsyncConnection, ticket_id: int, *, by: str, until: datetime | None, reason: str
    ) -> Ticket | Refused:
        """Its agent keeps it and waits for the customer, until a moment or (None) until somebody resumes it."""
        values, entry = {"pending_until": until}, Entry(self._parts.now(), "pended", by, "pend", {"reason": reason})
        pended = await self._move(connection, ticket_id, Move.PEND, values, entry)
        if isinstance(pended, Ticket):
            await self._parts.clocks.pause(connection, ticket_id)
        return pended

    async def resume(
        self, connection: AsyncConnection, ticket_id: int, *, by: str, reason: str = ""
    ) -> Ticket | Refused:
        """It goes on: the customer wrote (by "customer"), its moment came, or its agent says so."""
        entry = Entry(self._parts.now(), "resumed", by, "resume", {"reason": reason})
        resumed = await self._move(connection, ticket_id, Move.RESUME, {"pending_until": None}, entry)
        if isinstance(resumed, Ticket):
            await self._parts.clocks.resume(connection, ticket_id)
        return resumed

    async def resume_due(self, connection: AsyncConnection, *, limit: int = 100) -> tuple[Ticket, ...]:
        """Resume those whose moment has come. A few statements each."""
        c, at = self._parts.tables.tickets.c, self._parts.now()
        over = c.state == TicketState.PENDING.value, c.pending_until <= at
        due = (await connection.execute(select(c.id).where(*over).order_by(c.pending_until).limit(limit))).scalars()
        entry = Entry(at, "resumed", SYSTEM, "due")
        moved = [
            await self._parts.tickets.move(
                connection, ticket_id, Move.RESUME, {"pending_until": None}, entry, c.pending_until <= at
            )
            for ticket_id in sorted(due)  # one order for every process
        ]
        resumed = tuple(ticket for ticket in moved if ticket is not None)
        for ticket in resumed:
            await self._parts.clocks.resume(connection, ticket.id)
        return resumed

    async def prioritise(
        self, connection: AsyncConnection, ticket_id: int, priority: int, *, by: str, reason: str
    ) -> Ticket | Refused:
        """Change its priority: 1 (highest) – 4. Raises ValueError for another."""
        if not 1 <= priority <= LOWEST_PRIORITY:
            raise ValueError(f"priority {priority}: give one from 1 (highest) to {LOWEST_PRIORITY}")
        c = self._parts.tables.tickets.c
        entry = Entry(self._parts.now(), "prioritised", by, "prioritise", {"reason": reason})
        different = c.state != TicketState.CLOSED.value, c.priority != priority
        changed = await self._parts.tickets.change(connection, ticket_id, {"priority": priority}, entry, *different)
        if changed is not None:
            return changed
        ticket = await self._parts.tickets.get(connection, ticket_id)
        if ticket is None or ticket.state is TicketState.CLOSED:
            return refusal_of(ticket)
        return ticket

    async def asked(self, connection: AsyncConnection, ticket_id: int) -> None:
        """The customer wrote to the person who has her: what waited for that goes on, and an answer is owed."""
        await self.resume(connection, ticket_id, by="customer")
        await self._parts.clocks.asked(connection, ticket_id)

    async def responded(self, connection: AsyncConnection, ticket_id: int, *, by: str) -> bool:
        """A person spoke to the customer, as owed. False if these were not her first words."""
        c, at = self._parts.tables.tickets.c, self._parts.now()
        first = c.first_response_at.is_(None), c.state != TicketState.CLOSED.value
        entry = Entry(at, "responded", by, "first_response")
        spoke = await self._parts.tickets.change(connection, ticket_id, {"first_response_at": at}, entry, *first)
        await self._parts.clocks.responded(connection, ticket_id)
        return spoke is not None

    async def told_position(self, connection: AsyncConnection, ticket_id: int, position: int) -> bool:
        """The customer was told her place in the queue; False if she does not wait, or knows it."""
        c = self._parts.tables.tickets.c
        news = c.state == TicketState.OPEN.value, c.told_position.is_distinct_from(position)
        entry = Entry(self._parts.now(), "told", SYSTEM, "position")
        told = await self._parts.tickets.change(connection, ticket_id, {"told_position": position}, entry, *news)
        return told is not None

    async def _move(
        self, connection: AsyncConnection, ticket_id: int, move: Move, values: Mapping[str, object], entry: Entry
    ) -> Ticket | Refused:
        moved = await self._parts.tickets.move(connection, ticket_id, move, values, entry)
        return moved or refusal_of(await self._parts.tickets.get(connection, ticket_id))


def refusal_of(ticket: Ticket | None) -> Refused:
    """Why a ticket could not be changed, as it stands now."""
    return Refused(Refusal.UNKNOWN_TICKET if ticket is None else Refusal.TICKET_STATE)
