"""How many customers will want a person in each quarter of an hour, and how well would the past have been foretold?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from handoff.holidays import DayKind, day_kind

QUARTER_S: Final = 900
QUARTERS: Final = 96  # of a day
HALF_LIFE_WEEKS: Final = 4.0  # a season changes within a quarter: the last month says as much as all before it
_HOLIDAY: Final = 7  # kinds of day after the seven weekdays
_MAKEUP: Final = 8
_SUNDAY: Final = 6
_WORKDAYS: Final = tuple(range(5))

Quarters = NDArray[np.float64]


class TooLittleHistoryError(ValueError):
    """There is nothing to foretell from; the message says how much is needed."""


@dataclass(frozen=True, slots=True)
class History:
    """Arrivals of whole local days in a row, the first on `first`. arrivals: one row a day, one column a quarter."""

    first: date
    arrivals: Quarters

    @property
    def days(self) -> tuple[date, ...]:
        """The days, in order."""
        return tuple(self.first + timedelta(days=number) for number in range(len(self.arrivals)))

    def before(self, day: date) -> History:
        """What was known in the evening before a day."""
        return History(self.first, self.arrivals[: max((day - self.first).days, 0)])


def forecast(history: History, day: date, half_life_weeks: float = HALF_LIFE_WEEKS) -> Quarters:
    """Arrivals to expect on a day, by quarter: the mean of past days of its kind, recent weeks weighing more.

    Kinds are the weekdays, public holidays, and weekend days that are worked for them; days not before `day` are not
    looked at. A holiday where none was seen yet is taken for a Sunday, a worked weekend day for a weekday between
    Monday and Friday. Raises TooLittleHistoryError where there is no such day either.
    """
    past = history.before(day)
    kinds = np.array([_kind(each) for each in past.days], dtype=np.int64)
    for wanted in _likeness(_kind(day)):
        chosen = np.flatnonzero(np.isin(kinds, wanted))
        if len(chosen):
            ages = (day - past.first).days - chosen
            weights = 0.5 ** (ages / 7 / half_life_weeks)
            expected: Quarters = weights @ past.arrivals[chosen] / weights.sum()
            return expected
    raise TooLittleHistoryError(f"no day like {day} before it; a week of tickets is the least to foretell from")


@dataclass(frozen=True, slots=True)
class Errors:
    """How far a forecast was off. n: quarters compared.

    wape: sum of absolute errors by sum of what was; None where nothing was. mape: mean of error by what was, over the
    quarters in which something was. Both 0 if all was right, 1 = 100 %.
    """

    n: int
    wape: float | None
    mape: float | None

    @classmethod
    def between(cls, told: Quarters, was: Quarters) -> Errors:
        """Of any arrays of one shape."""
        off, some = np.abs(told - was), was > 0
        if not some.any():
            return cls(was.size, None, None)
        return cls(was.size, float(off.sum() / was.sum()), float((off[some] / was[some]).mean()))


@dataclass(frozen=True, slots=True)
class TestedWeek:
    """One week foretold from what lay before it. last_week: the error of repeating the week before, to compare."""

    first: date
    arrivals: Errors
    daily: Errors
    agents: Errors
    last_week: Errors


def back_test(
    history: History,
    weeks: int,
    required: Callable[[Quarters], Quarters],
    half_life_weeks: float = HALF_LIFE_WEEKS,
) -> tuple[TestedWeek, ...]:
    """Foretell each of the last whole weeks from what lay before it, and compare.

    required: agents needed for the arrivals of a day, by quarter. Raises TooLittleHistoryError where less than a week
    would lie before the first.
    """
    if len(history.arrivals) < 7 * (weeks + 1):
        raise TooLittleHistoryError(
            f"{len(history.arrivals)} days of tickets; testing {weeks} weeks needs {7 * (weeks + 1)}, or fewer weeks"
        )
    end = len(history.arrivals)
    return tuple(_tested(history, end - 7 * back, required, half_life_weeks) for back in range(weeks, 0, -1))


def _tested(
    history: History, start: int, required: Callable[[Quarters], Quarters], half_life_weeks: float
) -> TestedWeek:
    first = history.days[start]
    known = history.before(first)  # the whole week is foretold in the evening before it
    told = np.stack([forecast(known, first + timedelta(days=number), half_life_weeks) for number in range(7)])
    was = history.arrivals[start : start + 7]
    return TestedWeek(
        first=first,
        arrivals=Errors.between(told, was),
        daily=Errors.between(told.sum(axis=1), was.sum(axis=1)),
        agents=Errors.between(np.stack([required(each) for each in told]), np.stack([required(each) for each in was])),
        last_week=Errors.between(history.arrivals[start - 7 : start], was),
    )


def _kind(day: date) -> int:
    match day_kind(day):
        case DayKind.HOLIDAY:
            return _HOLIDAY
        case DayKind.MAKEUP:
            return _MAKEUP
        case DayKind.ORDINARY:
            return day.weekday()


def _likeness(kind: int) -> tuple[tuple[int, ...], ...]:
    """Which days to learn from: the first of these sets of kinds of which there is any."""
    match kind:
        case 7:
            return (_HOLIDAY,), (_SUNDAY,)
        case 8:
            return (_MAKEUP,), _WORKDAYS
        case _:
            return ((kind,),)
