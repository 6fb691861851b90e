"""How many does each agent have? Her conversations and open offers, counted with each move, never recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Update, and_, bindparam, or_, update
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
        agents, limits = tables.agents, tables.agent_channels
        c = agents.c
        active: BindParameter[int] = bindparam("p_active")
        offered: BindParameter[int] = bindparam("p_offered")
        here = roster.here(bindparam("p_now"))
        ready = roster.ready(bindparam("p_now"))
        # Statements of each move, built once: building one costs more than running it.
        self._count = (
            update(agents)
            .where(c.id == bindparam("p_agent"), c.active + active >= 0, c.offered + offered >= 0)
            .values(active=c.active + active, offered=c.offered + offered)
        )
        self._take = self._count.where(c.active + c.offered < c.capacity, ready)
        wrapping_up = and_(c.status == AgentStatus.WRAPPING_UP.value, here)
        self._take_offered = self._count.where(c.active < c.capacity, or_(ready, wrapping_up))
        self._count_on_channel = (
            update(limits)
            .where(limits.c.agent_id == bindparam("p_agent"), limits.c.channel == bindparam("p_channel"))
            .values(active=limits.c.active + bindparam("p_change"))
            .returning(limits.c.active, limits.c.capacity)
        )
        self._assigned = update(agents).where(c.id == bindparam("p_agent")).values(last_assigned_at=bindparam("p_at"))

    async def take(self, connection: AsyncConnection, load: Load, now: datetime) -> bool:
        """Count what she is to get if she is ready and has room; tell whether that was so, else nothing changed.

        What is offered to her keeps its room free: it is hers if she accepts, even while she wraps up.
        """
        take = self._take_offered if load.offered < 0 else self._take
        if not await _counted(connection, take, load, p_now=now):
            return False
        change = load.active + load.offered
        limit = await self._on_channel(connection, load.agent, load.channel, change)
        if change <= 0 or limit is None or limit.active <= limit.capacity:
            return True
        await self.count(connection, load.reversed)
        return False

    async def count(self, connection: AsyncConnection, load: Load) -> bool:
        """Count it whatever her status and capacity; False, and nothing changed, if she has not so much to lose."""
        if not await _counted(connection, self._count, load):
            return False
        await self._on_channel(connection, load.agent, load.channel, load.active + load.offered)
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
        given = [{"p_agent": agent, "p_at": at} for agent in sorted(set(agents))]
        await connection.execute(self._assigned, given[0] if len(given) == 1 else given)

    async def _on_channel(
        self, connection: AsyncConnection, agent_id: str, channel: str, change: int
    ) -> ChannelLoad | None:
        """What she has there now; None where nothing limits it. A guard in WHERE could not tell that from full."""
        if change == 0:
            return None
        on_channel = {"p_agent": agent_id, "p_channel": channel, "p_change": change}
        counted = await connection.execute(self._count_on_channel, on_channel)
        row = counted.one_or_none()
        return None if row is None else ChannelLoad(row.active, row.capacity)


async def _counted(connection: AsyncConnection, statement: Update, load: Load, **values: Any) -> bool:
    given = {"p_agent": load.agent, "p_active": load.active, "p_offered": load.offered, **values}
    return (await connection.execute(statement, given)).rowcount == 1
