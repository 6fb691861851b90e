"""When are people at work? Weekly hours, Chinese public holidays with their working weekends (调休), special days.

Business time is what passes while they are. Hours belong to the day on which they begin: 22:00–02:00 on a day before a
closed one still ends at two. Where clocks are put forward or back, see `handoff.local_time.reached`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from handoff.holidays import DayKind, day_kind, holidays_known_until
from handoff.local_time import from_ms, reached, to_ms

Span = tuple[time, time]  # from, until (local); until 00:00 means the end of the day; not after `from`: the next day's

_DAY = timedelta(days=1)
_A_WEEK_AND_A_NIGHT = 8  # days after which weekly hours have shown all they have, spans over midnight included


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours.

    weekly: Monday first, the spans of each day in order, none overlapping. holidays: whether public holidays of
    mainland China are free, and weekend days that are worked for them have the hours `makeup`, Monday's where that is
    empty. special: days with hours of their own, () for closed; they win over everything else.
    Every instant given must be aware; every instant returned is in UTC.
    """

    name: str
    timezone: ZoneInfo
    weekly: tuple[tuple[Span, ...], ...]
    holidays: bool = False
    makeup: tuple[Span, ...] = ()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The hours that begin on a local day."""
        if day in self.special:
            return self.special[day]
        match day_kind(day) if self.holidays else DayKind.ORDINARY:
            case DayKind.HOLIDAY:
                return ()
            case DayKind.MAKEUP:
                return self.makeup or self.weekly[0]
            case DayKind.ORDINARY:
                return self.weekly[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Are people at work at this instant? A span holds its beginning, not its end."""
        asked = to_ms(at)
        today = from_ms(asked).astimezone(self.timezone).date()
        return any(
            opens <= asked < until
            for day in (today - _DAY, today)  # hours of yesterday may last into this day
            for opens, until in self._instants(day)
        )

    def next_opening(self, at: datetime) -> datetime | None:
        """From when on people are at work: `at` itself while they are; None: never again."""
        asked = to_ms(at)
        first = next(self._stretches(asked), None)
        if first is None:
            return None
        # `at` to the microsecond: rounded up it would lie ahead, and who asks within the hours would be told to wait
        return at.astimezone(UTC) if first[0] == asked else from_ms(first[0])

    def closes_at(self, at: datetime) -> datetime | None:
        """When the hours that `at` lies in end; None where it lies in none, or they never end."""
        closes, forever = to_ms(at), to_ms(at + self._irregular_until(at) + _A_WEEK_AND_A_NIGHT * _DAY)
        for opens, until in self._stretches(closes):
            if opens > closes:
                break
            if until > forever:
                return None
            closes = until
        return from_ms(closes) if closes > to_ms(at) else None

    def next_change(self, at: datetime) -> datetime | None:
        """When it will next be opened or closed; None: never."""
        return self.closes_at(at) if self.is_open(at) else self.next_opening(at)

    def business_ms(self, start: datetime, end: datetime) -> int:
        """The business time between two instants, in milliseconds; 0 if `end` is before `start`."""
        last, spent = to_ms(end), 0
        for opens, until in self._stretches(to_ms(start)):
            if opens >= last:
                break
            spent += min(until, last) - opens
        return spent

    def add_business(self, at: datetime, ms: int) -> datetime | None:
        """The first instant, not before `at`, by which so much business time has passed.

        0 gives `at` itself, open or not; what ends with the hours of a day gives their end, not the next opening.
        None: so much never passes. Raises ValueError if `ms` is negative.
        """
        if ms < 0:
            raise ValueError(f"business time cannot run back: {ms} ms; ask with an earlier instant")
        if not ms:
            return from_ms(to_ms(at))
        left = ms
        for opens, until in self._stretches(to_ms(at)):
            if until - opens >= left:
                return from_ms(opens + left)
            left -= until - opens
        return None

    def _stretches(self, since: int) -> Iterator[tuple[int, int]]:
        """What is open from `since` on, as [from, until) in ms since the epoch, in order, none overlapping.

        Ends where nothing will ever be open again.
        """
        day = from_ms(since).astimezone(self.timezone).date() - _DAY  # whose hours may last into this one
        quiet_until = day + self._irregular_until(from_ms(since)) + _A_WEEK_AND_A_NIGHT * _DAY
        last = since
        while day <= quiet_until:
            for opens, until in self._instants(day):
                if until > last:
                    yield max(opens, last), until
                    last = until
                    quiet_until = max(quiet_until, day + _A_WEEK_AND_A_NIGHT * _DAY)
            day += _DAY

    def _instants(self, day: date) -> tuple[tuple[int, int], ...]:
        """The hours that begin on a local day, in ms since the epoch; what falls into a leap is left out."""
        return _instants(day, self.spans_on(day), self.timezone)

    def _irregular_until(self, at: datetime) -> timedelta:
        """How long after `at` special days and known holidays go on; from then on every week is like the other."""
        ends = max(self.special, default=date.min)
        if self.holidays:
            ends = max(ends, holidays_known_until())
        return max(ends - at.astimezone(self.timezone).date(), timedelta())


@lru_cache(maxsize=1024)  # every message asks for those of its day
def _instants(day: date, spans: tuple[Span, ...], timezone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for opens, until in spans:
        ends = day if until > opens else day + _DAY
        first = reached(datetime.combine(day, opens), timezone)
        last = reached(datetime.combine(ends, until), timezone)
        if first < last:
            found.append((first, last))
    return tuple(found)


_ALL_DAY: Span = (time(0), time(0))
ALWAYS = Calendar(name="", timezone=ZoneInfo("Asia/Shanghai"), weekly=((_ALL_DAY,),) * 7)
