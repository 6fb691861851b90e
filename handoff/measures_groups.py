"""How do rows find the group they count in?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from handoff.measures_values import BY_MOMENT, By, Scope

F = TypeVar("F")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report(Generic[F]):
    """Figures of everything together (key ""), and of each group, by key."""

    total: F
    groups: tuple[F, ...]


class Groups(Generic[T]):
    """One tally for everything, and one a group."""

    def __init__(self, scope: Scope, by: By | None, make: Callable[[], T]) -> None:
        self._scope, self._by, self._make = scope, by, make
        self._total = make()
        self._tallies: dict[str, T] = {}

    def of(self, key: str, began_ms: int) -> tuple[T, ...]:
        """The tallies that a row counts in."""
        if self._by is None:
            return (self._total,)
        if self._by in BY_MOMENT:
            key = self._scope.moment_key(self._by, began_ms)
        if key not in self._tallies:
            self._tallies[key] = self._make()
        return (self._total, self._tallies[key])

    def report(self, figures: Callable[[T, str], F]) -> Report[F]:
        """What it all comes to."""
        return Report(
            figures(self._total, ""), tuple(figures(each, key) for key, each in sorted(self._tallies.items()))
        )
