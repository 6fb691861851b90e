"""How do queues and agents stand right now, and since the day began?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad
from handoff.offers import OfferState
from handoff.parts import Part
from handoff.queue_places import expected_wait_s, handle_times
from handoff.tickets import Ticket, TicketState


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """The queue of a team. oldest_at: since when the one waits who waits longest.

    expected_wait_s: of whoever comes next; None where too little is known to say. abandoned: customers who left
    unserved (docs/measures.md). warned, breached: open promises about the team's tickets that are in danger, or broken.
    """

    team: str
    waiting: int
    oldest_at: datetime | None
    expected_wait_s: int | None
    abandoned: int
    warned: int
    breached: int


@dataclass(frozen=True, slots=True)
class AgentDay:
    """What an agent's day was like. missed: offers that ran out. score: mean of what customers said (1 – 5)."""

    missed: int = 0
    declined: int = 0
    rated: int = 0
    score: float | None = None


class Standings(Part):
    """Reads how it stands."""

    async def queue_standings(
        self, connection: AsyncConnection, teams: Collection[str], since: datetime, agents: Sequence[AgentLoad]
    ) -> tuple[QueueStanding, ...]:
        """The queues of these teams, in the order of their ids. since: from when what is over is counted.

        agents: everybody, as read. Three statements, and one more for each team.
        """
        waits = await self._waits(connection, teams)
        left = await self._abandoned(connection, teams, since)
        dangers = await self._dangers(connection, teams)
        now = self._parts.now()
        found = []
        for team in sorted(teams):
            waiting, oldest = waits.get(team, (0, None))
            warned, breached = dangers.get(team, (0, 0))
            members = [each for each in agents if team in each.teams]
            handled = await handle_times(connection, self._parts.tables, team, now)
            wait_s = expected_wait_s(waiting, members, handled, now)
            found.append(QueueStanding(team, waiting, oldest, wait_s, left.get(team, 0), warned, breached))
        return tuple(found)

    async def agent_days(self, connection: AsyncConnection, since: datetime) -> Mapping[str, AgentDay]:
        """By agent: offers let pass and answers of customers since then. Two statements."""
        offers, ratings, tickets = self._parts.tables.offers.c, self._parts.tables.ratings, self._parts.tables.tickets.c
        passed = select(offers.agent, offers.state, func.count()).where(
            offers.made_at >= since, offers.state.in_([OfferState.EXPIRED.value, OfferState.DECLINED.value])
        )
        told = (
            select(tickets.agent, func.count(), func.avg(ratings.c.score))
            .join(ratings, ratings.c.ticket_id == tickets.id)
            .where(ratings.c.asked_at >= since, ratings.c.score.is_not(None), tickets.agent.is_not(None))
        )
        counts: dict[str, dict[str, int]] = {}
        for agent, state, count in await connection.execute(passed.group_by(offers.agent, offers.state)):
            counts.setdefault(agent, {})[state] = count
        scores = {
            agent: (count, float(mean)) for agent, count, mean in await connection.execute(told.group_by(tickets.agent))
        }
        return {
            agent: AgentDay(
                missed=counts.get(agent, {}).get(OfferState.EXPIRED.value, 0),
                declined=counts.get(agent, {}).get(OfferState.DECLINED.value, 0),
                rated=scores.get(agent, (0, None))[0],
                score=scores.get(agent, (0, None))[1],
            )
            for agent in counts.keys() | scores.keys()
        }

    async def in_service(self, connection: AsyncConnection, teams: Collection[str]) -> tuple[Ticket, ...]:
        """What people have of these teams' tickets, those that wait for the customer too."""
        c = self._parts.tables.tickets.c
        held = c.state.in_([TicketState.ASSIGNED.value, TicketState.PENDING.value])
        return await self._parts.tickets.find(connection, held, c.team.in_(sorted(teams)))

    async def rule_counts(self, connection: AsyncConnection, since: datetime) -> Mapping[str, int]:
        """Rule → how many tickets opened since then went by it; rules that took none are left out."""
        c = self._parts.tables.tickets.c
        query = select(c.rule, func.count()).where(c.opened_at >= since, c.rule != "").group_by(c.rule)
        return {row[0]: row[1] for row in await connection.execute(query)}

    async def _waits(
        self, connection: AsyncConnection, teams: Collection[str]
    ) -> Mapping[str, tuple[int, datetime | None]]:
        c = self._parts.tables.tickets.c
        waiting = select(c.team, func.count(), func.min(func.coalesce(c.queued_at, c.opened_at)))
        rows = await connection.execute(
            waiting.where(c.state == TicketState.OPEN.value, c.team.in_(sorted(teams))).group_by(c.team)
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    async def _abandoned(
        self, connection: AsyncConnection, teams: Collection[str], since: datetime
    ) -> Mapping[str, int]:
        """Ended while they waited, and not by an agent's hand."""
        c, events, agents = (
            self._parts.tables.tickets.c,
            self._parts.tables.ticket_events.c,
            self._parts.tables.agents.c,
        )
        by_agent = exists(
            select(events.id).where(
                events.ticket_id == c.id,
                events.kind.in_(["closed", "returned", "merged"]),
                events.at >= since,
                events.by.in_(select(agents.id)),
            )
        )
        query = select(c.team, func.count()).where(
            c.state == TicketState.CLOSED.value,
            c.closed_at >= since,
            c.team.in_(sorted(teams)),
            c.merged_into.is_(None),
            or_(c.assigned_at.is_(None), c.assigned_at < c.queued_at),
            ~by_agent,
        )
        return {row[0]: row[1] for row in await connection.execute(query.group_by(c.team))}

    async def _dangers(self, connection: AsyncConnection, teams: Collection[str]) -> Mapping[str, tuple[int, int]]:
        clocks, tickets = self._parts.tables.sla_clocks.c, self._parts.tables.tickets.c
        warned = and_(clocks.warned_at.is_not(None), clocks.breached_at.is_(None))
        query = (
            select(
                tickets.team,
                func.sum(case((warned, 1), else_=0)),
                func.sum(case((clocks.breached_at.is_not(None), 1), else_=0)),
            )
            .join(self._parts.tables.tickets, tickets.id == clocks.ticket_id)
            .where(clocks.ended_at.is_(None), tickets.team.in_(sorted(teams)))
            .group_by(tickets.team)
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in await connection.execute(query)}
