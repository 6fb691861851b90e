"""At which instant does the clock on a wall reach a local time, also on the nights when it is put forward or back?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime, to the nearest one, as instants are stored."""
    return (at - EPOCH + MILLISECOND / 2) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The UTC datetime of so many milliseconds since the epoch."""
    return EPOCH + ms * MILLISECOND


def reached(local: datetime, zone: ZoneInfo) -> int:
    """The first instant (ms since the epoch) at which clocks in `zone` show `local` (naive) or more.

    A time that comes twice counts from the first. A time that is left out counts from the leap on: zoneinfo would put
    it after times that follow it (PEP 495 reads it with the offset from before the leap).
    """
    late, early = (to_ms(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    while late - early > 1:  # left out: the leap lies between, and at `early` clocks show less than `local`
        middle = (early + late) // 2
        if from_ms(middle).astimezone(zone).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return late
