"""Are time windows read as people write them, and do they hold when they should?"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import ScriptInvalid, Window
from knowledge_base.hours import parse_window

WORKDAYS = frozenset(range(5))
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("09:00-18:00", Window(opens=time(9), closes=time(18))),
        ("每天 9:00～18:00", Window(opens=time(9), closes=time(18))),
        ("周一至周五 09:00-18:00", Window(WORKDAYS, time(9), time(18))),
        ("周一到五 09：00—18：00", Window(WORKDAYS, time(9), time(18))),
        ("周六、周日", Window(frozenset({5, 6}))),
        ("星期天", Window(frozenset({6}))),
        ("周五至周一 20:00-24:00", Window(frozenset({4, 5, 6, 0}), time(20), time(0))),
        ("每天", Window()),
        ("22:00-06:00", Window(opens=time(22), closes=time(6))),
    ],
)
def test_windows_are_read(text: str, window: Window) -> None:
    assert parse_window(text) == window
    assert parse_window(str(window)) == window


@pytest.mark.parametrize("text", ["", "工作时间", "25:00-26:00", "09:00", "周八 09:00-10:00", "09:00-09:00", "9-18"])
def test_what_is_no_window_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ScriptInvalid, match="hours"):
        parse_window(text)


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    night = Window(frozenset({0}), time(22), time(6))
    hours = [hour for hour in range(72) if night.holds(MONDAY + timedelta(hours=hour))]
    assert hours == list(range(22, 30))
    assert [night.touches(date(2026, 3, day)) for day in (1, 2, 3, 4)] == [False, True, True, False]


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 23),
    st.integers(0, 23),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_a_window_touches_every_day_it_holds_on(days: frozenset[int], opens: int, closes: int, at: datetime) -> None:
    window = Window(days, time(opens), time(closes))
    assert window.touches(at.date()) or not window.holds(at.replace(tzinfo=UTC))
