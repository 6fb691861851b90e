"""What stands on the desk? Tickets, queues, agents and their history, as values."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.roster import Roster
from handoff.tables import Tables
from handoff.ticket_store import TicketStore
from handoff.tickets import AgentLoad, Assignment, Ticket, TicketEvent, TicketState


class DeskReads:
    """The reading side of the desk."""

    def __init__(self, tables: Tables, roster: Roster, tickets: TicketStore) -> None:
        self._tables = tables
        self._roster = roster
        self._tickets = tickets

    async def ticket(self, connection: AsyncConnection, ticket_id: int) -> Ticket | None:
        """One ticket; None if there is none of this id."""
        return next(iter(await self._tickets.find(connection, self._tables.tickets.c.id == ticket_id)), None)

    async def active_ticket(self, connection: AsyncConnection, conversation_id: int) -> Ticket | None:
        """The ticket of a conversation that is not closed yet; there is at most one."""
        c = self._tables.tickets.c
        open_ones = c.conversation_id == conversation_id, c.state != TicketState.CLOSED.value
        return next(iter(await self._tickets.find(connection, *open_ones)), None)

    async def waiting(
        self, connection: AsyncConnection, team: str | None, *, limit: int | None = None
    ) -> tuple[Ticket, ...]:
        """The queue of a team (None: all queues), most urgent and longest waiting first."""
        c = self._tables.tickets.c
        mine = () if team is None else (c.team == team,)
        return await self._tickets.find(connection, c.state == TicketState.OPEN.value, *mine, limit=limit)

    async def owned_by(self, connection: AsyncConnection, agent_id: str) -> tuple[Ticket, ...]:
        """The tickets an agent has now."""
        c = self._tables.tickets.c
        return await self._tickets.find(connection, c.state == TicketState.ASSIGNED.value, c.agent == agent_id)

    async def agents(self, connection: AsyncConnection) -> tuple[AgentLoad, ...]:
        """Everybody, by id."""
        return await self._roster.all(connection)

    async def events(self, connection: AsyncConnection, ticket_id: int) -> tuple[TicketEvent, ...]:
        """A ticket's history, oldest first."""
        return await self._tickets.events(connection, ticket_id)

    async def assignments(self, connection: AsyncConnection, conversation_id: int) -> tuple[Assignment, ...]:
        """Each change of owner of a conversation with its candidates and exclusions, oldest first."""
        return await self._tickets.assignments(connection, conversation_id)
