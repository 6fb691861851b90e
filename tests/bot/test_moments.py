"""Is a moment to come said as people say it?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.moments import say_moment
from bot.phrases import default_phrases

NOW = datetime(2026, 9, 30, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-09-30T23:45", "今天 23:45"),
        ("2026-10-01T09:00", "明天 09:00"),
        ("2026-10-08T09:05", "10月8日 09:05"),
        ("2027-01-04T09:00", "2027年1月4日 09:00"),
    ],
)
def test_moments(at: str, said: str) -> None:
    local = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert say_moment(local, NOW, default_phrases()) == said


def test_what_is_tomorrow_here_may_be_today_there() -> None:
    there = datetime(2026, 9, 30, 18, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert say_moment(there, NOW, default_phrases()) == "今天 18:00"
