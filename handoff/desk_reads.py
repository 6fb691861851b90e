"""What stands on the desk? Tickets, queues, agents and their history, as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad
from handoff.parts import Part
from handoff.tickets import Assignment, Ticket, TicketEvent, TicketState
from handoff.touched import Touched


class DeskReads(Part):
    """The reading side of the desk."""

    async def ticket(self, connection: AsyncConnection, ticket_id: int) -> Ticket | None:
        """One ticket; None if there is none of this id."""
        return await self._parts.tickets.get(connection, ticket_id)

    async def active_ticket(self, connection: AsyncConnection, conversation_id: int) -> Ticket | None:
        """The ticket of a conversation that is not closed yet; there is at most one."""
        c = self._parts.tables.tickets.c
        open_ones = c.conversation_id == conversation_id, c.state != TicketState.CLOSED.value
        return next(iter(await self._parts.tickets.find(connection, *open_ones)), None)

    async def waiting(
        self, connection: AsyncConnection, team: str | None, *, limit: int | None = None
    ) -> tuple[Ticket, ...]:
        """The queue of a team (None: all queues), most urgent and longest waiting first."""
        c = self._parts.tables.tickets.c
        mine = () if team is None else (c.team == team,)
        return await self._parts.tickets.find(connection, c.state == TicketState.OPEN.value, *mine, limit=limit)

    async def owned_by(self, connection: AsyncConnection, agent_id: str) -> tuple[Ticket, ...]:
        """The tickets an agent has now, those that wait for the customer too."""
        c = self._parts.tables.tickets.c
        hers = c.state.in_([TicketState.ASSIGNED.value, TicketState.PENDING.value]), c.agent == agent_id
        return await self._parts.tickets.find(connection, *hers)

    async def past_tickets(
        self, connection: AsyncConnection, account: str, customer: str, limit: int = 20
    ) -> tuple[Ticket, ...]:
        """A customer's tickets, the newest first."""
        return await self._parts.tickets.newest(connection, account, customer, limit)

    async def newest_tickets(
        self,
        connection: AsyncConnection,
        *,
        state: TicketState | None = None,
        team: str | None = None,
        before: int | None = None,
        limit: int,
    ) -> tuple[Ticket, ...]:
        """Tickets by id, the newest first. before: those with a smaller id alone."""
        c = self._parts.tables.tickets.c
        conditions = [
            *(() if state is None else (c.state == state.value,)),
            *(() if team is None else (c.team == team,)),
            *(() if before is None else (c.id < before,)),
        ]
        return await self._parts.tickets.by_age(connection, *conditions, limit=limit)

    async def tickets(self, connection: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Ticket]:
        """The tickets of these ids that are there."""
        return await self._parts.tickets.by_id(connection, ids)

    async def happened_after(self, connection: AsyncConnection, event_id: int, limit: int) -> tuple[TicketEvent, ...]:
        """What happened to tickets, by id, beginning behind this one."""
        return await self._parts.tickets.events_after(connection, event_id, limit)

    async def active_tickets(self, connection: AsyncConnection, conversations: Collection[int]) -> tuple[Ticket, ...]:
        """The tickets of these conversations that are not closed yet."""
        if not conversations:
            return ()
        c = self._parts.tables.tickets.c
        open_ones = c.conversation_id.in_(conversations), c.state != TicketState.CLOSED.value
        return await self._parts.tickets.find(connection, *open_ones)

    async def touched(self, connection: AsyncConnection, ticket_ids: Collection[int]) -> Mapping[int, Touched]:
        """By ticket: whose it is, was or could have been, as its history tells."""
        c = self._parts.tables.ticket_events.c
        rows = await connection.execute(select(c.ticket_id, c.detail).where(c.ticket_id.in_(ticket_ids)))
        found = {ticket_id: Touched() for ticket_id in ticket_ids}
        for row in rows:
            found[row.ticket_id] |= Touched.by(row.detail)
        return found

    async def agents(self, connection: AsyncConnection) -> tuple[AgentLoad, ...]:
        """Everybody, by id."""
        return await self._parts.roster.find(connection)

    async def events(self, connection: AsyncConnection, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        return await self._parts.tickets.events(connection, ticket_id)

    async def assignments(self, connection: AsyncConnection, conversation_id: int) -> tuple[Assignment, ...]:
        """Each change of owner of a conversation with its candidates and exclusions, oldest first."""
        return await self._parts.tickets.assignments(connection, conversation_id)

    async def last_change(self, connection: AsyncConnection) -> tuple[int, int]:
        """The ids of the last event of a ticket and of the last change of somebody's status, 0 where there is none."""
        tables = self._parts.tables
        events = select(func.max(tables.ticket_events.c.id)).scalar_subquery()
        states = select(func.max(tables.agent_states.c.id)).scalar_subquery()
        row = (await connection.execute(select(events.label("events"), states.label("states")))).one()
        return row.events or 0, row.states or 0
