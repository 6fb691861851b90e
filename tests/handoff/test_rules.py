"""Does the right sentence call a person, and reach the right team?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import SIGNALS, Facts, Router
from tests.handoff.policies import sample_policy

ROUTER = Router(sample_policy())

ASKS = (
    "人工", "转人工", "转 人 工！！", "我要人工客服", "有没有真人啊",
    "找客服", "叫你们客服出来，我要客服", "换个人跟我说",
    "別的不要，轉人工", "ＲＥＮＧＯＮＧ",
    "I want to talk to a human", "Real person please", "有人吗？在吗", "你是机器人吧",
    "叫你们经理来", "人工费的事转人工说", "客服人员呢", "人工智障，给我转人工",
)  # fmt: skip
DOES_NOT_ASK = (
    "人工费多少", "是人工智能吗", "你们用的是人工智能客服系统吗", "含人工香精吗", "这是真人秀同款吗", "有真人试色图吗",
    "有没有人用过这款",
    "什么时候发货", "", "？？？", "humanity", "别人都说好用", "这款转接头有吗", "帮别人买可以吗",
)  # fmt: skip


@pytest.mark.parametrize("text", ASKS)
def test_asking_for_a_person_works_in_any_wording(text: str) -> None:
    verdict = ROUTER.route(Facts(text=text))
    assert verdict.hand_over
    assert verdict.reason == "asked_for_person"


@pytest.mark.parametrize("text", DOES_NOT_ASK)
def test_what_only_sounds_like_asking_does_not(text: str) -> None:
    assert not ROUTER.route(Facts(text=text)).hand_over


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(text="能不能跟你们的人谈", intent="ask_human", confidence=0.8), "asked_for_person"),
        (Facts(choice="ask_human"), "asked_for_person"),
        (Facts(text="再不退我就打12315"), "legal"),
        (Facts(text="我要投诉你们"), "complaint"),
        (Facts(intent="complain", confidence=0.9), "complaint"),
        (Facts(text="用完脸肿了", intent="allergic_reaction", confidence=0.7), "never_for_the_bot"),
        (Facts(engine_failed=True), "engine_failed"),
        (Facts(failures=2), "nothing_found"),
        (Facts(failures=3), "nothing_found"),
    ],
)
def test_each_signal_hands_over_with_its_name(facts: Facts, reason: str) -> None:
    assert ROUTER.route(facts).reason == reason


@pytest.mark.parametrize(
    "facts",
    [
        Facts(failures=1),
        Facts(intent="ask_human", confidence=0.59),
        Facts(text="人工费多少", intent="ask_human", confidence=0.95),
        Facts(text="订单号是8123151", intent="order_status", confidence=0.9),
        Facts(choice="track_order"),
    ],
)
def test_weak_or_excepted_signals_do_not(facts: Facts) -> None:
    verdict = ROUTER.route(facts)
    assert (verdict.hand_over, verdict.reason, verdict.signals) == (False, "", ())


def test_the_strongest_signal_is_the_reason_and_all_are_kept() -> None:
    verdict = ROUTER.route(Facts(text="我要投诉，转人工，不然找律师", failures=5, engine_failed=True))
    assert verdict.signals == ("legal", "complaint", "asked_for_person", "engine_failed", "nothing_found")
    assert verdict.reason == "legal"
    assert (verdict.team, verdict.priority, verdict.rule) == ("aftersale", 1, "投诉与维权优先给售后")


# One row per routing rule: what it takes, and what it leaves.
@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (Facts(text="你们就是骗子"), "投诉与维权优先给售后"),
        (Facts(intent="allergic_reaction", confidence=0.9), "过敏给售后"),
        (Facts(stage="before", channel="official_account"), "公众号的售前咨询"),
        (Facts(stage="before", channel="wecom_kf"), "其余给售后"),
        (Facts(text="多少钱", category=("售前", "价格")), "价格与活动"),
        (Facts(text="多少钱", category=("售后",)), "其余给售后"),
        (Facts(text="转人工"), "其余给售后"),
    ],
)
def test_the_first_rule_that_holds_wins(facts: Facts, rule: str) -> None:
    assert ROUTER.route(facts).rule == rule


@given(
    st.builds(
        Facts,
        text=st.text(max_size=40) | st.sampled_from(ASKS + DOES_NOT_ASK),
        intent=st.sampled_from(("", "ask_human", "complain", "allergic_reaction", "x")),
        confidence=st.floats(0, 1),
        choice=st.sampled_from(("", "ask_human", "x")),
        failures=st.integers(0, 9),
        stage=st.none() | st.sampled_from(("before", "after")),
        category=st.lists(st.sampled_from(("活动", "售后"))).map(tuple),
        channel=st.sampled_from(("", "official_account", "wecom_kf")),
        engine_failed=st.booleans(),
    )
)
def test_routing_is_total_and_a_failing_engine_never_silences(facts: Facts) -> None:
    verdict = ROUTER.route(facts)
    assert verdict.hand_over == bool(set(verdict.signals) & set(SIGNALS[:6]))  # the certain ones
    assert verdict.team in {"presale", "aftersale"}
    assert list(verdict.signals) == [name for name in SIGNALS if name in verdict.signals]
    assert ROUTER.route(replace(facts, engine_failed=True)).hand_over
