"""What goes with each move? The ticket's state, history and clocks, and why a move did not come about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import objections
from handoff.lifecycle import Move, allowed_from
from handoff.loads import Loads
from handoff.moving import Moved
from handoff.outcomes import Claimed, Owner, Queued, Refusal, Refused
from handoff.ownership import Ownership, Standing
from handoff.roster import Roster
from handoff.sla_store import SlaClocks
from handoff.ticket_store import Entry, TicketStore
from handoff.tickets import NewTicket, Ticket, TicketState, ToAgent


class OwnershipBrokenError(RuntimeError):
    """A conversation is with a queue or an agent but has no such ticket: something besides the desk wrote to it."""


class Bookkeeping:
    """Keeps tickets in step with their conversations."""

    def __init__(
        self, ownership: Ownership, roster: Roster, loads: Loads, tickets: TicketStore, clocks: SlaClocks
    ) -> None:
        self._ownership = ownership
        self._roster = roster
        self._loads = loads
        self._tickets = tickets
        self._clocks = clocks

    async def opened(
        self, connection: AsyncConnection, new: NewTicket, at: datetime, *, cause: str = "opened"
    ) -> Ticket:
        """Write the ticket of a conversation that this transaction took from the bot."""
        detail = {"team": new.verdict.team, "reason": new.verdict.reason}
        ticket = await self._tickets.insert(connection, new, Entry(at, "opened", new.by, cause, detail))
        await self._ownership.set_ticket(connection, new.conversation_id, ticket.id)
        await self._clocks.start(connection, ticket)
        return ticket

    async def assigned(
        self,
        connection: AsyncConnection,
        seen: Standing,
        moved: Moved,
        *,
        to: ToAgent,
        at: datetime,
        by: str,
        cause: str,
    ) -> Claimed:
        """The agent has it. With `to.team`, that is its queue from now on."""
        values: dict[str, object] = {"agent": to.agent_id, "assigned_at": at, "pending_until": None}
        if to.team is not None:
            values["team"] = to.team
        kind = "transferred" if seen.owner is Owner.AGENT else "assigned"
        detail = {"agent": to.agent_id, "previous": seen.agent, **_offer(moved)}
        entry = Entry(at, kind, by, cause, detail)
        ticket, stood_still = await self._move(connection, seen, Move.ASSIGN, values, entry)
        if moved.offer is None or moved.offer.agent != to.agent_id:  # an offer has counted when it was made
            await self._loads.assigned(connection, [to.agent_id], at)
        await self._time(connection, seen, ticket, stood_still=stood_still)
        return Claimed(ticket, moved.version, moved.offer)

    async def queued(
        self,
        connection: AsyncConnection,
        seen: Standing,
        moved: Moved,
        *,
        team: str,
        at: datetime,
        by: str,
        cause: str,
        released_by: str | None,
        overflowed: bool,
    ) -> Queued:
        """It waits in the queue of `team`, and nobody has let it pass yet but who gave it back."""
        values: dict[str, object] = {
            "agent": None,
            "team": team,
            "queued_at": at,
            "released_by": released_by,
            "pending_until": None,
            "escalated_at": None,
            "told_position": None,
            **({"overflowed_at": at} if overflowed else {}),
        }
        detail = {"team": team, "previous": seen.agent, **_offer(moved)}
        entry = Entry(at, "queued", by, cause, detail)
        ticket, stood_still = await self._move(connection, seen, Move.QUEUE, values, entry)
        await self._time(connection, seen, ticket, stood_still=stood_still)
        return Queued(ticket, moved.version, moved.offer)

    async def ended(
        self, connection: AsyncConnection, seen: Standing, moved: Moved, outcome: str, entry: Entry
    ) -> Ticket:
        """The ticket is closed; who had it last stays on it."""
        values = {"outcome": outcome, "closed_at": entry.at, "pending_until": None}
        said = Entry(entry.at, entry.kind, entry.by, entry.cause, {**entry.detail, "outcome": outcome, **_offer(moved)})
        ticket, _ = await self._move(connection, seen, Move.CLOSE, values, said)
        await self._clocks.finish(connection, ticket.id)
        return ticket

    async def ticket_of(self, connection: AsyncConnection, seen: Standing) -> Ticket:
        """The ticket of a conversation that is not with the bot."""
        ticket = await self._tickets.get(connection, ticket_id(seen))
        if ticket is None:
            raise OwnershipBrokenError(f"conversation {seen.id} names ticket {seen.ticket_id}, which is not there")
        return ticket

    async def overtaken(self, connection: AsyncConnection, seen: Standing) -> Refused:
        """Somebody moved it since it was read."""
        now_seen = await self._ownership.read(connection, seen.id)
        if now_seen is None:
            return Refused(Refusal.UNKNOWN_CONVERSATION)
        return now_seen.refused(objections.to_open(now_seen, seen.version) or Refusal.VERSION_CHANGED)

    async def why_not(
        self, connection: AsyncConnection, seen: Standing, to: ToAgent, at: datetime, *, called: bool
    ) -> Refused:
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
        against = taken or await self._against(connection, now_seen, to, at, called=called)
        return now_seen.refused(against or Refusal.VERSION_CHANGED)

    async def _against(
        self, connection: AsyncConnection, seen: Standing, to: ToAgent, at: datetime, *, called: bool
    ) -> Refusal | None:
        agent = await self._roster.one(connection, to.agent_id)
        if agent is None:
            return Refusal.UNKNOWN_AGENT
        if called:
            return agent.hindrance(seen.channel, at)
        return agent.obstacle(team=to.team or "", channel=seen.channel, skills=seen.skills, now=at)

    async def _time(self, connection: AsyncConnection, seen: Standing, ticket: Ticket, *, stood_still: bool) -> None:
        """What a change of hands means for its clocks: nobody is waited for now, and another team counts its hours."""
        if stood_still:
            await self._clocks.resume(connection, ticket.id)
        if seen.team != ticket.team:
            await self._clocks.replan(connection, ticket)

    async def _move(
        self, connection: AsyncConnection, seen: Standing, move: Move, values: dict[str, object], entry: Entry
    ) -> tuple[Ticket, bool]:
        """The ticket, and whether its clocks may stand still, as they do while it waits for the customer.

        To wait and to go on again changes no version: where that came between, its state is not what was read.
        """
        number, state = ticket_id(seen), seen.ticket_state
        as_read = state if state in allowed_from(move) else None
        ticket = await self._tickets.move(connection, number, move, values, entry, state=as_read)
        if ticket is not None and as_read is not None:
            return ticket, as_read is TicketState.PENDING
        ticket = ticket or await self._tickets.move(connection, number, move, values, entry)
        if ticket is None:
            raise OwnershipBrokenError(f"conversation {seen.id}: ticket {seen.ticket_id} does not allow to {move} it")
        return ticket, True


def ticket_id(seen: Standing) -> int:
    """The ticket of a conversation that is not with the bot. Raises OwnershipBrokenError if it has none."""
    if seen.ticket_id is None:
        raise OwnershipBrokenError(f"conversation {seen.id} is with {seen.owner} but has no ticket")
    return seen.ticket_id


def _offer(moved: Moved) -> dict[str, object]:
    """What the history says of the offer that ended with the move."""
    offer = moved.offer
    return {} if offer is None else {"offer": offer.id, "offered_to": offer.agent, "offer_state": offer.state.value}
