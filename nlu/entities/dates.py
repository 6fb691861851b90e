"""Which dates, times and periods does a text name?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nlu.entities.clock import CLOCK, Clock, read_clock
from nlu.entities.day_expressions import EXPRESSIONS
from nlu.entities.days import Days
from nlu.entities.found import Found, Rank
from nlu.training_data import Entity

_REFERENCE = date(2024, 1, 1)  # without a reference moment, only to see whether an expression names a day at all
_BARE_DAY = 3  # characters of "15号"
_CLOCK_HINTS = frozenset("点时:：早晚午晨夜")
_JOINED = re.compile(r"\s?(?:到|至|-|~|—|～)\s?")


@dataclass(frozen=True, slots=True)
class _Read:
    """One expression: days None where only a time of day is said, or no reference moment is known."""

    start: int
    end: int
    days: Days | None
    clock: Clock | None


def find_dates(text: str, at: datetime | None) -> Iterator[Found]:
    """Find "date" (a day or a moment) and "period" (days or hours, first and last included).

    Values in ISO 8601: "2026-11-18", "2026-11-18T15:00", "2026-11-16/2026-11-22", "2026-11-21T18:00/2026-11-22T00:00".
    at: the moment the text was written, in the shop's time zone; without it what needs it keeps the words as value.
    A date without a year is the nearest one to `at`, "周三" the one of this week.
    """
    readings = _with_clocks(text, _days(text, at))
    joined = list(_joined(text, readings))
    for first, last in joined:
        kind, value = _value(first, last, at) or ("date" if first is last else "period", text[first.start : last.end])
        yield Found(Entity(kind, first.start, last.end, value), Rank.DAY)


def _days(text: str, at: datetime | None) -> list[_Read]:
    """The day expressions apart from each other, earlier patterns first."""
    taken = bytearray(len(text))
    readings: list[_Read] = []
    today = at.date() if at else None
    characters = frozenset(text)
    for expression in EXPRESSIONS:
        if characters.isdisjoint(expression.needs):
            continue
        for match in expression.pattern.finditer(text):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)  # also the 30th of February: nothing inside it is a day
            if days := expression.resolve(match, today or _REFERENCE):
                readings.append(_Read(start, end, days if today or _is_absolute(match) else None, None))
    return sorted(readings, key=lambda read: read.start)


def _is_absolute(match: re.Match[str]) -> bool:
    return bool(match.groupdict().get("year"))


def _with_clocks(text: str, readings: list[_Read]) -> list[_Read]:
    """Add the time of day to the day before it, and those that stand alone."""
    found: list[_Read] = []
    position = 0
    for read in [*readings, None]:
        stop = read.start if read else len(text)
        found.extend(_lone_clocks(text, position, stop))
        if read is None:
            break
        match = CLOCK.match(text, read.end)
        clock = read_clock(match, after_day=True) if match else None
        end = match.end() if match and clock else read.end
        found.append(_Read(read.start, end, read.days, clock))
        position = end
    return found


def _lone_clocks(text: str, start: int, stop: int) -> Iterator[_Read]:
    if _CLOCK_HINTS.isdisjoint(text[start:stop]):
        return
    for match in CLOCK.finditer(text, start, stop):
        if match.end() > match.start() and (clock := read_clock(match, after_day=False)):
            yield _Read(match.start(), match.end(), None, clock)


def _joined(text: str, readings: list[_Read]) -> Iterator[tuple[_Read, _Read]]:
    """Pairs of first and last; an expression of its own is a pair with itself."""
    position = 0
    while position < len(readings):
        first = last = readings[position]
        if position + 1 < len(readings):
            following = readings[position + 1]
            if _JOINED.fullmatch(text, first.end, following.start):
                last = _same_month(first, following)
                position += 1
        yield first, last
        position += 1


def _same_month(first: _Read, last: _Read) -> _Read:
    """The "5号" of "10月3号到5号" is one of October, the "5点" of "明天3点到5点" one of tomorrow."""
    if first.days is None:
        return last
    if last.days is None:
        return _Read(last.start, last.end, first.days, last.clock) if last.clock else last
    end = last.days[1]
    if last.end - last.start <= _BARE_DAY and end.month != first.days[0].month:
        try:
            end = end.replace(year=first.days[0].year, month=first.days[0].month)
        except ValueError:
            return last
        return _Read(last.start, last.end, (end, end), last.clock)
    return last


def _value(first: _Read, last: _Read, at: datetime | None) -> tuple[str, str] | None:
    begin, end = _bounds(first, at), _bounds(last, at)
    if begin is None or end is None:
        return None
    if begin[0] == end[1]:
        return "date", begin[0]
    return ("period", f"{begin[0]}/{end[1]}") if begin[0] < end[1] else None


def _bounds(read: _Read, at: datetime | None) -> tuple[str, str] | None:
    days = read.days or ((at.date(), at.date()) if at and read.clock else None)
    if days is None:
        return None
    if read.clock is None:
        return days[0].isoformat(), days[1].isoformat()
    return _moment(days[0], read.clock.first), _moment(days[1], read.clock.last)


def _moment(day: date, clock: time | None) -> str:
    if clock is None:
        day, clock = day + timedelta(1), time()
    return f"{day.isoformat()}T{clock.isoformat('minutes')}"
