"""Is the decision what the rules say, for every combination?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.costs import Thresholds
from bot.decide import CHOICE_HUMAN, Candidate, Need, Part, Situation, decide, found_nothing
from bot.domain import Answer, AskBack, AskSlot, Choice, HandOver, Several, StaySilent
from handoff import Verdict

THRESHOLDS = Thresholds(answer=0.6, ask=0.25)
QUIET = Verdict(hand_over=False, reason="", signals=(), team="aftersale", priority=3, rule="其余")
LOUD = replace(QUIET, hand_over=True, reason="complaint", signals=("complaint",), priority=1)
NOTHING = HandOver("nothing_found", ("nothing_found",), "aftersale", 3, "其余")
LOST = replace(QUIET, hand_over=True, reason="nothing_found", signals=("nothing_found",))
OVER = HandOver("complaint", ("complaint",), "aftersale", 1, "其余")
WORDINGS = {
    "ask_back": "哪一个？",
    "ask_back_none": "都不是",
    "ask_again": "请换个说法",
    "ask_rest": "另外是哪一个？",
    "ask_rest_again": "另外请换个说法",
}
ASKS = AskSlot("order_number", "订单号？")
MEANS_IT = AskBack("要删除吗？", (Choice("withdraw:1:yes", "确认删除"), Choice("withdraw:1:no", "算了")))


def candidate(name: str, probability: float, thresholds: Thresholds = THRESHOLDS) -> Candidate:
    return Candidate(f"{name}", f"标题{name}", f"答案{name}", probability, thresholds)


def part(*candidates: Candidate, **changes: object) -> Part:
    return replace(Part("问题", candidates, QUIET), **changes)  # type: ignore[arg-type] # the fields of Part


def situation(whole: Part, *parts: Part, owner: str = "bot") -> Situation:
    return Situation(owner=owner, whole=whole, parts=parts, wordings=WORDINGS, choices=3, withdrawal=MEANS_IT)


A, B, C = candidate("a", 0.9), candidate("b", 0.9), candidate("c", 0.4)
NEEDS = part(need=Need("order_number", "订单号？"))
WITHDRAWS = part(A, withdraws=True)
SETTLED = part(text="催一下", need=Need("order_number", ""))


@pytest.mark.parametrize(
    ("whole", "decision"),
    [
        (part(A, verdict=LOUD), OVER),
        (part(candidate("a", 0.6)), Answer("a", "答案a", 0.6)),
        (part(candidate("a", 0.1), picked=True), Answer("a", "答案a", 0.1)),
        (part(candidate("a", 0.7, Thresholds(0.8, 0.75))), AskBack("请换个说法", ())),
        (part(small_talk=("greet", "您好")), Answer("reply:greet", "您好", 1.0)),
        (WITHDRAWS, MEANS_IT),
        (replace(WITHDRAWS, verdict=LOUD), OVER),
        (replace(WITHDRAWS, picked=True), Answer("a", "答案a", 0.9)),
        (part(A, small_talk=("greet", "您好")), Answer("a", "答案a", 0.9)),
        (part(candidate("a", 0.2)), AskBack("请换个说法", ())),
        (part(), AskBack("请换个说法", ())),
        (NEEDS, ASKS),
        (replace(NEEDS, candidates=(A,)), Answer("a", "答案a", 0.9)),
        (replace(NEEDS, verdict=LOUD), OVER),
        (SETTLED, HandOver("needs_person", (), "aftersale", 3, "其余", ("催一下",))),
    ],
)  # fmt: skip
def test_each_rule_about_one_question(whole: Part, decision: object) -> None:
    assert decide(situation(whole)) == decision


@pytest.mark.parametrize(("owner", "why"), [("agent", "a person is serving"), ("queue", "waiting for a person")])
def test_with_a_person_nothing_is_said(owner: str, why: str) -> None:
    assert decide(situation(part(A, verdict=LOUD), part(A), part(B), owner=owner)) == StaySilent(why)


ANSWER_A, ANSWER_B = Answer("a", "答案a", 0.9), Answer("b", "答案b", 0.9)


@pytest.mark.parametrize(
    ("parts", "decision"),
    [
        ((part(B), part(A)), Several((ANSWER_B, ANSWER_A), None)),
        ((part(A), part(A)), ANSWER_A),
        ((part(A), part(small_talk=("greet", "您好"))), ANSWER_A),
        ((part(A), part(text="要投诉", verdict=LOUD)), Several((ANSWER_A,), replace(OVER, left_open=("要投诉",)))),
        ((part(A), NEEDS, part(C)), Several((ANSWER_A,), ASKS)),
        ((part(A), part()), Several((ANSWER_A,), AskBack("另外请换个说法", ()))),
        ((part(), part()), AskBack("请换个说法", ())),
        ((part(verdict=LOST), part(verdict=LOST)), NOTHING),
        ((SETTLED, part(A)), Several((ANSWER_A,), HandOver("needs_person", (), "aftersale", 3, "其余", ("催一下",)))),
    ],
)  # fmt: skip
def test_several_questions_are_answered_in_order_and_then_the_rest(parts: tuple[Part, ...], decision: object) -> None:
    assert decide(situation(part(), *parts)) == decision


def test_what_is_uncertain_of_several_is_offered_in_one_menu_and_none_twice() -> None:
    unsure = [part(candidate("c", 0.4), candidate("d", 0.3)), part(candidate("e", 0.5), candidate("c", 0.4))]
    decision = decide(situation(part(), part(A), *unsure))
    assert isinstance(decision, Several)
    assert isinstance(decision.rest, AskBack)
    assert [choice.id for choice in decision.rest.choices] == ["script:c", "script:e", "script:d", CHOICE_HUMAN]


def test_where_no_part_is_certain_the_whole_may_be() -> None:
    assert decide(situation(part(A), part(C), part())) == ANSWER_A


def test_words_across_two_questions_that_call_a_person_are_heard() -> None:
    decision = decide(situation(part(verdict=LOUD), part(A), part(B)))
    assert decision == Several((ANSWER_A, ANSWER_B), OVER)


def test_asking_back_offers_at_most_three_and_a_person() -> None:
    offered = decide(situation(part(*(candidate(name, 0.4) for name in "abcde"))))
    assert isinstance(offered, AskBack)
    assert [choice.id for choice in offered.choices] == ["script:a", "script:b", "script:c", CHOICE_HUMAN]


parts_of_any_kind = st.builds(
    lambda probabilities, verdict, reply, need: part(
        *(candidate(str(number), value) for number, value in enumerate(sorted(probabilities, reverse=True))),
        verdict=verdict,
        small_talk=("greet", reply) if reply else ("", ""),
        need=need,
    ),
    st.lists(st.floats(0, 1), max_size=5),
    st.sampled_from([QUIET, LOUD, LOST]),
    st.sampled_from(["", "您好"]),
    st.sampled_from([None, Need("order_number", "订单号？"), Need("order_number", "")]),
)


@given(
    owner=st.sampled_from(["bot", "queue", "agent"]),
    whole=parts_of_any_kind,
    parts=st.one_of(st.just([]), st.lists(parts_of_any_kind, min_size=2, max_size=4)),
)
def test_a_bot_without_a_person_always_says_something_and_with_one_never(
    owner: str, whole: Part, parts: list[Part]
) -> None:
    decision = decide(situation(whole, *parts, owner=owner))
    assert isinstance(decision, StaySilent) == (owner != "bot")
    if isinstance(decision, Several):
        assert decision.answers
        assert len(decision.answers) > 1 or decision.rest is not None
        assert len({answer.script_id for answer in decision.answers}) == len(decision.answers)
    calls = any(each.verdict.hand_over for each in (whole, *parts))
    if owner == "bot" and calls and not (parts and isinstance(decision, Answer)):
        over = decision.rest if isinstance(decision, Several) else decision
        assert isinstance(over, HandOver)


def test_nothing_is_found_below_the_asking_threshold() -> None:
    assert found_nothing(())
    assert found_nothing((candidate("a", 0.24),))
    assert not found_nothing((candidate("a", 0.25),))
