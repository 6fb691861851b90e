"""Do a session's figures say how it went?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.analysis import Line, features_of, satisfaction_of
from archive.entry import Voice
from archive.sentiment import trend
from tests.archive.analysis.lines import at, lines


def test_waits_begin_with_the_first_thing_nobody_answered() -> None:
    found = features_of(
        lines(
            ("c", 0, "多久发货？"),
            ("c", 1, "在吗"),
            ("b", 2, "48 小时内"),
            ("c", 5, "那什么时候能到"),
            ("x", 6, "转接中"),
            ("a", 15, "三天"),
            ("c", 16, "谢谢"),
        ),
        timed=True,
    )
    assert (found.first_response_s, found.slowest_response_s, found.person_response_s) == (120, 600, 600)
    assert (found.customer_messages, found.bot_messages, found.person_messages) == (4, 1, 1)
    assert found.agent == "chenjing"
    assert not found.unanswered  # thanks ask for nothing


def test_a_person_is_waited_for_from_the_hand_over_on() -> None:
    said = lines(("c", 0, "转人工"), ("b", 0, "正在转接"), ("a", 4, "您好"))
    assert features_of(said, timed=True, handed_over_at=at(0)).person_response_s == 240


def test_a_question_at_the_end_is_unanswered() -> None:
    assert features_of(lines(("c", 0, "您好"), ("a", 1, "您好"), ("c", 2, "怎么退货？")), timed=True).unanswered


def test_nothing_is_reckoned_from_times_that_nobody_knew() -> None:
    found = features_of(lines(("c", 0, "多久发货？"), ("a", 9, "48 小时内")), timed=False)
    assert (found.first_response_s, found.slowest_response_s, found.person_response_s) == (None, None, None)


@pytest.mark.parametrize("moods", [(), (0.5,), (0.5, -0.5), (0.2, 0.9, -0.4), (0.0, 0.3, -0.4, -0.6)])
def test_moods_are_those_of_the_customer_in_order(moods: tuple[float, ...]) -> None:
    said = [Line(id_, Voice.CUSTOMER, "", at(id_), "。", mood=mood) for id_, mood in enumerate(moods, start=1)]
    found = features_of([*said, Line(99, Voice.AGENT, "chenjing", at(99), "。")], timed=True)
    if not moods:
        assert (found.mood_first, found.mood_last, found.mood_trend, satisfaction_of(found)) == (None,) * 4
        return
    expected = trend(moods, [round(at(id_).timestamp() * 1000) for id_ in range(1, len(moods) + 1)])
    assert (found.mood_first, found.mood_last) == (expected.first, expected.last)
    assert (found.mood_trend, found.mood_lowest) == (expected.slope, expected.lowest)


def test_a_customer_who_is_angry_and_left_alone_is_predicted_to_be_unsatisfied() -> None:
    said = lines(("c", 0, "多久发货？"), ("a", 1, "48 小时内"), ("c", 2, "谢谢"))
    content = features_of(tuple(replace(line, mood=0.6) for line in said), timed=True)
    said = lines(
        ("c", 0, "多久发货？"), ("a", 30, "等"), ("c", 31, "我要投诉，怎么退款？"), ("c", 32, "我要投诉，怎么退款？")
    )
    angry = features_of(tuple(replace(line, mood=-0.8, complaint=0.9) for line in said), timed=True)
    assert angry.unanswered_share == pytest.approx(2 / 3)
    assert angry.repeats == 1
    assert (satisfaction_of(angry) or 5) < 2
    assert (satisfaction_of(content) or 1) > 4


def test_signals_are_the_highest_of_what_the_customer_said() -> None:
    said = lines(("c", 0, "急"), ("a", 1, "好"), ("c", 2, "投诉"))
    said = (replace(said[0], urgency=0.7), replace(said[1], complaint=1.0), replace(said[2], complaint=0.9, churn=0.4))
    found = features_of(said, timed=True)
    assert (found.urgency, found.complaint, found.churn, found.purchase) == (0.7, 0.9, 0.4, 0.0)
