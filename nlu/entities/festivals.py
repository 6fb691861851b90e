"""On which day is a festival, and which festival does a text name?"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from nlu.lexicon import lines

_FIRST_YEAR, _LAST_YEAR = 2020, 2040  # where the moon decides, the table says it for these years


@cache
def _table() -> dict[str, tuple[str, ...]]:
    rows = (line.split("\t") for line in lines("festivals.txt"))
    return {name: tuple(days.split()) for names, days in rows for name in names.split()}


@cache
def festival_pattern() -> str:
    """Alternatives of a regular expression, longest first."""
    return "|".join(re.escape(name) for name in sorted(_table(), key=lambda name: (-len(name), name)))


def festival_day(name: str, at: date, year: int | None = None) -> date | None:
    """The festival's day of `year`, else the one nearest to `at`; None where the table does not reach."""
    days = _days(name)
    if year is not None:
        return next((day for day in days if day.year == year), None)
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return None
    return min(days, key=lambda day: (abs((day - at).days), day))


@cache
def _days(name: str) -> tuple[date, ...]:
    written = _table()[name]
    if len(written) > 1:
        return tuple(map(date.fromisoformat, written))
    month, day = map(int, written[0].split("-"))
    return tuple(date(year, month, day) for year in range(_FIRST_YEAR, _LAST_YEAR + 1))
