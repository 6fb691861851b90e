"""Who is there? What agents say of themselves, their presence leases, their shifts, and who stayed away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad, AgentStatus
from handoff.calendars import Calendar
from handoff.offering import withdraw_from
from handoff.offers import OfferEnded
from handoff.outcomes import Refusal, Refused
from handoff.parts import Part, Parts
from handoff.policy import Policy
from handoff.tickets import Ticket, TicketState

ASK_AGAIN_S: Final = 60  # an absence that nobody could help is told again, at the earliest so much later


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """An agent's status now, and before. withdrawn: what had been offered to her."""

    agent: AgentLoad
    before: AgentStatus
    withdrawn: tuple[OfferEnded, ...] = ()


@dataclass(frozen=True, slots=True)
class Absence:
    """She went off at `agent.status_at`, her time of grace is over, and she still has these."""

    agent: AgentLoad
    tickets: tuple[Ticket, ...]


class Presence(Part):
    """Writes agents' statuses and presence. What an agent said herself wins over what is found out."""

    async def set_status(
        self,
        connection: AsyncConnection,
        agent_id: str,
        status: AgentStatus,
        *,
        by: str,
        lease_until: datetime | None = None,
    ) -> StatusChanged | Refused:
        """What she says of herself. lease_until: until when it holds without renewal; None: until changed.

        What is offered to her is withdrawn unless she can still accept it. by: her id, or what said it for her.
        """
        if not await self._parts.roster.hold(connection, self._parts.tables.agents.c.id == agent_id):
            return Refused(Refusal.UNKNOWN_AGENT)
        agent = await self._parts.roster.one(connection, agent_id)
        if agent is None:
            return Refused(Refusal.UNKNOWN_AGENT)
        lease = None if status is AgentStatus.OFF else lease_until
        return await change_status(self._parts, connection, agent, status, self._parts.now(), by=by, lease_until=lease)

    async def renew_presence(self, connection: AsyncConnection, agent_id: str, until: datetime) -> bool:
        """Extend her lease; False if she has none, or it ran out: then only she can say that she is back."""
        c = self._parts.tables.agents.c
        hers = c.id == agent_id, c.status != AgentStatus.OFF.value, c.lease_until > self._parts.now()
        renewed = await connection.execute(
            update(self._parts.tables.agents).where(*hers, c.lease_until <= until).values(lease_until=until)
        )
        return renewed.rowcount == 1

    async def end_shifts(self, connection: AsyncConnection) -> tuple[StatusChanged, ...]:
        """Change what time has changed: shifts and presence leases that ended, notes whose time is over.

        At the end of her shift an agent is off, once: what she says afterwards holds to the end of the next one.
        In a transaction of its own.
        """
        c, at = self._parts.tables.agents.c, self._parts.now()
        there = await self._parts.roster.find(connection, c.status != AgentStatus.OFF.value)
        due = [each.id for each in there if due_status(each, self._parts.policy(), at)]
        if not due:
            return ()
        await self._parts.roster.hold(connection, c.id.in_(due))
        changed: list[StatusChanged] = []
        for agent in await self._parts.roster.find(connection, c.id.in_(due)):  # again, now that they are held
            if (found := due_status(agent, self._parts.policy(), at)) is not None:
                status, by = found
                lease = None if status is AgentStatus.OFF else agent.lease_until
                changed.append(
                    await change_status(self._parts, connection, agent, status, at, by=by, lease_until=lease)
                )
        return tuple(changed)

    async def absences(self, connection: AsyncConnection, *, limit: int = 20) -> tuple[Absence, ...]:
        """Who went off, did not come back within the time of grace, and still has conversations, by id.

        The caller relieves them in the same transaction: the agents are held. What stays with her is told again after
        as long, but not within a minute. Few statements in all.
        """
        c, at = self._parts.tables.agents.c, self._parts.now()
        over = c.leaves_at <= at, c.status == AgentStatus.OFF.value
        due = (await connection.execute(select(c.id).where(*over).order_by(c.leaves_at).limit(limit))).scalars().all()
        held = await self._parts.roster.hold(connection, c.id.in_(due), *over) if due else ()
        if not held:
            return ()
        tickets = self._parts.tables.tickets.c
        has = tickets.state.in_([TicketState.ASSIGNED.value, TicketState.PENDING.value])
        owned = await self._parts.tickets.find(connection, has, tickets.agent.in_(held))
        grace = timedelta(seconds=max(ASK_AGAIN_S, self._parts.policy().offers.grace_s))
        for leaves_at, who in (
            (at + grace, [agent for agent in held if any(ticket.agent == agent for ticket in owned)]),
            (None, [agent for agent in held if all(ticket.agent != agent for ticket in owned)]),
        ):
            await connection.execute(update(self._parts.tables.agents).where(c.id.in_(who)).values(leaves_at=leaves_at))
        agents = await self._parts.roster.find(connection, c.id.in_(sorted({each.agent or "" for each in owned})))
        return tuple(Absence(agent, tuple(ticket for ticket in owned if ticket.agent == agent.id)) for agent in agents)


