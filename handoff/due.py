"""When is there something to do next?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentStatus
from handoff.parts import Part
from handoff.presence import due_status, shifts_of
from handoff.tickets import TicketState
from handoff.waiting import WaitingTickets


class Due(Part):
    """Reads the moments that are kept in columns; nothing is remembered in a process."""

    async def next_due(self, connection: AsyncConnection) -> datetime | None:
        """The nearest moment at which an offer, a status, an absence, a pending ticket or a queue needs tending.

        It may be past: then what it is about is waiting to be done. Three statements.
        """
        at, policy = self._parts.now(), self._parts.policy()
        agents = self._parts.tables.agents.c
        there = await self._parts.roster.find(connection, agents.status != AgentStatus.OFF.value)
        if any(due_status(each, policy, at) for each in there):
            return at
        shifts = (calendar.next_change(at) for calendar in shifts_of(there, policy))
        leases = (moment for each in there for moment in (each.lease_until, each.status_until))
        found = [*await self._columns(connection), *await self._overflows(connection), *shifts, *leases]
        return min((moment for moment in found if moment is not None), default=None)

    async def _columns(self, connection: AsyncConnection) -> list[datetime | None]:
        offers, agents = self._parts.tables.offers.c, self._parts.tables.agents.c
        tickets = self._parts.tables.tickets.c
        queries = (
            select(func.min(offers.expires_at)).where(self._parts.offers.open),
            select(func.min(agents.leaves_at)).where(agents.status == AgentStatus.OFF.value),
            select(func.min(tickets.pending_until)).where(tickets.state == TicketState.PENDING.value),
        )
        return list((await connection.execute(union_all(*queries))).scalars())

    async def _overflows(self, connection: AsyncConnection) -> list[datetime]:
        c = self._parts.tables.tickets.c
        after = {
            team.id: timedelta(seconds=team.overflow.after_s)
            for team in self._parts.policy().teams
            if team.overflow is not None
        }
        if not after:
            return []
        rows = await connection.execute(
            select(c.team, func.min(c.queued_at).label("since"))
            .where(c.team.in_(after), c.queued_at.is_not(None), *WaitingTickets(self._parts).unoffered())
            .group_by(c.team)
        )
        return [row.since + after[row.team] for row in rows]
