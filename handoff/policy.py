"""Who serves whom, and which signals call a person? The shop's policy, as checked values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from handoff.calendars import ALWAYS, Calendar
from handoff.facts import Facts
from handoff.sla_policy import SlaPolicy
from handoff.wording import Wording

# Strongest first: the first one found is the reason of a hand-over.
SIGNALS: Final = (
    "legal",
    "complaint",
    "never_for_the_bot",
    "asked_for_person",
    "engine_failed",
    "nothing_found",
)
# The signals that are found by wording or intent; the pack may set each.
WORDED_SIGNALS: Final = SIGNALS[:4]
ASK_HUMAN: Final = "ask_human"  # the menu item that always calls a person
LOWEST_PRIORITY: Final = 4


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where a ticket goes that has waited in a queue for so long (business time does not matter here)."""

    team: str
    after_s: int


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a queue.

    supervisors: ids of agents who are called when nobody takes a ticket. calendar: name of its working hours, "" for
    the shop's. sla: name of the SLA policy where a rule names none, "" for none.
    """

    id: str
    name: str
    supervisors: tuple[str, ...] = ()
    calendar: str = ""
    overflow: Overflow | None = None
    sla: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who serves. id: her WeCom userid. capacity: conversations at a time.

    channels: channel → how many of them at a time on that channel, where that is less. shift: name of the calendar of
    her working hours, "" if she says herself when she is off.
    """

    id: str
    name: str
    teams: tuple[str, ...]
    capacity: int
    skills: tuple[str, ...] = ()
    channels: Mapping[str, int] = field(default_factory=dict)
    shift: str = ""


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """How tickets are offered.

    accept_s: how long an agent has to accept. most: after so many offers in vain the supervisor is called.
    last_agent_days: how long the last agent of a customer comes first; 0: never. wrap_up_s: how long an agent has for
    her notes after a conversation; 0: none. grace_s: how long after an agent went off her conversations stay hers.
    near_front: from which place in the queue on the customer is told once more.
    """

    accept_s: int = 60
    most: int = 3
    last_agent_days: int = 30
    wrap_up_s: int = 0
    grace_s: int = 60
    near_front: int = 3


@dataclass(frozen=True, slots=True)
class Trigger:
    """One signal's wording and intents.

    except_words: what is no request though it holds a word ("人工费"); it is cut out before
    looking, and a sentence in which nothing else is left of the words does not count by intent either.
    min_confidence: from which on an intent counts (0–1).
    """

    words: Wording
    except_words: Wording
    intents: frozenset[str]
    min_confidence: float

    def fires(self, facts: Facts, normalised: str) -> bool:
        """Is the signal there? `normalised` is the normalised text of `facts`."""
        if facts.choice and facts.choice in self.intents:
            return True
        rest = self.except_words.removed_from(normalised)
        if self.words.occurs_in(rest):
            return True
        sure = facts.confidence >= self.min_confidence
        return sure and facts.intent in self.intents and rest == normalised


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of a rule: each list that is given must have one hit; an empty `When` always holds."""

    signals: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    text_words: Wording = field(default_factory=lambda: Wording(None))

    @property
    def always(self) -> bool:
        """Has it no condition at all?"""
        return self == When()

    def holds(self, facts: Facts, normalised: str, signals: frozenset[str]) -> bool:
        """Do all conditions hold?"""
        return all(
            (
                not self.signals or bool(self.signals & signals),
                not self.intents or facts.intent in self.intents,
                not self.stages or facts.stage in self.stages,
                not self.categories or bool(self.categories.intersection(facts.category)),
                not self.channels or facts.channel in self.channels,
                self.text_words.pattern is None or self.text_words.occurs_in(normalised),
            )
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a conversation goes. name: the reason agents see. priority: 1 (highest) – 4.

    by_region: the team is the one of the region tree that is nearest; `team` is where none is.
    skills: what an agent must be able to do. sla: name of the SLA policy, "" for the team's. type: of the ticket.
    """

    name: str
    when: When
    team: str
    priority: int
    by_region: bool = False
    skills: tuple[str, ...] = ()
    sla: str = ""
    type: str = "question"


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of handoff.yaml, checked: every rule's team exists and has agents, the last rule always holds."""

    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    triggers: MappingProxyType[str, Trigger]
    nothing_found_times: int
    rules: tuple[Rule, ...]
    offers: OfferPolicy = OfferPolicy()
    slas: Mapping[str, SlaPolicy] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    region_calendars: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def calendar_of(self, team: str, region: tuple[str, ...] = ()) -> Calendar:
        """The working hours that hold for a team in a region: the narrowest region's, the team's, the shop's.

        The shop's is the calendar named "" (around the clock where the pack gives none).
        """
        for depth in range(len(region), 0, -1):
            if region[:depth] in self.region_calendars:
                return self.calendars[self.region_calendars[region[:depth]]]
        name = next((each.calendar for each in self.teams if each.id == team), "")
        return self.calendars.get(name) or self.calendars.get("") or ALWAYS
