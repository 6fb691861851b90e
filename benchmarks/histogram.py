"""How are a million latencies kept? Counted in buckets 1 % wide: as small after a million as after a thousand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

WIDTH = 1.01  # of a bucket, end to start: a figure read is at most 1 % above the one measured


@dataclass(frozen=True, slots=True)
class Histogram:
    """Positive values, by the bucket in which each lies: number n ends at WIDTH ** n."""

    buckets: Counter[int] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        """Count one. Raises ValueError if it is not positive."""
        self.buckets[math.ceil(math.log(value, WIDTH))] += 1

    def percentile(self, share: float) -> float:
        """Below which `share` of the values lie (nearest rank), told as the end of its bucket; 0 for none."""
        total = self.buckets.total()
        left = min(int(share * total), total - 1)
        for number, count in sorted(self.buckets.items()):
            if left < count:
                return WIDTH**number
            left -= count
        return 0.0

    def as_json(self) -> dict[str, int]:
        """As it goes over a pipe."""
        return {str(number): count for number, count in self.buckets.items()}


def together(kept: Iterable[Mapping[str, int]]) -> Histogram:
    """One of several, each as `as_json` gave it."""
    whole = Histogram()
    for each in kept:
        whole.buckets.update({int(number): count for number, count in each.items()})
    return whole
