"""Is this one of these names, where a name may end in * for whatever follows?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Names:
    """Exact names, and beginnings of names. Nothing holds ""."""

    exact: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, written: Iterable[str]) -> Self:
        """From names as the pack writes them: "qr-counter-1", "qr-*"."""
        listed = tuple(dict.fromkeys(written))
        return cls(
            frozenset(name for name in listed if not name.endswith("*")),
            tuple(name.removesuffix("*") for name in listed if name.endswith("*")),
        )

    def __bool__(self) -> bool:
        """Is any name given?"""
        return bool(self.exact or self.beginnings)

    def holds(self, name: str) -> bool:
        """Is it one of them?"""
        return bool(name) and (name in self.exact or name.startswith(self.beginnings))
