"""How are working hours and promises written in handoff.yaml?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from handoff.calendars import Calendar, Span
from handoff.policy_errors import mistake
from handoff.shape import Duration, Shape, Share
from handoff.sla_policy import Danger, Escalation, SlaPolicy, SlaStep

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")
_DAY_MINUTES: Final = 24 * 60
_Minutes = tuple[int, int]  # from, until; beyond 24:00 it is the next day


def _minutes(written: object) -> _Minutes:
    found = _SPAN.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise mistake("no_hours", written=repr(written))
    start, minute, end, last = map(int, found.groups())
    opens, closes = start * 60 + minute, end * 60 + last
    if minute > 59 or last > 59 or opens >= _DAY_MINUTES or closes > opens + _DAY_MINUTES:  # noqa: PLR2004 - minutes
        raise mistake("off_the_clock", written=repr(written))
    if closes <= opens:
        raise mistake("ends_early", written=repr(written))
    return opens, closes


def _in_order(spans: Sequence[_Minutes]) -> tuple[_Minutes, ...]:
    ordered = tuple(sorted(spans))
    for earlier, later in pairwise(ordered):
        if later[0] < earlier[1]:
            raise mistake("hours_overlap", earlier=_written(earlier), later=_written(later))
    return ordered


def _written(span: _Minutes) -> str:
    return "{:02}:{:02}-{:02}:{:02}".format(*divmod(span[0], 60), *divmod(span[1], 60))


def _day_names(written: object) -> object:
    """Days of the week as numbers, Monday 0; "daily" for all."""
    if not isinstance(written, str):
        raise mistake("days_unnamed")
    first, _, last = ("mon-sun" if written.strip() == "daily" else written.strip().lower()).partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise mistake("no_days", written=repr(written))
    begin, end = DAYS.index(first), DAYS.index(last or first)
    if end < begin:
        raise mistake("days_backwards", written=repr(written))
    return tuple(range(begin, end + 1))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise mistake("no_timezone", written=repr(name)) from None
    return name


def _day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise mistake("no_date", written=repr(str(value))) from None


def _each_day_once(weekly: Mapping[tuple[int, ...], Any]) -> Mapping[tuple[int, ...], Any]:
    listed = [day for days in weekly for day in days]
    twice = next((day for day in listed if listed.count(day) > 1), None)
    if twice is not None:
        raise mistake("day_twice", day=DAYS[twice])
    return weekly


_OneSpan = Annotated[tuple[int, int], BeforeValidator(_minutes)]
Spans = Annotated[tuple[_OneSpan, ...], AfterValidator(_in_order)]
_WeekDays = Annotated[tuple[int, ...], BeforeValidator(_day_names)]


class CalendarShape(Shape):
    """`{timezone: Asia/Shanghai, weekly: {mon-fri: ["09:00-18:00"]}, holidays: cn, makeup: […], special: {…}}`."""

    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    weekly: Annotated[dict[_WeekDays, Spans], AfterValidator(_each_day_once)] = Field(min_length=1)
    holidays: Literal["cn", "none"] = "none"
    makeup: Spans = ()
    special: dict[Annotated[date, BeforeValidator(_day)], Spans] = Field(default_factory=dict)

    def calendar(self, name: str) -> Calendar:
        """As the calendar's value."""
        hours = {day: spans for days, spans in self.weekly.items() for day in days}
        return Calendar(
            name=name,
            timezone=ZoneInfo(self.timezone),
            weekly=tuple(_spans(hours.get(day, ())) for day in range(7)),
            holidays=self.holidays == "cn",
            makeup=_spans(self.makeup),
            special={day: _spans(spans) for day, spans in self.special.items()},
        )

    def overrun(self) -> Mapping[str, str]:
        """The first day whose hours past midnight run into the next one's: day, hours, next_day, next_hours."""
        hours = {day: spans for days, spans in self.weekly.items() for day in days}
        for day in range(7):
            tomorrow = (day + 1) % 7
            last, first = hours.get(day, ())[-1:], hours.get(tomorrow, ())[:1]
            if last and first and last[0][1] - _DAY_MINUTES > first[0][0]:
                one = {"day": DAYS[day], "hours": _written(last[0])}
                return one | {"next_day": DAYS[tomorrow], "next_hours": _written(first[0])}
        return {}


def _spans(minutes: Iterable[_Minutes]) -> tuple[Span, ...]:
    return tuple((_clock(opens), _clock(closes)) for opens, closes in minutes)


def _clock(minutes: int) -> time:
    return time(*divmod(minutes % _DAY_MINUTES, 60))


class SlaStepShape(Shape):
    """`- {on: breach, do: tell_supervisor, after: 10m}`."""

    on: Danger
    do: Escalation
    after: Duration = 0


class SlaShape(Shape):
    """`{first_response: 10m, next_response: 15m, resolution: 8h, steps: […]}`; a target left out is no promise."""

    first_response: Annotated[Duration, Field(gt=0)] | None = None
    next_response: Annotated[Duration, Field(gt=0)] | None = None
    resolution: Annotated[Duration, Field(gt=0)] | None = None
    warn_at: Share = 0.8
    pause_when_pending: bool = True
    steps: tuple[SlaStepShape, ...] = ()

    def policy(self, name: str) -> SlaPolicy:
        """As the policy's value; steps in order of their moment."""
        ordered = sorted(self.steps, key=lambda step: (step.on is Danger.BREACH, step.after))
        return SlaPolicy(
            name=name,
            first_response_s=self.first_response,
            next_response_s=self.next_response,
            resolution_s=self.resolution,
            warn_at=self.warn_at,
            steps=tuple(SlaStep(step.on, step.do, step.after) for step in ordered),
            pause_when_pending=self.pause_when_pending,
        )

    @property
    def promises(self) -> bool:
        """Is there any target?"""
        return bool(self.first_response or self.next_response or self.resolution)
