"""Do weak signs call a person only together, and does one more sign never take the call back?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import SIGNALS, Facts, Policy, Router, parse_policy
from handoff.weighing import weigh
from tests.handoff.policies import POLICY_YAML, policy_data, sample_policy

POLICY = sample_policy()
ROUTER = Router(POLICY)
NAMES = st.sampled_from(("", "ask_human", "complain", "allergic_reaction", "urge", "faq/refund", "x"))
WORDS = st.sampled_from(("", "转人工", "人工费", "快点", "怎么样了", "我要投诉", "找律师", "订单号 123")) | st.text(
    max_size=20
)
ANY_FLOAT = st.floats()  # NaN and infinities too

anything = st.builds(
    Facts,
    text=WORDS,
    intent=NAMES,
    confidence=ANY_FLOAT,
    choice=NAMES,
    failures=st.integers(-1, 9),
    best_probability=ANY_FLOAT,
    stage=st.none() | st.sampled_from(("before", "after")),
    category=st.lists(st.sampled_from(("售后", "订单", "活动"))).map(tuple),
    channel=st.sampled_from(("", "official_account")),
    tags=st.lists(st.sampled_from(("VIP", "x"))).map(tuple),
    urgency=ANY_FLOAT,
    sentiment=ANY_FLOAT,
    engine_failed=st.booleans(),
    moods=st.lists(ANY_FLOAT, max_size=3).map(tuple),
    urged=st.integers(0, 3),
    source=st.text(max_size=5),
    region=st.lists(st.sampled_from(("", "广东省", "深圳市", "北京", "海淀区", "\ud800"))).map(tuple),
    position=st.none() | st.tuples(ANY_FLOAT, ANY_FLOAT),
    goods=st.lists(st.text(max_size=3)).map(tuple),
    entities=st.dictionaries(st.sampled_from(("order_number", "phone")), st.text(max_size=3)),
    open_now=st.none() | st.booleans(),
    language=st.text(max_size=3),
    promises=st.integers(0, 2),
)

ANGRY_ORDER = Facts(text="货呢", intent="urge", confidence=0.9, sentiment=-0.6, urgency=0.7, moods=(0.1, -0.2))


def policy_with(signals: str) -> Policy:
    return parse_policy(policy_data(POLICY_YAML.replace("rules:", f"signals: {signals}\nrules:")))


@pytest.mark.parametrize(
    ("facts", "signals", "hand_over"),
    [
        (Facts(text="货呢", best_probability=0.2), ("low_probability",), False),
        (Facts(text="货呢", best_probability=0.26), (), False),
        (Facts(text="货呢", intent="urge", confidence=0.9), (), False),
        (Facts(text="货呢", intent="urge", confidence=0.9, urgency=0.7), ("order_at_risk",), False),
        (Facts(text="货呢", intent="urge", confidence=0.9, urged=1), ("order_at_risk",), False),
        (Facts(text="货呢", intent="x", confidence=0.9, urgency=0.7, entities={"order_number": "XD1"}),
         ("order_at_risk",), False),
        (Facts(text="退", category=("退款",), best_probability=0.9, sentiment=-0.4), ("order_at_risk",), False),
        (Facts(text="唉", best_probability=0.9, sentiment=-0.6, moods=(0.1, -0.1)), ("mood_trend",), False),
        (Facts(text="唉", best_probability=0.9, sentiment=-0.4, moods=(-0.5,)), ("mood_trend",), False),
        (Facts(text="唉", best_probability=0.9, sentiment=-0.6), (), False),  # one message is no trend
        (Facts(text="唉", best_probability=0.9, sentiment=-0.1, moods=(0.9,)), (), False),  # less glad is not angry
        (ANGRY_ORDER, ("order_at_risk", "mood_trend"), True),
        (Facts(text="唉", sentiment=-0.6, moods=(0.1,)), ("mood_trend", "low_probability"), True),
        (Facts(text="在吗", best_probability=0.9, tags=("VIP",)), ("vip",), False),  # a quiet one
        (Facts(text="那个啥", tags=("VIP",)), ("low_probability", "vip"), True),
        (Facts(text="那个啥", tags=("VIP",), open_now=False), ("low_probability", "vip", "out_of_hours"), False),
        (Facts(text="怎么样了", best_probability=0.9, promises=1), ("open_promise",), True),
        (Facts(text="补发的寄出了吗", best_probability=0.9, promises=1), ("open_promise",), True),
        (Facts(text="钱到账了没", best_probability=0.9, promises=2), ("open_promise",), True),
        (Facts(text="补发的寄出了吗", best_probability=0.9), (), False),
        (Facts(text="还有别的色号吗", best_probability=0.9, promises=1), (), False),
        (Facts(text="怎么样了", best_probability=0.9), (), False),
        (Facts(text="转人工", open_now=False), ("asked_for_person", "out_of_hours"), True),
        (Facts(text="多久发货", best_probability=0.9, open_now=False), (), False),
        (Facts(text="你们有没有能说话的"), ("asked_for_person",), True),
        (Facts(text="跟你说不清楚，算了"), ("asked_for_person",), True),
    ],
)  # fmt: skip
def test_weak_signs_call_a_person_only_together(facts: Facts, signals: tuple[str, ...], *, hand_over: bool) -> None:
    verdict = ROUTER.route(facts)
    assert verdict.signals == signals
    assert verdict.hand_over is hand_over


def test_the_verdict_shows_what_was_weighed() -> None:
    verdict = ROUTER.route(ANGRY_ORDER)
    assert verdict.weights == {"order_at_risk": 0.4, "mood_trend": 0.45}
    assert verdict.need == pytest.approx(1 - 0.6 * 0.55)
    assert verdict.ignoring == pytest.approx(verdict.need * 1.4)
    assert verdict.handing_over == pytest.approx(1 - verdict.need)
    assert ROUTER.route(replace(ANGRY_ORDER, open_now=False)).handing_over == pytest.approx(1.5 * 0.6 * 0.55)


@given(anything)
def test_no_facts_make_it_fail_and_without_a_sign_nobody_is_called(facts: Facts) -> None:
    verdict = ROUTER.route(facts)
    assert verdict.hand_over <= bool(set(verdict.signals) - {"out_of_hours"})
    assert verdict.hand_over or not set(verdict.signals) & set(SIGNALS[:6])
    assert list(verdict.signals) == [name for name in SIGNALS if name in verdict.signals]
    assert 0 <= verdict.need <= 1
    explained = ROUTER.explain(facts)
    assert explained.verdict == verdict
    assert tuple(each.name for each in explained.signals if each.fired) == verdict.signals
    assert next(each.rule.name for each in explained.rules if each.holds) == verdict.rule


@given(
    st.lists(st.sampled_from(SIGNALS), unique=True),
    st.sampled_from([name for name in SIGNALS if name != "out_of_hours"]),
    st.fixed_dictionaries({name: st.tuples(st.floats(0, 1), st.floats(0.01, 100)) for name in SIGNALS}),
    st.floats(0.01, 100),
)
def test_one_more_sign_never_takes_a_call_back(
    signals: list[str], more: str, stakes: dict[str, tuple[float, float]], needless: float
) -> None:
    from handoff.signals import Stake  # noqa: PLC0415 - only here

    policy = replace(POLICY.signals, stakes={name: Stake(*each) for name, each in stakes.items()}, needless=needless)
    before, after = weigh(policy, signals), weigh(policy, [*dict.fromkeys([*signals, more])])
    assert after.calls_a_person >= before.calls_a_person
    assert not weigh(policy, []).calls_a_person


def test_a_shop_sets_weights_and_costs() -> None:
    router = Router(policy_with("{vip: {tags: [老板的朋友], weight: 1}, complaint: {weight: 0}}"))
    assert router.route(Facts(text="在吗", best_probability=0.9, tags=("老板的朋友",))).hand_over
    assert router.route(Facts(text="在吗", best_probability=0.9, tags=("VIP",))).signals == ()
    assert router.route(Facts(text="我要投诉", best_probability=0.9)).signals == ()


def test_the_menu_item_stays_whatever_the_weight() -> None:
    router = Router(policy_with("{asked_for_person: {weight: 0}}"))
    assert not router.route(Facts(text="转人工", best_probability=0.9)).hand_over
    assert router.route(Facts(choice="ask_human")).hand_over


@given(anything)
def test_history_is_asked_for_wherever_it_counts(facts: Facts) -> None:
    without = replace(facts, moods=(), urged=0)
    if ROUTER.route(facts) != ROUTER.route(without):
        assert ROUTER.needs_history(without)