async def wrap_up(parts: Parts, connection: AsyncConnection, agent_id: str | None, at: datetime) -> None:
    """A conversation of hers just ended: if she was ready, she has time for her notes. Her row is held."""
    seconds, c = parts.policy().offers.wrap_up_s, parts.tables.agents.c
    if not seconds or agent_id is None:
        return
    values = {
        "status": AgentStatus.WRAPPING_UP.value,
        "status_at": at,
        "status_until": at + timedelta(seconds=seconds),
    }
    ready = c.id == agent_id, c.status == AgentStatus.READY.value
    wrapping = await connection.execute(update(parts.tables.agents).where(*ready).values(values))
    if wrapping.rowcount == 1:
        await _log(parts, connection, agent_id, AgentStatus.WRAPPING_UP, at, by="wrapup")


async def change_status(
    parts: Parts,
    connection: AsyncConnection,
    agent: AgentLoad,
    status: AgentStatus,
    at: datetime,
    *,
    by: str,
    lease_until: datetime | None,
) -> StatusChanged:
    """Set the status of an agent whose row is held, as `agent` reads it."""
    seconds, policy = parts.policy().offers.wrap_up_s, parts.policy().offers
    off = status is AgentStatus.OFF
    leaves_at = (agent.leaves_at or at + timedelta(seconds=policy.grace_s)) if off else None
    until = at + timedelta(seconds=seconds) if status is AgentStatus.WRAPPING_UP and seconds else None
    said = replace(agent, status=status, status_at=at, status_until=until, lease_until=lease_until, leaves_at=leaves_at)
    await connection.execute(
        update(parts.tables.agents)
        .where(parts.tables.agents.c.id == agent.id)
        .values(status=status.value, status_at=at, status_until=until, lease_until=lease_until, leaves_at=leaves_at)
    )
    if status is not agent.status:
        await _log(parts, connection, agent.id, status, at, by=by)
    if status in {AgentStatus.READY, AgentStatus.WRAPPING_UP}:
        return StatusChanged(said, agent.status)
    withdrawn = await withdraw_from(parts, connection, agent.id, at, by=by, cause=f"agent_{status}")
    return StatusChanged(replace(said, offered=0) if withdrawn else said, agent.status, withdrawn)


def due_status(agent: AgentLoad, policy: Policy, at: datetime) -> tuple[AgentStatus, str] | None:
    """What time has made of an agent who is not off, and what did it; None: nothing."""
    if agent.lease_until is not None and agent.lease_until <= at:
        return AgentStatus.OFF, "presence"
    calendar = shift_of(agent.id, policy)
    if calendar is not None and shift_is_over(calendar, agent.status_at, at):
        return AgentStatus.OFF, "shift"
    if agent.status is AgentStatus.WRAPPING_UP and agent.status_until is not None and agent.status_until <= at:
        return AgentStatus.READY, "wrapup"
    return None


def shift_of(agent_id: str, policy: Policy) -> Calendar | None:
    """Her working hours; None if she says herself when she is off."""
    shift = next((each.shift for each in policy.agents if each.id == agent_id), "")
    return policy.calendars.get(shift) if shift else None


def shift_is_over(calendar: Calendar, said_at: datetime | None, at: datetime) -> bool:
    """Has a shift ended since she last said how she is? None: she never did."""
    if calendar.is_open(at):
        return False
    return said_at is None or calendar.business_ms(said_at, at) > 0


async def _log(
    parts: Parts, connection: AsyncConnection, agent_id: str, status: AgentStatus, at: datetime, *, by: str
) -> None:
    await connection.execute(
        insert(parts.tables.agent_states).values(agent_id=agent_id, at=at, status=status.value, by=by)
    )


def shifts_of(agents: Sequence[AgentLoad], policy: Policy) -> tuple[Calendar, ...]:
    """The calendars of those whose shift ends by itself."""
    found = {calendar.name: calendar for each in agents if (calendar := shift_of(each.id, policy)) is not None}
    return tuple(found.values())
