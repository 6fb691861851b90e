"""Who can take one more? Agents with their teams, presence and load, as they are read."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad, AgentStatus, ChannelLoad
from handoff.tables import Tables

_COLUMNS: Final = (
    "id", "name", "capacity", "status", "status_at", "status_until", "lease_until", "leaves_at",
    "active", "offered", "last_assigned_at", "skills",
)  # fmt: skip
_BY_ID: Final = itemgetter(0)
_STATUSES: Final = {status.value: status for status in AgentStatus}


class Roster:
    """Reads and locks the rows of agents, their teams and channels."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        agents, links, limits = tables.agents, tables.agent_teams, tables.agent_channels
        # Statements of the hot path, built once: building one costs more than running it.
        self._found = (
            select(
                *(agents.c[name] for name in _COLUMNS),
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
        return await _read(connection, self._found.where(*conditions) if conditions else self._found)

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
    of_agent = itertools.groupby(await connection.execute(query, values), key=_BY_ID)
    return tuple(_agent(list(rows)) for _, rows in of_agent)


def _agent(rows: Sequence[Row[Any]]) -> AgentLoad:
    """One agent from her rows, one for each of her teams and channels; every page reads all of a shop's agents."""
    first: tuple[Any, ...] = tuple(rows[0])
    (
        id_, name, capacity, status, status_at, status_until, lease_until, leaves_at, active, offered, last, skills,
        team, channel, _, _,
    ) = first  # fmt: skip
    several = len(rows) > 1
    return AgentLoad(
        id_,
        name,
        capacity,
        _STATUSES[status],
        lease_until,
        active,
        _teams(rows) if several else (team,) if team is not None else (),
        offered,
        tuple(skills) if skills else (),
        _channels(rows) if several or channel is not None else {},
        status_at,
        status_until,
        leaves_at,
        last,
    )


def _teams(rows: Sequence[Row[Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.team_id for row in rows if row.team_id is not None))


def _channels(rows: Sequence[Row[Any]]) -> dict[str, ChannelLoad]:
    return {row.channel: ChannelLoad(row.there, row.most) for row in rows if row.channel is not None}
