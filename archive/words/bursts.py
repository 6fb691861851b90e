"""On which days was something said far more often than on the others? Few false alarms, however much is watched."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

import numpy as np

K = TypeVar("K", bound=Hashable)

FALSE_ALARMS = 0.05  # chance that a report on nothing but chance names any burst
LEAST = 5  # times on the day; what is said less often moves nobody


@dataclass(frozen=True, slots=True)
class Burst(Generic[K]):
    """Adjoining days on which `key` was said too often for chance.

    count: how often in them. expected: how often as on the other days. p: of its most surprising day, corrected.
    """

    key: K
    first: date
    last: date
    count: int
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class _Day(Generic[K]):
    key: K
    day: date
    count: int
    expected: float
    p: float


def bursts(
    daily: Mapping[K, Mapping[date, int]],
    volume: Mapping[date, int],
    *,
    false_alarms: float = FALSE_ALARMS,
    least: int = LEAST,
) -> list[Burst[K]]:
    """Compare each day's count of each key with its counts on all the other days.

    The exact conditional test of two Poisson rates (Przyborowski and Wilenski 1940): of all a key was said, one day
    holds a binomial share, as large as the day's share of the volume. It needs no rate that is known for certain, and a
    busy day alone is no burst. Holm's correction (1979) over all keys and days bounds the chance of any false alarm.

    Args:
        daily: counts of each key by day; a key is anything to compare between days: a word, a word of a team or goods.
        volume: messages of each day; the days that are looked at. Days without messages are left out.
        false_alarms: chance of naming any burst where counts follow the volume.
        least: count of a day that is worth telling; also keeps what can never be significant out of the correction.

    Returns:
        Bursts, the latest first, then the most surprising.
    """
    days = sorted(day for day, count in volume.items() if count > 0)
    tested = [each for key, counts in daily.items() for each in _tested(key, counts, days, volume, least)]
    raised = _holm(tested, false_alarms)
    return sorted(_joined(raised), key=lambda burst: (-burst.last.toordinal(), burst.p, str(burst.key)))


def _tested(
    key: K, counts: Mapping[date, int], days: Sequence[date], volume: Mapping[date, int], least: int
) -> Iterator[_Day[K]]:
    from scipy.stats import binom  # noqa: PLC0415 - heavy; only where somebody asks for a report

    said = np.array([counts.get(day, 0) for day in days])
    total = int(said.sum())
    if len(days) < 2 or total < least:  # noqa: PLR2004 - a day and another
        return
    messages = np.array([volume[day] for day in days], dtype=np.float64)
    share = messages / messages.sum()
    chance = binom.sf(said - 1, total, share)
    expected = (total - said) * share / (1 - share)
    for place, day in enumerate(days):
        yield _Day(key, day, int(said[place]), float(expected[place]), float(chance[place]))


def _holm(tested: Sequence[_Day[K]], false_alarms: float) -> list[_Day[K]]:
    """Those that stay below the bound step by step, with corrected p."""
    raised: list[_Day[K]] = []
    worst = 0.0
    for rank, each in enumerate(sorted(tested, key=lambda one: one.p)):
        worst = max(worst, min(1.0, each.p * (len(tested) - rank)))
        if worst > false_alarms:
            break
        raised.append(_Day(each.key, each.day, each.count, each.expected, worst))
    return raised


def _joined(days: Sequence[_Day[K]]) -> Iterator[Burst[K]]:
    by_key: dict[K, list[_Day[K]]] = {}
    for each in days:
        by_key.setdefault(each.key, []).append(each)
    for key, found in by_key.items():
        run: list[_Day[K]] = []
        for each in sorted(found, key=lambda one: one.day):
            if run and each.day - run[-1].day > timedelta(days=1):
                yield _burst(key, run)
                run = []
            run.append(each)
        yield _burst(key, run)


def _burst(key: K, days: Sequence[_Day[K]]) -> Burst[K]:
    return Burst(
        key=key,
        first=days[0].day,
        last=days[-1].day,
        count=sum(each.count for each in days),
        expected=round(sum(each.expected for each in days), 2),
        p=min(each.p for each in days),
    )
