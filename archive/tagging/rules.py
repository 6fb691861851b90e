"""When does a customer get a tag, when does it fade, and which tags cannot stand beside each other? As values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from zlib import crc32

from archive.tagging.conditions import Condition

EVALUATION_VERSION = 1  # raised when the same evidence is weighed otherwise: everybody is then looked at anew


class Each(StrEnum):
    """What counts once: every message, a session however much is said in it, a day of the shop."""

    MESSAGE = "message"
    SESSION = "session"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Clue:
    """What speaks for a tag. A message counts where all conditions hold in it.

    weight: in (0, 1), how sure one of them alone makes, while it is new. at_least: how many are needed within `within`
    before any counts.
    """

    conditions: tuple[Condition, ...]
    weight: float
    within: timedelta
    at_least: int = 1
    each: Each = Each.SESSION


@dataclass(frozen=True, slots=True)
class TagRule:
    """A tag of the shop.

    appears: from this confidence on, in (0, 1]; fades: below this one, which is not higher. half_life: after which a
    clue counts half. priority: of tags that exclude each other the higher stays. advice: for people, what it means.
    """

    name: str
    group: str
    clues: tuple[Clue, ...]
    appears: float
    fades: float
    half_life: timedelta
    excludes: frozenset[str] = frozenset()
    priority: int = 0
    advice: str = ""

    @property
    def horizon(self) -> timedelta:
        """Nothing older than this speaks for it."""
        return max((clue.within for clue in self.clues), default=timedelta(0))


@dataclass(frozen=True)
class TagRules:
    """All tags of the shop. alternatives: groups of which a customer has one tag at most. zone: of the shop's day."""

    rules: tuple[TagRule, ...]
    zone: tzinfo
    alternatives: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def by_name(self) -> Mapping[str, TagRule]:
        """The rules by the tag's name."""
        return {rule.name: rule for rule in self.rules}

    @cached_property
    def horizon(self) -> timedelta:
        """Nothing older than this speaks for any of them."""
        return max((rule.horizon for rule in self.rules), default=timedelta(0))

    @cached_property
    def version(self) -> int:
        """Another number for other rules, so that everybody is looked at anew."""
        told = (EVALUATION_VERSION, str(self.zone), sorted(self.alternatives), *map(_told, self.rules))
        return crc32(repr(told).encode()) & 0x7FFF_FFFF

    def clash(self, one: str, other: str) -> bool:
        """Whether two tags cannot stand beside each other."""
        first, second = self.by_name.get(one), self.by_name.get(other)
        if first is None or second is None or one == other:
            return False
        if first.group == second.group and first.group in self.alternatives:
            return True
        return other in first.excludes or one in second.excludes


def _told(rule: TagRule) -> tuple[object, ...]:
    """A rule in an order that is the same in every process: sets have none."""
    clues = [
        (sorted(map(_condition, clue.conditions)), clue.weight, clue.within, clue.at_least, clue.each.value)
        for clue in rule.clues
    ]
    limits = (rule.appears, rule.fades, rule.half_life, rule.priority)
    return (rule.name, rule.group, clues, *limits, sorted(rule.excludes))


def _condition(condition: Condition) -> str:
    values = [getattr(condition, name) for name in condition.__slots__]
    return repr((type(condition).__name__, [sorted(each) if isinstance(each, frozenset) else each for each in values]))
