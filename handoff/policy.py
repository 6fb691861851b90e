"""Who serves whom, and which signals call a person? The shop's policy, as checked values."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from handoff.facts import Facts
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
class Team:
    """People who share a queue."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who serves. id: her WeCom userid. capacity: conversations at a time."""

    id: str
    name: str
    teams: tuple[str, ...]
    capacity: int


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
        return (
            (not self.signals or bool(self.signals & signals))
            and (not self.intents or facts.intent in self.intents)
            and (not self.stages or facts.stage in self.stages)
            and (not self.categories or bool(self.categories.intersection(facts.category)))
            and (not self.channels or facts.channel in self.channels)
            and (self.text_words.pattern is None or self.text_words.occurs_in(normalised))
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a conversation goes. name: the reason agents see. priority: 1 (highest) – 4."""

    name: str
    when: When
    team: str
    priority: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of handoff.yaml, checked: every rule's team exists and has agents, the last rule always holds."""

    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    triggers: MappingProxyType[str, Trigger]
    nothing_found_times: int
    rules: tuple[Rule, ...]
