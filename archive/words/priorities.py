"""Which script should be written next, and what speaks for it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.words.questions import Topic

MOST_GROWTH = 3.0  # growth counts up to threefold either way: small numbers jump


@dataclass(frozen=True, slots=True)
class Priority:
    """A topic that lacks a script, and the evidence.

    score: questions without a script in the window × growth × trouble; only the order means something.
    missing: those questions. growth: as counted, within `MOST_GROWTH`. trouble: 1 for good or unknown mood, 2 for the
    worst.
    """

    topic: Topic
    score: float
    missing: int
    growth: float
    trouble: float


def write_next(found: Sequence[Topic], *, most: int = 10) -> list[Priority]:
    """Rank the topics by what a script would spare, the most pressing first; where none is missing, left out."""
    ranked = [priority for topic in found if (priority := _priority(topic)).missing > 0]
    ranked.sort(key=lambda one: (-one.score, -one.missing, one.topic.id))
    return ranked[:most]


def _priority(topic: Topic) -> Priority:
    missing = round(topic.without_script * topic.asked)
    growth = min(max(topic.growth, 1 / MOST_GROWTH), MOST_GROWTH)
    trouble = 1.0 + max(0.0, -(topic.mood or 0.0))
    return Priority(topic, round(missing * growth * trouble, 2), missing, growth, round(trouble, 3))
