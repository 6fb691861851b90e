"""When are people at work? Weekly hours, Chinese public holidays with their working weekends (调休), special days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

Span = tuple[time, time]  # from, until (local); until 00:00 means the end of the day


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours.

    weekly: Monday first, the spans of each day in order, none overlapping. holidays: whether public holidays of
    mainland China are free, and weekend days that are worked for them count as `makeup`. special: days with hours of
    their own, () for closed; they win over everything else.
    """

    name: str
    timezone: ZoneInfo
    weekly: tuple[tuple[Span, ...], ...]
    holidays: bool = False
    makeup: tuple[Span, ...] = ()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)


_ALL_DAY: Span = (time(0), time(0))
ALWAYS = Calendar(name="", timezone=ZoneInfo("Asia/Shanghai"), weekly=((_ALL_DAY,),) * 7)
