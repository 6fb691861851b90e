"""What do the measures say? Frozen values; their exact definitions are in docs/measures.md."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

REOPEN_WITHIN: Final = timedelta(days=7)
RECONTACT_WITHIN: Final = timedelta(hours=72)
SATISFIED_FROM: Final = 4  # of 5
SCORES: Final = (1, 2, 3, 4, 5)


class By(StrEnum):
    """What figures are grouped by. DAY, WEEKDAY and HOUR: of the beginning, in the shop's time zone."""

    TEAM = "team"
    AGENT = "agent"
    INTENT = "intent"
    CHANNEL = "channel"
    SOURCE = "source"
    REASON = "reason"
    RULE = "rule"
    TYPE = "type"
    PRIORITY = "priority"
    DAY = "day"
    WEEKDAY = "weekday"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which tickets count: those that began in [since, until), of this team and channel ("": of any).

    now: until when is known what became of them. zone: the shop's. Raises ValueError where the period is empty.
    """

    since: datetime
    until: datetime
    now: datetime
    zone: ZoneInfo
    team: str = ""
    channel: str = ""

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise ValueError("the period ends before it begins")

    def moment_key(self, by: By, at_ms: int) -> str:
        """The group of a moment, where it is grouped by time: day as ISO date, weekday 1 (Monday) – 7, hour 00 – 23."""
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.zone)
        match by:
            case By.DAY:
                return local.date().isoformat()
            case By.WEEKDAY:
                return str(local.isoweekday())
            case By.HOUR:
                return f"{local.hour:02d}"
            case _:
                raise ValueError(f"{by} is not a moment")


BY_MOMENT: Final = frozenset({By.DAY, By.WEEKDAY, By.HOUR})


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in seconds: how many, their mean, median and 90th percentile; None of nothing."""

    n: int
    mean: float | None = None
    median: float | None = None
    p90: float | None = None

    @classmethod
    def of_ms(cls, durations: Sequence[float] | array[float] | NDArray[np.float64]) -> Spread:
        """Of durations in milliseconds; percentiles by linear interpolation between the two nearest."""
        if not len(durations):
            return cls(0)
        seconds = np.asarray(durations, dtype=np.float64) / 1000
        median, p90 = np.percentile(seconds, (50, 90))
        return cls(len(seconds), float(seconds.mean()), float(median), float(p90))


@dataclass(frozen=True, slots=True)
class Timing:
    """The same durations by the clock on the wall and within business hours only."""

    wall: Spread
    business: Spread


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0–1; None of nothing."""
        return self.part / self.whole if self.whole else None
