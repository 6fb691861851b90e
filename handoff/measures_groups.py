"""How do rows find the group they count in?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from handoff.measures_values import BY_MOMENT, By, Scope

F = TypeVar("F")
_QUARTER_MS = 15 * 60_000  # offsets from UTC are whole quarters, so a quarter has one day, weekday and hour


class Tally(Protocol):
    """What is counted of a group."""

    def merge(self, other: Self) -> None:
        """Count what another group counted."""


T = TypeVar("T", bound=Tally)


@dataclass(frozen=True, slots=True)
class Report(Generic[F]):
    """Figures of everything together (key ""), and of each group, by key."""

    total: F
    groups: tuple[F, ...]


class Groups(Generic[T]):
    """One tally a group; everything is what they come to together."""

    def __init__(self, scope: Scope, by: By | None, make: Callable[[], T]) -> None:
        self._scope, self._by, self._make = scope, by, make
        self._by_moment = by in BY_MOMENT
        self._moments: dict[int, str] = {}
        self._tallies: dict[str, T] = {}

    def of(self, key: str, began_ms: int) -> T:
        """The tally that a row counts in."""
        if self._by_moment:
            key = self._moment_key(began_ms)
        if key not in self._tallies:
            self._tallies[key] = self._make()
        return self._tallies[key]

    def report(self, figures: Callable[[T, str], F]) -> Report[F]:
        """What it all comes to."""
        total = self._make()
        for tally in self._tallies.values():
            total.merge(tally)
        groups = sorted(self._tallies.items()) if self._by else ()
        return Report(figures(total, ""), tuple(figures(each, key) for key, each in groups))

    def _moment_key(self, began_ms: int) -> str:
        quarter = began_ms // _QUARTER_MS
        if self._by and quarter not in self._moments:
            self._moments[quarter] = self._scope.moment_key(self._by, began_ms)
        return self._moments[quarter]
