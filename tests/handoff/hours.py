"""Calendars and moments for the tests of business time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from handoff.calendars import Calendar, Span

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = ((time(9), time(12)), (time(13, 30), time(18)))
WORKWEEK = Calendar("office", SHANGHAI, (OFFICE,) * 5 + ((), ()), holidays=True)
HOUR_MS = 3_600_000


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


ZONES = tuple(
    map(ZoneInfo, ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe"))
)
# Around national day, around the changes of clocks in all of them, and at the end of what the library knows.
BEGINNINGS = tuple(
    date(2026, month, day) for month, day in ((3, 6), (3, 28), (4, 3), (9, 29), (10, 9), (10, 24), (12, 30))
)
DAYS = 4


@st.composite
def hours(draw: st.DrawFn) -> tuple[Span, ...]:
    """Spans of one day, apart and in order, the last one possibly into the next day."""
    marks = sorted(draw(st.sets(st.integers(0, 95), min_size=0, max_size=5)))
    times = [time(mark // 4, mark % 4 * 15) for mark in marks]
    spans = list(zip(times[::2], times[1::2], strict=False))
    if len(times) % 2:
        spans.append((times[-1], time(draw(st.sampled_from((0, 0, 1, 2, 7))))))
        if spans[-1][1] >= spans[-1][0]:
            spans.pop()
    return tuple(spans)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, date]:
    begins = draw(st.sampled_from(BEGINNINGS))
    special = draw(
        st.dictionaries(st.integers(-1, DAYS).map(lambda n: begins + timedelta(days=n)), hours(), max_size=3)
    )
    return Calendar(
        name="",
        timezone=draw(st.sampled_from(ZONES)),
        weekly=tuple(draw(st.lists(hours(), min_size=7, max_size=7))),
        holidays=draw(st.booleans()),
        makeup=draw(hours()),
        special=special,
    ), begins
