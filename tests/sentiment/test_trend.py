"""Are the course and the end of a mood told, however politely it ends?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.sentiment import SentimentModel, Trend, trend

MINUTE = 60_000


def course(*scores: float) -> Trend:
    return trend(scores, [number * MINUTE for number in range(len(scores))])


def test_no_mood_is_no_trend() -> None:
    assert course() == course(0.0) == Trend(0.0, 0.0, 0.0, 0.0)
    assert course(0.1, 0.0, -0.1).last == 0


def test_a_mood_that_falls_ends_low() -> None:
    falling = course(0.8, 0.4, -0.5, -0.9)
    assert falling.slope < -1
    assert falling.first == 0.8
    assert falling.last < 0
    assert falling.lowest == -0.9


def test_a_polite_goodbye_does_not_undo_anger() -> None:
    assert course(-0.9, -0.8, 0.4).last < -0.7
    assert course(-0.9, -0.8, 0.4, 0.45).last < -0.7
    assert course(-0.9, -0.8, 0.0, 0.0).last < -0.7
    scores = SentimentModel.load().scores(["等了十天还没发货，太差了", "你们骗人，我要投诉", "好的谢谢"])
    assert trend(scores.tolist(), [0, MINUTE, 2 * MINUTE]).last < -0.7


def test_real_delight_at_the_end_does() -> None:
    assert course(-0.9, 0.9, 0.95).last > 0.2
    assert course(-0.9, 0.9, 0.95).slope > 1


def test_one_outburst_does_not_bend_the_line() -> None:
    assert abs(course(0.6, 0.6, -1.0, 0.6, 0.6).slope) < 0.1


def test_each_score_needs_its_instant() -> None:
    with pytest.raises(ValueError, match="2 scores, but 1"):
        trend([0.1, 0.2], [0])


@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 10**7)), max_size=40))
def test_a_trend_is_bounded(messages: list[tuple[float, int]]) -> None:
    instants = sorted(at for _, at in messages)
    found = trend([score for score, _ in messages], instants)
    assert -1 <= found.first <= 1
    assert -1 <= found.last <= 1
    assert -2 <= found.slope <= 2
    assert found.lowest <= 1


def test_thousands_of_messages_are_followed() -> None:
    assert course(*([0.5, -0.5] * 5_000)).last == pytest.approx(-0.06, abs=0.1)
