"""What is known about an agent, and what keeps her from taking one more?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from handoff.outcomes import Refusal


class AgentStatus(StrEnum):
    """What an agent says of herself; only READY ones get conversations."""

    READY = "ready"
    BUSY = "busy"
    WRAPPING_UP = "wrapup"  # her notes after a conversation; once their time is over she counts as ready
    AWAY = "away"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ChannelLoad:
    """What she has on one channel, conversations and open offers, where the pack limits it."""

    active: int
    capacity: int


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """An agent as the desk knows her.

    active: open conversations she owns. offered: open offers to her. lease_until: None = no lease asked.
    status_until: when wrapping up is over. leaves_at: she is off, and then what she still has is taken from her.
    channels: only those the pack limits.
    """

    id: str
    name: str
    capacity: int
    status: AgentStatus
    lease_until: datetime | None
    active: int
    teams: tuple[str, ...]
    offered: int = 0
    skills: tuple[str, ...] = ()
    channels: Mapping[str, ChannelLoad] = field(default_factory=dict)
    status_at: datetime | None = None
    status_until: datetime | None = None
    leaves_at: datetime | None = None
    last_assigned_at: datetime | None = None

    @property
    def room(self) -> int:
        """How many more she may have, what is offered to her counted; never negative."""
        return max(0, self.capacity - self.active - self.offered)

    def is_ready(self, now: datetime) -> bool:
        """May she be offered something? The same conditions as `Roster.ready`."""
        over = self.status_until is not None and self.status_until <= now
        status = self.status is AgentStatus.READY or (self.status is AgentStatus.WRAPPING_UP and over)
        return status and self.is_present(now)

    def is_present(self, now: datetime) -> bool:
        """Is she there, busy or not?"""
        return self.status is not AgentStatus.OFF and (self.lease_until is None or self.lease_until > now)

    def can(self, skills: tuple[str, ...]) -> bool:
        """Has she all of these?"""
        return set(skills) <= set(self.skills)

    def obstacle(self, *, team: str, channel: str, skills: tuple[str, ...], now: datetime) -> Refusal | None:
        """What keeps her from taking one more such ticket; None if nothing does."""
        if team not in self.teams:
            return Refusal.NOT_IN_TEAM
        return self.hindrance(channel, now) if self.can(skills) else Refusal.LACKS_SKILL

    def hindrance(self, channel: str, now: datetime) -> Refusal | None:
        """What keeps her from taking one more on this channel, whatever it is about."""
        limit = self.channels.get(channel)
        if not self.is_ready(now):
            return Refusal.AGENT_NOT_READY
        if self.room == 0:
            return Refusal.AGENT_FULL
        return Refusal.CHANNEL_FULL if limit is not None and limit.active >= limit.capacity else None
