"""Which tickets wait and are offered to nobody, and what is known of each?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, false, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.dispatch import Waiting
from handoff.offers import IN_VAIN
from handoff.outcomes import Owner
from handoff.parts import Part
from handoff.ticket_rows import ticket_of
from handoff.tickets import Ticket, TicketState

PAGE = 200  # tickets read at once; as many pages as there is room to fill


class WaitingTickets(Part):
    """Reads the queues, most urgent and longest waiting first."""

    async def teams(self, connection: AsyncConnection) -> tuple[str, ...]:
        """The teams in whose queues something is offered to nobody."""
        c = self._parts.tables.tickets.c
        rows = await connection.execute(select(c.team).where(*self.unoffered()).distinct())
        return tuple(sorted(rows.scalars()))

    async def pages(
        self, connection: AsyncConnection, *conditions: ColumnElement[bool]
    ) -> AsyncIterator[Sequence[Waiting]]:
        """All that waits and meets the conditions, page by page. Three statements each."""
        tickets, conversations = self._parts.tables.tickets, self._parts.conversations
        c = tickets.c
        place = tuple_(c.priority, c.opened_at, c.id)
        query = (
            select(tickets, conversations.c.version.label("standing"))
            .join(conversations, conversations.c.ticket_id == c.id)
            .where(conversations.c.owner == Owner.QUEUE.value, *self.unoffered(), *conditions)
            .order_by(c.priority, c.opened_at, c.id)
            .limit(PAGE)
        )
        beyond: tuple[ColumnElement[bool], ...] = ()
        while rows := (await connection.execute(query.where(*beyond))).all():
            yield await self._known(connection, rows)
            if len(rows) < PAGE:
                return
            last = rows[-1]
            beyond = (
                place > tuple_(literal(last.priority), literal(last.opened_at, c.opened_at.type), literal(last.id)),
            )

    async def one(self, connection: AsyncConnection, ticket: Ticket) -> Waiting:
        """What is known of one ticket, whoever has it."""
        last = await self._last_agents(connection, [ticket])
        return Waiting(ticket, version=0, last_agent=last.get((ticket.account, ticket.customer)))

    def unoffered(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions that a ticket waits and is offered to nobody."""
        c, offers = self._parts.tables.tickets.c, self._parts.tables.offers.c
        offered = exists(select(offers.id).where(offers.conversation_id == c.conversation_id, self._parts.offers.open))
        return c.state == TicketState.OPEN.value, ~offered

    def unusual(self, absent: Collection[str]) -> ColumnElement[bool]:
        """The condition that a ticket may be one that nobody can take: passed, of special skill, or a team `absent`."""
        c, offers = self._parts.tables.tickets.c, self._parts.tables.offers.c
        passed = exists(
            select(offers.id).where(offers.ticket_id == c.id, offers.state.in_([state.value for state in IN_VAIN]))
        )
        lonely = c.team.in_(sorted(absent)) if absent else false()
        return or_(passed, c.released_by.is_not(None), c.skills.is_not(None), lonely)

    async def _known(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> Sequence[Waiting]:
        tickets = [ticket_of(row) for row in rows]
        passes = await self._parts.offers.passes(connection, {row.id: row.standing for row in rows})
        last = await self._last_agents(connection, tickets)
        return [
            Waiting(
                ticket,
                version=row.standing,
                passed=frozenset((*passes.get(ticket.id, ()), *((ticket.released_by,) if ticket.released_by else ()))),
                in_vain=len(passes.get(ticket.id, ())),
                last_agent=last.get((ticket.account, ticket.customer)),
            )
            for row, ticket in zip(rows, tickets, strict=True)
        ]

    async def _last_agents(
        self, connection: AsyncConnection, tickets: Sequence[Ticket]
    ) -> Mapping[tuple[str, str], str]:
        """Account and customer → who had a ticket of hers last, if that is not too long ago."""
        days = self._parts.policy().offers.last_agent_days
        if not days:
            return {}
        c = self._parts.tables.tickets.c
        since: datetime = self._parts.now() - timedelta(days=days)
        rows = await connection.execute(
            select(c.account, c.customer, c.agent)
            .where(
                c.account.in_(sorted({ticket.account for ticket in tickets})),
                c.customer.in_(sorted({ticket.customer for ticket in tickets})),
                c.agent.is_not(None),
                c.assigned_at >= since,
            )
            .order_by(c.assigned_at, c.id)
        )
        return {(row.account, row.customer): row.agent for row in rows}
