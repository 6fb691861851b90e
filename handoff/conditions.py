"""When does a rule hold? Conditions over facts; each can be asked which of the others it includes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Literal

from handoff.facts import Facts
from handoff.names import Names
from handoff.places import Place
from handoff.wording import Wording, normalise

Feeling = Literal["negative", "urgent", "calm"]
Hours = Literal["open", "closed"]
NEGATIVE: Final = -0.3  # sentiment from which down a message counts as negative: one clear word of displeasure
URGENT: Final = 0.5  # urgency from which on a message counts as urgent: one clear word of haste
_FEELINGS: Final[Mapping[tuple[bool, bool], frozenset[str]]] = {
    (False, False): frozenset({"calm"}),
    (False, True): frozenset({"urgent"}),
    (True, False): frozenset({"negative"}),
    (True, True): frozenset({"negative", "urgent"}),
}  # by whether it is negative and urgent


@dataclass(frozen=True, slots=True)
class Seen:
    """A message's facts with what is derived from them once. normalised: of the text. signals: those that fired."""

    facts: Facts
    normalised: str
    signals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of a rule: each list that is given must have one hit; an empty `When` always holds."""

    signals: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    moods: tuple[Feeling, ...] = ()
    hours: tuple[Hours, ...] = ()
    languages: tuple[str, ...] = ()
    _tests: Mapping[str, Callable[[Seen], bool]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tests", {name: _TESTS[name](given) for name, given in self.given()})

    @property
    def always(self) -> bool:
        """Has it no condition at all?"""
        return not self._tests

    def given(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each condition by name, with the values of which one must hit."""
        for each in fields(self):
            if each.init and (values := getattr(self, each.name)):
                yield each.name, values

    def judged(self, seen: Seen) -> Mapping[str, bool]:
        """Which of the given conditions hold?"""
        return {name: test(seen) for name, test in self._tests.items()}

    def holds(self, seen: Seen) -> bool:
        """Do all conditions hold?"""
        for test in self._tests.values():  # noqa: SIM110 - asked of every rule about every message
            if not test(seen):
                return False
        return True

    def includes(self, other: When) -> bool:
        """Does this hold wherever `other` does? True only where that is certain."""
        others = dict(other.given())
        return all(
            name in others and all(any(_INCLUDES[name](mine, his) for mine in values) for his in others[name])
            for name, values in self.given()
        )


def feelings(facts: Facts) -> frozenset[str]:
    """What the mood of this message counts as: negative, urgent, both, or else calm."""
    return _FEELINGS[facts.sentiment <= NEGATIVE, is_urgent(facts.urgency)]


def is_urgent(urgency: float) -> bool:
    """Does a message of this urgency (0–1) count as urgent?"""
    return urgency >= URGENT


def opening(facts: Facts) -> str:
    """Are people at work? "" where that is not known."""
    return "" if facts.open_now is None else "open" if facts.open_now else "closed"


def _one(value: Callable[[Seen], str | None]) -> Callable[[tuple[str, ...]], Callable[[Seen], bool]]:
    def of(given: tuple[str, ...]) -> Callable[[Seen], bool]:
        wanted = frozenset(given)
        return lambda seen: value(seen) in wanted

    return of


def _some(values: Callable[[Seen], tuple[str, ...] | frozenset[str]]) -> Callable[..., Callable[[Seen], bool]]:
    def of(given: tuple[str, ...]) -> Callable[[Seen], bool]:
        wanted = frozenset(given)
        return lambda seen: not wanted.isdisjoint(values(seen))

    return of


def _words(given: tuple[str, ...]) -> Callable[[Seen], bool]:
    wording = Wording.of(given)
    return lambda seen: wording.occurs_in(seen.normalised)


def _regions(given: tuple[str, ...]) -> Callable[[Seen], bool]:
    places = [Place.parse(each) for each in given]

    def inside(seen: Seen) -> bool:
        where = Place.of(seen.facts.region)
        return any(each.holds(where) for each in places)

    return inside


def _sources(given: tuple[str, ...]) -> Callable[[Seen], bool]:
    names = Names.of(given)
    return lambda seen: names.holds(seen.facts.source)


_TESTS: Final[Mapping[str, Callable[[tuple[str, ...]], Callable[[Seen], bool]]]] = {
    "signals": _some(lambda seen: seen.signals),
    "intents": _one(lambda seen: seen.facts.intent),
    "stages": _one(lambda seen: seen.facts.stage),
    "categories": _some(lambda seen: seen.facts.category),
    "channels": _one(lambda seen: seen.facts.channel),
    "text_words": _words,
    "regions": _regions,
    "tags": _some(lambda seen: seen.facts.tags),
    "sources": _sources,
    "goods": _some(lambda seen: seen.facts.goods),
    "moods": _some(lambda seen: feelings(seen.facts)),
    "hours": _one(lambda seen: opening(seen.facts)),
    "languages": _one(lambda seen: seen.facts.language),
}


def _same(mine: str, his: str) -> bool:
    return mine == his


def _source_includes(mine: str, his: str) -> bool:
    return his.startswith(mine.removesuffix("*")) if mine.endswith("*") else mine == his


# Of each condition: does a hit of `his` value mean one of `mine`?
_INCLUDES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    **dict.fromkeys(_TESTS, _same),
    # a text that has `his` word has whatever stands in that word; borders of Latin words hold inside as outside
    "text_words": lambda mine, his: Wording.of([mine]).occurs_in(normalise(his)),
    "regions": lambda mine, his: Place.parse(mine).holds(Place.parse(his)),
    "sources": _source_includes,
}
