"""Who can take one more? Agents, their teams, presence and load."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentLoad, AgentStatus, ChannelLoad
from handoff.outcomes import Refusal
from handoff.tables import Tables


@dataclass(frozen=True, slots=True)
class Load:
    """How an agent's load changes: conversations she owns, open offers to her, and their sum on one channel."""

    agent: str
    channel: str
    active: int = 0
    offered: int = 0

    @property
    def reversed(self) -> Load:
        """What undoes it."""
        return replace(self, active=-self.active, offered=-self.offered)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who of a team could have had a conversation, and why the others could not."""

    candidates: tuple[str, ...] = ()
    exclusions: Mapping[str, str] | None = None


class Roster:
    """Reads and changes the rows of agents, their teams and channels.

    A channel's row is only written by who holds its agent's row.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def take(self, connection: AsyncConnection, load: Load, now: datetime) -> bool:
        """Count what she is to get if she is ready and has room; tell whether that was so, else nothing changed.

        What is offered to her keeps its room free: it is hers if she accepts, even while she wraps up.
        """
        c = self._tables.agents.c
        if load.offered < 0:
            fit = (
                c.active < c.capacity,
                or_(self.ready(now), and_(c.status == AgentStatus.WRAPPING_UP, self._here(now))),
            )
        else:
            fit = c.active + c.offered < c.capacity, self.ready(now)
        if not await self._count(connection, load, *fit):
            return False
        change = load.active + load.offered
        limit = await self._count_on_channel(connection, load.agent, load.channel, change)
        if change <= 0 or limit is None or limit.active <= limit.capacity:
            return True
        await self.count(connection, load.reversed)
        return False

    async def count(self, connection: AsyncConnection, load: Load) -> bool:
        """Count it whatever her status and capacity; False, and nothing changed, if she has not so much to lose."""
        if not await self._count(connection, load):
            return False
        await self._count_on_channel(connection, load.agent, load.channel, load.active + load.offered)
        return True

    async def add_offers(self, connection: AsyncConnection, made: Iterable[tuple[str, str]], at: datetime) -> None:
        """Count offers, given as agent and channel, to agents whose rows are held and who have room."""
        agents = self._tables.agents
        await self._sum_up(
            connection,
            made,
            change=1,
            values={"last_assigned_at": bindparam("at", type_=agents.c.last_assigned_at.type)},
            at=at,
        )

    async def drop_offers(self, connection: AsyncConnection, ended: Iterable[tuple[str, str]]) -> None:
        """Count offers that ended, given as agent and channel, of agents whose rows are held."""
        await self._sum_up(connection, ended, change=-1, values={})

    async def assigned(self, connection: AsyncConnection, agent_id: str, at: datetime) -> None:
        """She just got one: among equals she comes last."""
        c = self._tables.agents.c
        await connection.execute(update(self._tables.agents).where(c.id == agent_id).values(last_assigned_at=at))

    async def hold(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
        """Lock the rows of the agents who meet the conditions, in the one order in which every writer takes them."""
        c = self._tables.agents.c
        rows = await connection.execute(select(c.id).where(*conditions).order_by(c.id).with_for_update())
        return tuple(rows.scalars())

    async def find(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> tuple[AgentLoad, ...]:
        """Agents who meet the conditions, by id, each with her teams and channels."""
        agents, links, limits = self._tables.agents, self._tables.agent_teams, self._tables.agent_channels
        query = (
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
            .where(*conditions)
            .order_by(agents.c.id, links.c.team_id)
        )
        of_agent = itertools.groupby(await connection.execute(query), key=lambda row: row.id)
        return tuple(_agent(list(rows)) for _, rows in of_agent)

    async def one(self, connection: AsyncConnection, agent_id: str) -> AgentLoad | None:
        """One agent; None if there is none of this id."""
        return next(iter(await self.find(connection, self._tables.agents.c.id == agent_id)), None)

    async def has_team(self, connection: AsyncConnection, team: str) -> bool:
        """Is there such a team?"""
        teams = self._tables.teams
        return (await connection.execute(select(teams.c.id).where(teams.c.id == team))).first() is not None

    async def choose(
        self, connection: AsyncConnection, load: Load, *, team: str, skills: tuple[str, ...], now: datetime
    ) -> Choice | Refusal:
        """The team's members with what speaks against each, after `load` was counted by this transaction.

        Her row is held, so that her membership cannot go away meanwhile. A refusal where the team or a skill is what
        she lacks: nothing else can speak against her.
        """
        members = await self.find(connection, self.member_of([team]))
        chosen = next((each for each in members if each.id == load.agent), None)
        if chosen is None:
            return Refusal.NOT_IN_TEAM
        if not chosen.can(skills):
            return Refusal.LACKS_SKILL
        met = {
            each.id: each.obstacle(team=team, channel=load.channel, skills=skills, now=now)
            if each is not chosen
            else None
            for each in members
        }
        return Choice(
            candidates=tuple(agent for agent, why in met.items() if why is None),
            exclusions={agent: why.value for agent, why in met.items() if why is not None},
        )

    def member_of(self, teams: Iterable[str]) -> ColumnElement[bool]:
        """The condition that an agent is in one of these teams."""
        links = self._tables.agent_teams.c
        return self._tables.agents.c.id.in_(select(links.agent_id).where(links.team_id.in_(sorted(teams))))

    def ready(self, now: datetime) -> ColumnElement[bool]:
        """The condition that an agent may be offered something; `AgentLoad.is_ready` in SQL."""
        c = self._tables.agents.c
        over = and_(c.status == AgentStatus.WRAPPING_UP.value, c.status_until <= now)
        return and_(or_(c.status == AgentStatus.READY.value, over), self._here(now))

    def _here(self, now: datetime) -> ColumnElement[bool]:
        c = self._tables.agents.c
        return or_(c.lease_until.is_(None), c.lease_until > now)

    async def _count(self, connection: AsyncConnection, load: Load, *conditions: ColumnElement[bool]) -> bool:
        c = self._tables.agents.c
        enough = c.active + load.active >= 0, c.offered + load.offered >= 0
        counted = await connection.execute(
            update(self._tables.agents)
            .where(c.id == load.agent, *enough, *conditions)
            .values(active=c.active + load.active, offered=c.offered + load.offered)
        )
        return counted.rowcount == 1

    async def _count_on_channel(
        self, connection: AsyncConnection, agent_id: str, channel: str, change: int
    ) -> ChannelLoad | None:
        """What she has there now; None where nothing limits it. A guard in WHERE could not tell that from full."""
        if change == 0:
            return None
        c = self._tables.agent_channels.c
        counted = await connection.execute(
            update(self._tables.agent_channels)
            .where(c.agent_id == agent_id, c.channel == channel)
            .values(active=c.active + change)
            .returning(c.active, c.capacity)
        )
        row = counted.one_or_none()
        return None if row is None else ChannelLoad(row.active, row.capacity)

    async def _sum_up(
        self,
        connection: AsyncConnection,
        pairs: Iterable[tuple[str, str]],
        *,
        change: int,
        values: Mapping[str, Any],
        **bound: object,
    ) -> None:
        listed = sorted(pairs)
        if not listed:
            return
        agents, limits = self._tables.agents, self._tables.agent_channels
        each = bindparam("change", type_=agents.c.offered.type)
        of_agent = (
            update(agents).where(agents.c.id == bindparam("agent")).values(offered=agents.c.offered + each, **values)
        )
        await connection.execute(
            of_agent,
            [
                {"agent": agent, "change": change * sum(one == agent for one, _ in listed), **bound}
                for agent in dict.fromkeys(agent for agent, _ in listed)
            ],
        )
        on_channel = (
            update(limits)
            .where(limits.c.agent_id == bindparam("agent"), limits.c.channel == bindparam("on"))
            .values(active=limits.c.active + each)
        )
        await connection.execute(
            on_channel,
            [
                {"agent": agent, "on": channel, "change": change * listed.count((agent, channel))}
                for agent, channel in dict.fromkeys(listed)
            ],
        )


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
