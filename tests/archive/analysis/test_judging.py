"""Does each kind of rule find what it says, by the right lines, and nothing else?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from archive.analysis import (
    Answered,
    BrokenPromise,
    Case,
    CausedHandover,
    Check,
    Drift,
    ForbiddenPhrase,
    HandedOver,
    Judge,
    MissingPhrase,
    Node,
    QualityRule,
    Severity,
    Side,
    SlowAnswer,
    Unanswered,
    Verdict,
    any_time,
)
from tests.archive.analysis.lines import at, lines

MINUTE = timedelta(minutes=1)
QUESTION = ("c", 0, "多久发货？")


def _likeness(question: str, answer: str) -> float | None:
    return {"多久发货？": 0.9 if "48" in answer else 0.2}.get(question)


def judged(check: Check, case: Case, minute: float = 10_000) -> Verdict:
    rule = QualityRule("规则", Severity.MAJOR, check)
    return Judge((rule,), any_time, _likeness).judge(case, at(minute))


def found(check: Check, case: Case, minute: float = 10_000) -> list[list[int]]:
    return [[line.entry_id for line in each.lines] for each in judged(check, case, minute).findings]


PROMISE = BrokenPromise(("稍后给您回复", "帮您查一下"), 60 * MINUTE, not_before=5 * MINUTE)


@pytest.mark.parametrize(
    ("check", "said", "expected"),
    [
        (Unanswered(10 * MINUTE), [QUESTION], [[1]]),
        (Unanswered(10 * MINUTE), [QUESTION, ("c", 1, "人呢？")], [[1, 2]]),
        (Unanswered(10 * MINUTE), [QUESTION, ("b", 1, "48 小时内")], []),
        (Unanswered(10 * MINUTE), [QUESTION, ("b", 1, "48 小时内"), ("c", 2, "谢谢")], []),
        (Unanswered(10 * MINUTE), [QUESTION, ("x", 1, "排队中")], [[1]]),
        (SlowAnswer(3 * MINUTE), [QUESTION, ("a", 4, "48 小时内")], [[1, 2]]),
        (SlowAnswer(3 * MINUTE), [QUESTION, ("a", 3, "48 小时内")], []),
        (SlowAnswer(3 * MINUTE), [QUESTION, ("b", 4, "48 小时内")], []),
        (SlowAnswer(3 * MINUTE, side=Side.SHOP), [QUESTION, ("b", 4, "48 小时内")], [[1, 2]]),
        (SlowAnswer(3 * MINUTE), [("c", 0, "好的谢谢"), ("a", 9, "不客气")], []),
        (SlowAnswer(3 * MINUTE), [QUESTION, ("a", 1, "您好"), ("c", 2, "多久？"), ("a", 8, "两天")], [[3, 4]]),
        (SlowAnswer(3 * MINUTE, first=True), [QUESTION, ("a", 1, "您好"), ("c", 2, "多久？"), ("a", 8, "两天")], []),
        (ForbiddenPhrase(("不知道", "自己看")), [QUESTION, ("a", 1, "自己看页面"), ("b", 2, "我不知道")], [[2], [3]]),
        (ForbiddenPhrase(("不知道",), side=Side.PERSON), [("c", 0, "我不知道"), ("b", 2, "我不知道")], []),
        (MissingPhrase(("您好", "你好"), Node.OPENING), [QUESTION, ("a", 1, "48 小时"), ("a", 2, "您好")], [[2]]),
        (MissingPhrase(("您好", "你好"), Node.OPENING), [QUESTION, ("a", 1, "你好，48 小时")], []),
        (MissingPhrase(("再见", "感谢"), Node.CLOSING), [QUESTION, ("a", 1, "感谢"), ("a", 2, "48 小时")], [[3]]),
        (MissingPhrase(("感谢",)), [QUESTION, ("a", 1, "感谢"), ("a", 2, "48 小时")], []),
        (MissingPhrase(("感谢",)), [QUESTION, ("b", 1, "48 小时")], []),  # no person spoke: nothing was missed
        (PROMISE, [QUESTION, ("a", 1, "我帮您查一下"), ("c", 2, "好")], [[2]]),
        (PROMISE, [QUESTION, ("a", 1, "我帮您查一下"), ("a", 3, "还有别的吗")], [[2]]),  # too soon to be the answer
        (PROMISE, [QUESTION, ("a", 1, "我帮您查一下"), ("a", 9, "查到了，明天到")], []),
        (PROMISE, [QUESTION, ("a", 1, "我帮您查一下"), ("a", 99, "查到了，明天到")], [[2]]),
        (Drift(0.5), [QUESTION, ("a", 1, "马上就发")], [[2, 1]]),
        (Drift(0.5), [QUESTION, ("a", 1, "48 小时内发货")], []),
        (Drift(0.5), [("c", 0, "什么颜色好看？"), ("a", 1, "马上就发")], []),  # nothing is approved for it
        (Drift(0.5), [QUESTION, ("b", 1, "马上就发")], []),
    ],
)
def test_what_is_found(check: Check, said: Sequence[tuple[str, float, str]], expected: list[list[int]]) -> None:
    assert found(check, Case(lines(*said))) == expected


def test_a_question_is_not_unanswered_before_its_time_and_is_looked_at_again_then() -> None:
    case = Case(lines(QUESTION))
    assert judged(Unanswered(10 * MINUTE), case, 9) == Verdict((), at(10))
    assert found(Unanswered(10 * MINUTE), case, 10) == [[1]]
    assert judged(Unanswered(10 * MINUTE), case, 10).due_at is None


def test_a_promise_may_still_be_kept_and_is_kept_by_what_is_said_in_a_later_session() -> None:
    said = lines(QUESTION, ("a", 1, "稍后给您回复"))
    assert judged(PROMISE, Case(said), 50) == Verdict((), at(61))
    assert found(PROMISE, Case(said), 62) == [[2]]
    assert found(PROMISE, Case(said, later=(at(55),)), 62) == []


def test_untimed_sessions_are_never_late_but_their_order_counts() -> None:
    said = lines(QUESTION, ("a", 9, "我帮您查一下"), ("a", 9, "明天到"), ("c", 10, "发什么快递？"))
    case = Case(said, timed=False)
    assert found(SlowAnswer(MINUTE), case) == []
    assert found(PROMISE, case) == []
    assert found(PROMISE, Case(said[:2], timed=False)) == [[2]]
    assert found(Unanswered(10 * MINUTE), case, 10) == [[4]]


def test_rules_of_a_node_hold_where_its_script_was_said() -> None:
    said = lines(QUESTION, ("b", 1, "马上到货"))
    rule = ForbiddenPhrase(("马上",), stages=frozenset({"before"}))
    assert found(rule, Case(said)) == []
    assert found(rule, Case(said, nodes={2: Answered("shipping-time", "after")})) == []
    assert found(rule, Case(said, nodes={2: Answered("shipping-time", "before")})) == [[2]]
    needed = MissingPhrase(("周末",), side=Side.SHOP, scripts=frozenset({"shipping-time"}))
    assert found(needed, Case(said)) == []
    assert found(needed, Case(said, nodes={2: Answered("shipping-time", "after")})) == [[2]]


def test_hand_overs_are_the_bots_where_its_reason_says_so() -> None:
    said = lines(QUESTION, ("b", 1, "转人工"), ("c", 5, "好"))
    rule = CausedHandover(frozenset({"nothing_found"}))
    assert found(rule, Case(said, handed_over=(HandedOver(at(1), "nothing_found"),))) == [[1]]
    assert found(rule, Case(said, handed_over=(HandedOver(at(1), "asked_for_person"),))) == []


def test_waits_at_night_are_none_of_the_shops() -> None:
    def closed(start: datetime, end: datetime) -> float:
        del start, end
        return 0.0

    case = Case(lines(QUESTION, ("a", 400, "48 小时内")))
    rules = (
        QualityRule("上班时间", Severity.MINOR, SlowAnswer(3 * MINUTE)),
        QualityRule("任何时间", Severity.MINOR, SlowAnswer(3 * MINUTE, business=False)),
    )
    verdict = Judge(rules, closed, _likeness).judge(case, at(500))
    assert [(each.rule, each.value) for each in verdict.findings] == [("任何时间", 24_000)]
