"""What may a tag's rule look for in one thing that a customer said, and is it there?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from enum import StrEnum
from typing import assert_never

ORDER_KINDS = frozenset({"order"})  # kinds of entries by which a customer shows what she bought


class Figure(StrEnum):
    """What is counted of a session as a whole."""

    MOOD_FIRST = "mood_first"
    MOOD_LAST = "mood_last"
    MOOD_TREND = "mood_trend"
    URGENCY = "urgency"
    COMPLAINT = "complaint"
    CHURN = "churn"
    PURCHASE = "purchase"
    SATISFACTION = "satisfaction"
    MESSAGES = "messages"
    FIRST_RESPONSE_S = "first_response_s"


class Signal(StrEnum):
    """What a message announces, in [0, 1]."""

    URGENCY = "urgency"
    COMPLAINT = "complaint"
    CHURN = "churn"
    PURCHASE = "purchase"


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that a customer said, as far as rules may see it: never its words.

    mood: in [-1, 1], None where none was read. topics: what the scripts that answered it are filed under. source: the
    scene she came from, "" where unknown. figures: of its session, those that are known.
    """

    entry_id: int
    at: datetime
    session_id: int | None = None
    kind: str = "text"
    keywords: frozenset[str] = frozenset()
    intent: str = ""
    topics: frozenset[str] = frozenset()
    source: str = ""
    mood: float | None = None
    signals: dict[Signal, float] = field(default_factory=dict)
    figures: dict[Figure, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HasKeyword:
    """One of its keywords is, or holds, one of these words."""

    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasIntent:
    """It was understood as one of these."""

    intents: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasTopic:
    """It was answered from a script that is filed under one of these."""

    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasMood:
    """Its mood lies in [at_least, at_most]."""

    at_least: float = -1.0
    at_most: float = 1.0


@dataclass(frozen=True, slots=True)
class HasSignal:
    """It carries the signal at least so strongly."""

    signal: Signal
    at_least: float


@dataclass(frozen=True, slots=True)
class WithinHours:
    """It was written in [start, end) of the shop's day; an end before the start lies on the next day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class CameFrom:
    """She came from one of these scenes."""

    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShowsOrder:
    """It is an order of hers: a purchase we know of."""


@dataclass(frozen=True, slots=True)
class SessionShows:
    """A figure of its session lies in [at_least, at_most]; one that is unknown lies nowhere."""

    figure: Figure
    at_least: float | None = None
    at_most: float | None = None


Condition = HasKeyword | HasIntent | HasTopic | HasMood | HasSignal | WithinHours | CameFrom | ShowsOrder | SessionShows


def holds(condition: Condition, seen: Observation, zone: tzinfo) -> bool:  # noqa: PLR0911 - one for each kind
    """Whether the condition is there in what was said. zone: the shop's."""
    match condition:
        case HasKeyword(words):
            return any(word in keyword for keyword in seen.keywords for word in words)
        case HasIntent(intents):
            return seen.intent in intents
        case HasTopic(topics):
            return not topics.isdisjoint(seen.topics)
        case HasMood(at_least, at_most):
            return seen.mood is not None and at_least <= seen.mood <= at_most
        case HasSignal(signal, at_least):
            return seen.signals.get(signal, 0.0) >= at_least
        case WithinHours(start, end):
            clock = seen.at.astimezone(zone).time()
            return start <= clock < end if start < end else clock >= start or clock < end
        case CameFrom(sources):
            return seen.source in sources
        case ShowsOrder():
            return seen.kind in ORDER_KINDS
        case SessionShows(figure, lowest, highest):
            value = seen.figures.get(figure)
            return value is not None and (lowest is None or value >= lowest) and (highest is None or value <= highest)
        case _ as never:
            assert_never(never)
