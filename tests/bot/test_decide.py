"""Is the decision what the rules say, for every combination?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decide import CHOICE_HUMAN, Candidate, Situation, Thresholds, decide, found_nothing
from bot.domain import Answer, AskBack, HandOver, StaySilent
from handoff import Verdict

THRESHOLDS = Thresholds(answer=0.6, ask=0.25, choices=3)
QUIET = Verdict(hand_over=False, reason="", signals=(), team="aftersale", priority=3, rule="其余")
LOUD = replace(QUIET, hand_over=True, reason="complaint", signals=("complaint",), priority=1)
OVER = HandOver("complaint", ("complaint",), "aftersale", 1, "其余")
WORDINGS = {"ask_back": "哪一个？", "ask_back_none": "都不是", "ask_again": "请换个说法"}


def candidate(name: str, probability: float) -> Candidate:
    return Candidate(script_id=name, title=f"标题{name}", answer=f"答案{name}", probability=probability)


def situation(**changes: object) -> Situation:
    plain = Situation(owner="bot", picked="", candidates=(), small_talk=("", ""), verdict=QUIET, wordings=WORDINGS)
    return replace(plain, **changes)  # type: ignore[arg-type] # the fields of Situation


@pytest.mark.parametrize(
    ("given_situation", "decision"),
    [
        (situation(owner="agent", verdict=LOUD), StaySilent("a person is serving")),
        (situation(owner="queue", candidates=(candidate("a", 0.9),)), StaySilent("waiting for a person")),
        (situation(verdict=LOUD, candidates=(candidate("a", 0.99),)), OVER),
        (situation(candidates=(candidate("a", 0.6),)), Answer("a", "答案a", 0.6)),
        (situation(picked="a", candidates=(candidate("a", 0.1),)), Answer("a", "答案a", 0.1)),
        (situation(small_talk=("greet", "您好")), Answer("reply:greet", "您好", 1.0)),
        (situation(small_talk=("greet", "您好"), candidates=(candidate("a", 0.7),)), Answer("a", "答案a", 0.7)),
        (situation(candidates=(candidate("a", 0.2),)), AskBack("请换个说法", ())),
        (situation(), AskBack("请换个说法", ())),
    ],
)  # fmt: skip
def test_each_rule(given_situation: Situation, decision: object) -> None:
    assert decide(given_situation, THRESHOLDS) == decision


def test_asking_back_offers_at_most_three_and_a_person() -> None:
    offered = decide(situation(candidates=tuple(candidate(name, 0.4) for name in "abcde")), THRESHOLDS)
    assert isinstance(offered, AskBack)
    assert [choice.id for choice in offered.choices] == ["script:a", "script:b", "script:c", CHOICE_HUMAN]


@given(
    owner=st.sampled_from(["bot", "queue", "agent"]),
    probabilities=st.lists(st.floats(0, 1), max_size=5),
    hand_over=st.booleans(),
    picked=st.sampled_from(["", "a"]),
    reply=st.sampled_from(["", "您好"]),
)
def test_a_bot_without_a_person_always_says_something_and_with_one_never(
    *, owner: str, probabilities: list[float], hand_over: bool, picked: str, reply: str
) -> None:
    ordered = sorted(probabilities, reverse=True)
    decision = decide(
        situation(
            owner=owner,
            picked=picked,
            candidates=tuple(candidate(str(number), value) for number, value in enumerate(ordered)),
            small_talk=("greet", reply) if reply else ("", ""),
            verdict=LOUD if hand_over else QUIET,
        ),
        THRESHOLDS,
    )
    assert isinstance(decision, StaySilent) == (owner != "bot")


def test_nothing_is_found_below_the_asking_threshold() -> None:
    assert found_nothing((), THRESHOLDS)
    assert found_nothing((candidate("a", 0.24),), THRESHOLDS)
    assert not found_nothing((candidate("a", 0.25),), THRESHOLDS)
