"""What goes with each move? The ticket's state and history, and why a move did not come about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import objections
from handoff.ownership import Ownership, Standing
from handoff.roster import Roster, obstacle
from handoff.ticket_store import TicketStore
from handoff.tickets import Claimed, NewTicket, Owner, Queued, Refusal, Refused, Ticket, TicketState, ToAgent


class OwnershipBrokenError(RuntimeError):
    """A conversation is with a queue or an agent but has no ticket: something besides the desk wrote to it."""


class Bookkeeping:
    """Keeps tickets in step with their conversations."""

    def __init__(self, ownership: Ownership, roster: Roster, tickets: TicketStore) -> None:
        self._ownership = ownership
        self._roster = roster
        self._tickets = tickets

    async def opened(
        self, connection: AsyncConnection, new: NewTicket, at: datetime, *, cause: str = "opened"
    ) -> Ticket:
        """Write the ticket of a conversation that this transaction took from the bot."""
        ticket = await self._tickets.insert(connection, new, at)
        await self._ownership.set_ticket(connection, new.conversation_id, ticket.id)
        await self.note(
            connection, ticket, at, kind="opened", by=new.by, cause=cause, team=ticket.team, reason=ticket.reason
        )
        return ticket

    async def assigned(
        self,
        connection: AsyncConnection,
        seen: Standing,
        version: int,
        *,
        to: ToAgent,
        at: datetime,
        by: str,
        cause: str,
    ) -> Claimed:
        """The agent has it. With `to.team`, that is its queue from now on."""
        values: dict[str, object] = {"state": TicketState.ASSIGNED.value, "agent": to.agent_id, "assigned_at": at}
        if to.team is not None:
            values["team"] = to.team
        ticket = await self._tickets.change(connection, ticket_id(seen), values)
        kind = "transferred" if seen.owner is Owner.AGENT else "assigned"
        await self.note(connection, ticket, at, kind=kind, by=by, cause=cause, agent=to.agent_id, previous=seen.agent)
        return Claimed(ticket, version)

    async def queued(
        self, connection: AsyncConnection, seen: Standing, version: int, *, team: str, at: datetime, by: str, cause: str
    ) -> Queued:
        """It waits in the queue of `team`."""
        values = {"state": TicketState.OPEN.value, "agent": None, "team": team}
        ticket = await self._tickets.change(connection, ticket_id(seen), values)
        await self.note(connection, ticket, at, kind="queued", by=by, cause=cause, team=team, previous=seen.agent)
        return Queued(ticket, version)

    async def ended(self, connection: AsyncConnection, seen: Standing, outcome: str, at: datetime) -> Ticket:
        """The ticket is closed; who had it last stays on it."""
        values = {"state": TicketState.CLOSED.value, "outcome": outcome, "closed_at": at}
        return await self._tickets.change(connection, ticket_id(seen), values)

    async def note(
        self,
        connection: AsyncConnection,
        ticket: Ticket,
        at: datetime,
        *,
        kind: str,
        by: str,
        cause: str,
        **detail: object,
    ) -> None:
        """Append to the ticket's history."""
        await self._tickets.note(connection, ticket_id=ticket.id, at=at, kind=kind, by=by, cause=cause, detail=detail)

    async def ticket_of(self, connection: AsyncConnection, seen: Standing) -> Ticket:
        """The ticket of a conversation that is not with the bot."""
        return await self._tickets.get(connection, ticket_id(seen))

    async def team_of(self, connection: AsyncConnection, seen: Standing) -> str:
        """Its team; its queue's where somebody without a team serves it."""
        return seen.team if seen.team is not None else (await self.ticket_of(connection, seen)).team

    async def overtaken(self, connection: AsyncConnection, seen: Standing) -> Refused:
        """Somebody moved it since it was read."""
        now_seen = await self._ownership.read(connection, seen.id)
        if now_seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        return now_seen.refused(objections.to_open(now_seen, seen.version) or Refusal.VERSION_CHANGED)

    async def why_not(self, connection: AsyncConnection, seen: Standing, to: ToAgent, at: datetime) -> Refused:
        """Why she could not have it, read after a guard failed."""
        now_seen = await self._ownership.read(connection, seen.id)
        if now_seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        taken = objections.to_claim(
            now_seen,
            expected_version=seen.version,
            expected_team=None,
            agent_id=to.agent_id,
            supervisor=seen.owner is Owner.AGENT,
        )
        return now_seen.refused(taken or await self._against(connection, to, at) or Refusal.VERSION_CHANGED)

    async def _against(self, connection: AsyncConnection, to: ToAgent, at: datetime) -> Refusal | None:
        agent = await self._roster.one(connection, to.agent_id)
        if agent is None:
            return Refusal.UNKNOWN_AGENT
        if to.team not in agent.teams:
            return Refusal.NOT_IN_TEAM
        return obstacle(agent.status, agent.lease_until, agent.active, agent.capacity, at)


def ticket_id(seen: Standing) -> int:
    """The ticket of a conversation that is not with the bot. Raises OwnershipBrokenError if it has none."""
    if seen.ticket_id is None:
        raise OwnershipBrokenError(f"conversation {seen.id} is with {seen.owner} but has no ticket")
    return seen.ticket_id
