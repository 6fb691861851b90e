"""What does a supervisor see of her teams at a glance? Agents, their conversations, and the queues, read together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from archive import Archive
from bot.store.conversation_rows import nicknames
from bot.store.engine import read_only
from handoff import AgentDay, AgentLoad, Desk, QueueStanding, Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation that somebody has. unanswered_since: when the wait for a person began, None where nobody waits."""

    ticket: Ticket
    unanswered_since: datetime | None


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """An agent now, her day, and what she has of the teams that are looked at."""

    load: AgentLoad
    day: AgentDay
    held: Sequence[Held]

    @property
    def unanswered_since(self) -> datetime | None:
        """Since when the customer waits who waits longest for her words."""
        return min((each.unanswered_since for each in self.held if each.unanswered_since is not None), default=None)


@dataclass(frozen=True, slots=True)
class WallSeen:
    """Everything on the wall, at one moment. nicknames: by (account, customer), where known."""

    at: datetime
    agents: Sequence[AgentSeen]
    queues: Sequence[QueueStanding]
    nicknames: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Wall:
    """Reads it. now: UTC-aware. zone: the shop's, in which its day begins."""

    engine: AsyncEngine
    desk: Desk
    archive: Archive
    now: Callable[[], datetime]
    zone: Callable[[], tzinfo]

    async def look(self, teams: Collection[str]) -> WallSeen:
        """These teams' queues and people, one snapshot; today's figures begin at the shop's midnight."""
        now = self.now()
        today = now.astimezone(self.zone()).replace(hour=0, minute=0, second=0, microsecond=0)
        async with read_only(self.engine).connect() as connection:
            everybody = await self.desk.agents(connection)
            held = await self.desk.in_service(connection, teams)
            owed = await self.archive.unanswered(connection, [each.conversation_id for each in held])
            days = await self.desk.agent_days(connection, today)
            queues = await self.desk.queue_standings(connection, teams, today, everybody)
            named = await nicknames(connection, [(each.account, each.customer) for each in held])
        return WallSeen(now, _agents(everybody, teams, held, owed, days), queues, named)


def _agents(
    everybody: Sequence[AgentLoad],
    teams: Collection[str],
    held: Sequence[Ticket],
    owed: Mapping[int, datetime],
    days: Mapping[str, AgentDay],
) -> Sequence[AgentSeen]:
    """Who belongs to the teams, or has a conversation of theirs."""
    hers: dict[str, list[Held]] = {}
    for ticket in held:
        if ticket.agent is not None:
            hers.setdefault(ticket.agent, []).append(Held(ticket, _since(ticket, owed.get(ticket.conversation_id))))
    return [
        AgentSeen(each, days.get(each.id, AgentDay()), hers.get(each.id, ()))
        for each in everybody
        if each.id in hers or not set(each.teams).isdisjoint(teams)
    ]


def _since(ticket: Ticket, wrote: datetime | None) -> datetime | None:
    """What she wrote to the bot before she was handed over she waits for since then."""
    return None if wrote is None else max(wrote, ticket.opened_at)
