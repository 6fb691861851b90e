"""Are times shown as people read them?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.times import clock_or_moment, moment, waited
from tests.console.desk import SHANGHAI

NOW = datetime(2026, 3, 1, 6, 20, tzinfo=UTC)  # 14:20 in Shanghai


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "今天 14:20"),
        (datetime(2026, 2, 28, 16, 5, tzinfo=UTC), "今天 00:05"),
        (datetime(2026, 2, 28, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2026, 2, 27, 1, 0, tzinfo=UTC), "2月27日 09:00"),
        (datetime(2025, 12, 31, 1, 0, tzinfo=UTC), "2025年12月31日 09:00"),
        (NOW + timedelta(days=2), "3月3日 14:20"),
    ],
)
def test_a_moment(at: datetime, words: str) -> None:
    assert moment(at, now=NOW, tz=SHANGHAI) == words


def test_today_the_clock_is_enough() -> None:
    assert clock_or_moment(NOW, now=NOW, tz=SHANGHAI) == "14:20"
    assert clock_or_moment(NOW - timedelta(days=1), now=NOW, tz=SHANGHAI) == "昨天 14:20"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "刚刚"),
        (59, "刚刚"),
        (60, "1 分钟"),
        (199, "3 分钟"),
        (3600, "1 小时"),
        (3660, "1 小时 1 分"),
        (86_399, "23 小时 59 分"),
        (200_000, "2 天"),
    ],
)
def test_waiting(seconds: int, words: str) -> None:
    assert waited(NOW - timedelta(seconds=seconds), NOW) == words


@given(st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given the zone
def test_any_time_has_words(at: datetime) -> None:
    assert moment(at, now=NOW, tz=SHANGHAI).endswith(f"{at.astimezone(SHANGHAI):%H:%M}")
    assert waited(at, NOW)
