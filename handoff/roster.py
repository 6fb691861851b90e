"""Who can take one more? Agents with their teams, presence and load, as they are read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad, AgentStatus, ChannelLoad
from handoff.tables import Tables


class Roster:
    """Reads and locks the rows of agents, their teams and channels."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        agents, links, limits = tables.agents, tables.agent_teams, tables.agent_channels
        # Statements of the hot path, built once: building one costs more than running it.
        self._found = (
            select(
                agents,
                links.c.team_id,
                limits.c.channel,
                limits.c.active.label("there"),
                limits.c.capacity.label("most"),
            )
            .select_from(
                agents.outerjoin(links, links.c.agent_id == agents.c.id).outerjoin(
                    limits, limits.c.agent_id == agents.c.id
                )
            )
            .order_by(agents.c.id, links.c.team_id)
        )
        self._one = self._found.where(agents.c.id == bindparam("p_agent"))
        self._team = select(tables.teams.c.id).where(tables.teams.c.id == bindparam("p_team"))

    async def hold(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
        """Lock the rows of the agents who meet the conditions, in the one order in which every writer takes them."""
        c = self._tables.agents.c
        rows = await connection.execute(select(c.id).where(*conditions).order_by(c.id).with_for_update())
        return tuple(rows.scalars())

    async def find(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> tuple[AgentLoad, ...]:
        """Agents who meet the conditions, by id, each with her teams and channels."""
        return await _read(connection, self._found.where(*conditions))

    async def one(self, connection: AsyncConnection, agent_id: str) -> AgentLoad | None:
        """One agent; None if there is none of this id."""
        return next(iter(await _read(connection, self._one, {"p_agent": agent_id})), None)

    async def has_team(self, connection: AsyncConnection, team: str) -> bool:
        """Is there such a team?"""
        return (await connection.execute(self._team, {"p_team": team})).first() is not None

    def member_of(self, teams: Iterable[str]) -> ColumnElement[bool]:
        """The condition that an agent is in one of these teams."""
        links = self._tables.agent_teams.c
        return self._tables.agents.c.id.in_(select(links.agent_id).where(links.team_id.in_(sorted(teams))))

    def ready(self, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """The condition that an agent may be offered something; `AgentLoad.is_ready` in SQL."""
        c = self._tables.agents.c
        over = and_(c.status == AgentStatus.WRAPPING_UP.value, c.status_until <= now)
        return and_(or_(c.status == AgentStatus.READY.value, over), self.here(now))

    def here(self, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """The condition that no presence lease of hers ran out."""
        c = self._tables.agents.c
        return or_(c.lease_until.is_(None), c.lease_until > now)


async def _read(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, object] | None = None
) -> tuple[AgentLoad, ...]:
    of_agent = itertools.groupby(await connection.execute(query, values), key=lambda row: row.id)
    return tuple(_agent(list(rows)) for _, rows in of_agent)


def _agent(rows: Sequence[Row[Any]]) -> AgentLoad:
    """One agent from her rows, one for each of her teams and channels."""
    row = rows[0]
    return AgentLoad(
        id=row.id,
        name=row.name,
        capacity=row.capacity,
        status=AgentStatus(row.status),
        lease_until=row.lease_until,
        active=row.active,
        teams=tuple(dict.fromkeys(each.team_id for each in rows if each.team_id is not None)),
        offered=row.offered,
        skills=tuple(row.skills or ()),
        channels={each.channel: ChannelLoad(each.there, each.most) for each in rows if each.channel is not None},
        status_at=row.status_at,
        status_until=row.status_until,
        leaves_at=row.leaves_at,
        last_assigned_at=row.last_assigned_at,
    )
