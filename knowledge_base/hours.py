"""At which hours of the week does something hold?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from typing_extensions import override

from knowledge_base.problems import ScriptInvalid, mistake

DAYS = "一二三四五六日"
ALL_DAYS = frozenset(range(7))

_DAY = rf"(?:周|星期|礼拜)?([{DAYS}天])"
_SPAN = re.compile(rf"{_DAY}(?:[-–—~～到至]{_DAY})?")
_TIME = r"(\d{1,2})[:：](\d{2})"
_CLOCK = re.compile(rf"{_TIME}\s*[-–—~～到至]\s*{_TIME}$")
_COMMA = re.compile(r"[、,，\s]+")
_EVERY_DAY = ("每天", "每日")
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the week (0 = Monday) from `opens` to before `closes`; `closes` not later reaches into the next day.

    Both at midnight is the whole day.
    """

    days: frozenset[int] = ALL_DAYS
    opens: time = _MIDNIGHT
    closes: time = _MIDNIGHT

    def __post_init__(self) -> None:
        if not self.days or not self.days <= ALL_DAYS:
            raise ScriptInvalid("hours", mistake("no_days"))
        if any(each.second or each.microsecond or each.tzinfo for each in (self.opens, self.closes)):
            raise ScriptInvalid("hours", mistake("no_minutes"))

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies inside; at: in the shop's time zone."""
        now, today = at.time().replace(tzinfo=None), at.weekday()
        if self.opens < self.closes:
            return today in self.days and self.opens <= now < self.closes
        return (today in self.days and now >= self.opens) or ((today - 1) % 7 in self.days and now < self.closes)

    def touches(self, day: date) -> bool:
        """Whether it holds at any time of that day."""
        reaches_over = self.closes != _MIDNIGHT and self.closes <= self.opens
        return day.weekday() in self.days or (reaches_over and (day.weekday() - 1) % 7 in self.days)

    @override
    def __str__(self) -> str:
        """As `parse_window` reads it."""
        clock = "" if self.opens == self.closes == _MIDNIGHT else f"{self.opens:%H:%M}-{self.closes:%H:%M}"
        if self.days == ALL_DAYS:
            return clock or _EVERY_DAY[0]
        return f"{_days_in_words(self.days)} {clock}".rstrip()


def parse_window(text: str) -> Window:
    """Read `周一至周五 09:00-18:00`, `周六、周日`, `09:00-18:00` or `每天`; 24:00 is midnight.

    Raises:
        ScriptInvalid: it is none of these.
    """
    whole = text.strip()
    clock = _CLOCK.search(whole)
    named = whole[: clock.start()].strip() if clock else whole
    if not named and not clock:
        raise _unreadable(text)
    days = ALL_DAYS if named in ("", *_EVERY_DAY) else _days(text, named)
    if clock is None:
        return Window(days)
    opens, closes = _time(text, clock[1], clock[2]), _time(text, clock[3], clock[4])
    if opens == closes and opens != _MIDNIGHT:
        raise ScriptInvalid("hours", mistake("closes_at_once", value=text[:40]))
    return Window(days, opens, closes)


def _days(text: str, named: str) -> frozenset[int]:
    days: set[int] = set()
    for part in filter(None, _COMMA.split(named)):
        span = _SPAN.fullmatch(part)
        if span is None:
            raise _unreadable(text)
        first, last = (DAYS.index(day.replace("天", "日")) for day in (span[1], span[2] or span[1]))
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(days)


def _time(text: str, hour: str, minute: str) -> time:
    try:
        return _MIDNIGHT if (hour, minute) == ("24", "00") else time(int(hour), int(minute))
    except ValueError as error:
        raise _unreadable(text) from error


def _days_in_words(days: frozenset[int]) -> str:
    """`周一至周五` for a run of three or more, else one by one."""
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:  # noqa: PLR2004 - two are a list, not a run
        return f"周{DAYS[ordered[0]]}至周{DAYS[ordered[-1]]}"
    return "、".join(f"周{DAYS[day]}" for day in ordered)


def _unreadable(text: str) -> ScriptInvalid:
    return ScriptInvalid("hours", mistake("no_window", value=text[:40]))
