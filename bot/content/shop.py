"""What does the journey know about the shop it serves? One frozen value, replaced as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from archive.analysis import QualityRule
from archive.reviews import ScoreSheet
from archive.tagging import TagRules
from bot.costs import Tariff
from bot.phrases import Phrases
from handoff import Policy

ADDRESS: Final = "address"  # an entity whose value is province/city/district/detail (nlu.entities.places)
_DIVISIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact that a person needs before she can do what some customers want.

    name: of the value, in the store. title: what agents call it. entity: which found entity is its value.
    ask: how the customer is asked for it. intents, rules: who wants this, by intent or by name of the routing rule.
    """

    name: str
    title: str
    entity: str
    ask: str
    intents: frozenset[str]
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop's content that is not scripts or intents.

    small_talk: intent → ready replies. tariff: what mistakes cost. quality: what conversations are held against,
    sheets: by which people score them. words: its goods and services, and what customers call them. tags: by what
    customers get theirs. withdrawals: by which intents she takes back what she agreed to. When its people are there,
    the policy says.
    """

    name: str
    timezone: ZoneInfo
    phrases: Phrases
    small_talk: Mapping[str, tuple[str, ...]]
    policy: Policy
    tariff: Tariff = field(default_factory=Tariff)
    slots: tuple[Slot, ...] = ()
    quality: tuple[QualityRule, ...] = ()
    sheets: tuple[ScoreSheet, ...] = ()
    words: tuple[str, ...] = ()
    tags: TagRules = field(default_factory=lambda: TagRules((), UTC))
    withdrawals: frozenset[str] = frozenset()

    def is_open(self, at: datetime, region: tuple[str, ...] = (), *, team: str = "") -> bool:
        """Whether people of the team ("" for the shop) are at work at `at` (aware), for a customer from `region`."""
        return self.policy.calendar_of(team, region).is_open(at)

    def opens_next(self, at: datetime, region: tuple[str, ...] = (), *, team: str = "") -> datetime | None:
        """From when on they are: `at` itself while they are; local to them; None: never."""
        calendar = self.policy.calendar_of(team, region)
        opens = calendar.next_opening(at)
        return None if opens is None else opens.astimezone(calendar.timezone)

    def region_in(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Province, city, district as far as they are known from what was collected, by the slot's name."""
        told = (values.get(slot.name, "") for slot in reversed(self.slots) if slot.entity == ADDRESS)
        return next(filter(None, map(divisions_of, told)), ())

    def reply_to(self, intent: str, key: str) -> str:
        """A ready reply to small talk, "" if there is none; the same key always gets the same one."""
        replies = self.small_talk.get(intent, ())
        if not replies:
            return ""
        return replies[int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % len(replies)]

    def team_name(self, team: str) -> str:
        """What people call the team."""
        return next((each.name for each in self.policy.teams if each.id == team), team)

    def agent_name(self, agent: str) -> str:
        """What people call the agent; her id if she is not in the pack."""
        return next((each.name for each in self.policy.agents if each.id == agent), agent)

    def supervisors(self, team: str) -> tuple[str, ...]:
        """Whom to call where the team itself does not help."""
        return next((each.supervisors for each in self.policy.teams if each.id == team), ())


def divisions_of(address: str) -> tuple[str, ...]:
    """Province, city, district of an address as it was found, as far as they are known; "" for one that is not."""
    parts = address.split("/")[:_DIVISIONS]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)
