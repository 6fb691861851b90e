"""Who can take one more? Agents, their teams, presence and load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import Tables
from handoff.tickets import AgentLoad, AgentStatus, Refusal


@dataclass(frozen=True, slots=True)
class Choice:
    """Who of a team could have had a conversation, and why the others could not."""

    candidates: tuple[str, ...] = ()
    exclusions: Mapping[str, str] | None = None


class Roster:
    """Reads and changes the rows of agents and their teams."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def take_one(self, connection: AsyncConnection, agent_id: str, now: datetime) -> bool:
        """Count one more conversation for her if she is ready and has room; tell whether that was so."""
        c = self._tables.agents.c
        counted = await connection.execute(
            update(self._tables.agents)
            .where(c.id == agent_id, c.active < c.capacity, *self._is_ready(now))
            .values(active=c.active + 1)
        )
        return counted.rowcount == 1

    async def add_one(self, connection: AsyncConnection, agent_id: str) -> bool:
        """Count one more conversation for her, whatever her status and capacity; False if there is no such agent."""
        c = self._tables.agents.c
        counted = await connection.execute(
            update(self._tables.agents).where(c.id == agent_id).values(active=c.active + 1)
        )
        return counted.rowcount == 1

    async def drop_one(self, connection: AsyncConnection, agent_id: str) -> bool:
        """Count one conversation less for her; False if she has none, so that it went to somebody else meanwhile."""
        c = self._tables.agents.c
        counted = await connection.execute(
            update(self._tables.agents).where(c.id == agent_id, c.active > 0).values(active=c.active - 1)
        )
        return counted.rowcount == 1

    async def all(self, connection: AsyncConnection, agent_id: str | None = None) -> tuple[AgentLoad, ...]:
        """Everybody (or one), by id, each with her teams."""
        agents, links = self._tables.agents, self._tables.agent_teams
        query = select(agents, links.c.team_id).select_from(agents.outerjoin(links, links.c.agent_id == agents.c.id))
        if agent_id is not None:
            query = query.where(agents.c.id == agent_id)
        loads: dict[str, AgentLoad] = {}
        for row in await connection.execute(query.order_by(agents.c.id, links.c.team_id)):
            teams = loads[row.id].teams if row.id in loads else ()
            loads[row.id] = AgentLoad(
                id=row.id,
                name=row.name,
                capacity=row.capacity,
                status=AgentStatus(row.status),
                lease_until=row.lease_until,
                active=row.active,
                teams=(*teams, row.team_id) if row.team_id is not None else teams,
            )
        return tuple(loads.values())

    async def one(self, connection: AsyncConnection, agent_id: str) -> AgentLoad | None:
        """One agent; None if there is none of this id."""
        return next(iter(await self.all(connection, agent_id)), None)

    async def has_team(self, connection: AsyncConnection, team: str) -> bool:
        """Is there such a team?"""
        teams = self._tables.teams
        return (await connection.execute(select(teams.c.id).where(teams.c.id == team))).first() is not None

    async def choose(self, connection: AsyncConnection, team: str | None, chosen: str, now: datetime) -> Choice | None:
        """The team's members with what speaks against each; None if `chosen` is not among them.

        `chosen` was already counted by this transaction, so nothing speaks against her.
        """
        agents, links = self._tables.agents, self._tables.agent_teams
        rows = await connection.execute(
            select(agents.c.id, agents.c.status, agents.c.lease_until, agents.c.active, agents.c.capacity)
            .join(links, links.c.agent_id == agents.c.id)
            .where(links.c.team_id == team)
            .order_by(agents.c.id)
        )
        met = {
            row.id: None if row.id == chosen else obstacle(row.status, row.lease_until, row.active, row.capacity, now)
            for row in rows
        }
        if chosen not in met:
            return None
        return Choice(
            candidates=tuple(agent for agent, why in met.items() if why is None),
            exclusions={agent: why.value for agent, why in met.items() if why is not None},
        )

    def _is_ready(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        c = self._tables.agents.c
        return c.status == AgentStatus.READY.value, or_(c.lease_until.is_(None), c.lease_until > now)


def obstacle(status: str, lease_until: datetime | None, active: int, capacity: int, now: datetime) -> Refusal | None:
    """What keeps an agent from taking one more, None if nothing does. The same conditions as `take_one`."""
    if status != AgentStatus.READY or (lease_until is not None and lease_until <= now):
        return Refusal.AGENT_NOT_READY
    return Refusal.AGENT_FULL if active >= capacity else None
