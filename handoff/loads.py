"""How many does each agent have? Her conversations and open offers, counted with each move, never recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.agents import AgentStatus, ChannelLoad
from handoff.roster import Roster
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


class Loads:
    """Changes what is counted of agents. A channel's row is only written by who holds its agent's row."""

    def __init__(self, tables: Tables, roster: Roster) -> None:
        self._tables = tables
        self._roster = roster

    async def take(self, connection: AsyncConnection, load: Load, now: datetime) -> bool:
        """Count what she is to get if she is ready and has room; tell whether that was so, else nothing changed.

        What is offered to her keeps its room free: it is hers if she accepts, even while she wraps up.
        """
        c = self._tables.agents.c
        if load.offered < 0:
            fit = (
                c.active < c.capacity,
                or_(self._roster.ready(now), and_(c.status == AgentStatus.WRAPPING_UP, self._roster.here(now))),
            )
        else:
            fit = c.active + c.offered < c.capacity, self._roster.ready(now)
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

    async def count_offers(
        self, connection: AsyncConnection, offers: Iterable[tuple[str, str]], *, change: int
    ) -> None:
        """Count offers, given as agent and channel, made (1) or ended (-1); the agents' rows are held."""
        on_channel = Counter(offers)
        if not on_channel:
            return
        of_agent = Counter(agent for agent, _ in on_channel.elements())
        agents, limits = self._tables.agents, self._tables.agent_channels
        by = bindparam("change", type_=agents.c.offered.type)
        await connection.execute(
            update(agents).where(agents.c.id == bindparam("agent")).values(offered=agents.c.offered + by),
            [{"agent": agent, "change": change * number} for agent, number in sorted(of_agent.items())],
        )
        await connection.execute(
            update(limits)
            .where(limits.c.agent_id == bindparam("agent"), limits.c.channel == bindparam("on"))
            .values(active=limits.c.active + by),
            [
                {"agent": agent, "on": channel, "change": change * number}
                for (agent, channel), number in sorted(on_channel.items())
            ],
        )

    async def assigned(self, connection: AsyncConnection, agents: Iterable[str], at: datetime) -> None:
        """They just got one: among equals they come last. Their rows are held."""
        c = self._tables.agents.c
        got = c.id.in_(sorted(set(agents)))
        await connection.execute(update(self._tables.agents).where(got).values(last_assigned_at=at))

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
