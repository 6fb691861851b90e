"""Which days are public holidays of mainland China, and which weekend days are worked for them (调休)?"""

from __future__ import annotations

from datetime import date
from enum import Enum, auto
from functools import cache, lru_cache

import chinese_calendar


class DayKind(Enum):
    """What the State Council's yearly notice makes of a day."""

    ORDINARY = auto()
    HOLIDAY = auto()
    MAKEUP = auto()  # a weekend day that is worked


@lru_cache(maxsize=4096)  # the library looks through all its years each time; these are the days of eleven
def day_kind(day: date) -> DayKind:
    """What the day is, by the library's data; ORDINARY where it has none (see `holidays_known_until`)."""
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # a year that the library does not know
        return DayKind.ORDINARY
    if name is None:
        return DayKind.ORDINARY
    return DayKind.HOLIDAY if free else DayKind.MAKEUP


@cache
def holidays_known_until() -> date:
    """The last day the library knows: the end of a year, as each year's holidays are published in the autumn before."""
    return date(max(chinese_calendar.holidays).year, 12, 31)
