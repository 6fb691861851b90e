"""Which signs say that a person is needed, and how is each found? Never raises, whatever the facts are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from handoff.conditions import Seen, feelings
from handoff.facts import Facts
from handoff.names import Names
from handoff.wording import Wording

# Strongest first: the first one found is the reason of a hand-over.
SignalName = Literal[
    "legal",
    "complaint",
    "never_for_the_bot",
    "asked_for_person",
    "engine_failed",
    "nothing_found",
    "open_promise",
    "order_at_risk",
    "mood_trend",
    "low_probability",
    "vip",
    "out_of_hours",
]
SIGNALS: Final[tuple[str, ...]] = get_args(SignalName)
# The signals that are found by wording or intent alone; the pack may set each under `triggers`.
WORDED_SIGNALS: Final = SIGNALS[:4]
OUT_OF_HOURS: Final = "out_of_hours"  # a circumstance of other signals, never one by itself
ASK_HUMAN: Final = "ask_human"  # the menu item that always calls a person
ORDER_NUMBER: Final = "order_number"  # the entity that names an order
UNKNOWN_INTENTS: Final = frozenset({"", "out_of_scope"})


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

    @property
    def is_off(self) -> bool:
        """Can nothing fire it?"""
        return self.words.pattern is None and not self.intents

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
class LowProbability:
    """Something was asked, and neither the best script nor the best intent is as probable as `below`."""

    below: float

    def fires(self, seen: Seen) -> bool:
        """Is it there? Not where understanding failed: then nothing is known about probabilities."""
        facts = seen.facts
        if not seen.normalised or facts.choice or facts.engine_failed:
            return False
        known = 0.0 if facts.intent in UNKNOWN_INTENTS else facts.confidence
        return max(known, facts.best_probability) < self.below


@dataclass(frozen=True, slots=True)
class MoodTrend:
    """Her mood is at or below `below`, and fell by `drop` since her messages before, or was that low already."""

    below: float
    drop: float

    def fires(self, seen: Seen) -> bool:
        """Is it there? One message alone is no trend."""
        now, before = seen.facts.sentiment, seen.facts.moods
        if not before or not now <= self.below:
            return False
        return sum(before) / len(before) - now >= self.drop or before[-1] <= self.below


@dataclass(frozen=True, slots=True)
class OrderAtRisk:
    """It is about an order, and she is displeased, in a hurry, or has urged before.

    intents, categories: what is about an order; so is every message with an order number.
    """

    intents: Names
    categories: frozenset[str]

    def is_about(self, facts: Facts) -> bool:
        """Is it about an order?"""
        return (
            self.intents.holds(facts.intent)
            or not self.categories.isdisjoint(facts.category)
            or ORDER_NUMBER in facts.entities
        )

    def fires(self, seen: Seen) -> bool:
        """Is it there?"""
        facts = seen.facts
        return self.is_about(facts) and ("calm" not in feelings(facts) or facts.urged > 0)


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A person promised something, and she asks how far it is."""

    words: Wording
    intents: Names

    def fires(self, seen: Seen) -> bool:
        """Is it there?"""
        asks = self.words.occurs_in(seen.normalised) or self.intents.holds(seen.facts.intent)
        return seen.facts.promises > 0 and asks


@dataclass(frozen=True, slots=True)
class Stake:
    """weight: how sure the signal alone makes us that a person is needed (0: switched off – 1: certain).

    cost: of ignoring it if one is needed, where a needless hand-over costs 1 by default.
    """

    weight: float
    cost: float


@dataclass(frozen=True, slots=True)
class SignalPolicy:
    """What each signal means, what it weighs and what it costs to ignore it.

    needless: cost of a hand-over nobody needed; when_closed: its factor while nobody is at work.
    """

    triggers: Mapping[str, Trigger]
    nothing_found_times: int
    low_probability: LowProbability
    mood_trend: MoodTrend
    order_at_risk: OrderAtRisk
    open_promise: OpenPromise
    vip_tags: frozenset[str]
    stakes: Mapping[str, Stake]
    needless: float
    when_closed: float

    def found(self, seen: Seen) -> tuple[str, ...]:
        """The signals of a message, strongest first. `seen.signals` does not count."""
        fired = [name for name in _OWN if self._weighs(name, seen) and self._fires(name, seen)]
        if any(name in self.triggers for name in fired):  # these words were understood, whatever the search found
            fired = [name for name in fired if name != "low_probability"]
        closed = seen.facts.open_now is False
        return (*fired, OUT_OF_HOURS) if fired and closed else tuple(fired)

    def needs_history(self, facts: Facts) -> bool:
        """Would `moods` and `urged` change which signals fire? Finding them out costs time."""
        return facts.sentiment <= self.mood_trend.below or self.order_at_risk.is_about(facts)

    def is_off(self, name: str) -> bool:
        """Can this signal never fire?"""
        if name in {"asked_for_person", OUT_OF_HOURS}:  # the menu item stays; hours have no weight of their own
            return False
        unfounded = not self.vip_tags if name == "vip" else name in self.triggers and self.triggers[name].is_off
        return unfounded or not self.stakes[name].weight

    def _weighs(self, name: str, seen: Seen) -> bool:
        by_menu = name == "asked_for_person" and seen.facts.choice == ASK_HUMAN
        return by_menu or self.stakes[name].weight > 0

    def _fires(self, name: str, seen: Seen) -> bool:
        if name in self.triggers:
            by_menu = name == "asked_for_person" and seen.facts.choice == ASK_HUMAN
            return by_menu or self.triggers[name].fires(seen.facts, seen.normalised)
        return _FIRES[name](self, seen)


_OWN: Final = tuple(name for name in SIGNALS if name != OUT_OF_HOURS)
_FIRES: Final[Mapping[str, Callable[[SignalPolicy, Seen], bool]]] = {
    "engine_failed": lambda _, seen: seen.facts.engine_failed,
    "nothing_found": lambda policy, seen: seen.facts.failures >= policy.nothing_found_times,
    "open_promise": lambda policy, seen: policy.open_promise.fires(seen),
    "order_at_risk": lambda policy, seen: policy.order_at_risk.fires(seen),
    "mood_trend": lambda policy, seen: policy.mood_trend.fires(seen),
    "low_probability": lambda policy, seen: policy.low_probability.fires(seen),
    "vip": lambda policy, seen: not policy.vip_tags.isdisjoint(seen.facts.tags),
}
