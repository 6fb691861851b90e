"""Do thresholds follow from costs, and do categories and channels override them?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.costs import Costs, Override, Tariff, thresholds

costs = st.builds(Costs, *[st.floats(0.01, 100)] * 3)


def test_the_defaults_are_those_chosen_on_the_example_shop() -> None:
    found = thresholds(Costs())
    assert found.answer == pytest.approx(0.60)
    assert found.ask == pytest.approx(0.25)


@given(costs=costs, p=st.floats(0, 1))
def test_a_script_is_said_exactly_where_that_is_the_cheapest(costs: Costs, p: float) -> None:
    """As the formula has it: one candidate, right with probability p."""
    found = thresholds(costs)
    answering = (1 - p) * costs.wrong_answer
    asking = costs.ask_back + (1 - p) * costs.handover
    cheapest = answering <= min(asking, costs.handover)
    if abs(p - found.answer) > 1e-6:
        assert (p > found.answer) == cheapest or found.answer == 1.0
    if abs(p - found.ask) > 1e-6:
        assert (p > found.ask) == (asking < costs.handover)


@given(costs=costs, dearer=st.floats(1, 10))
def test_a_dearer_mistake_never_makes_us_bolder(costs: Costs, dearer: float) -> None:
    careful = Costs(costs.wrong_answer * dearer, costs.ask_back, costs.handover)
    assert thresholds(careful).answer >= thresholds(costs).answer - 1e-9
    assert 0 <= thresholds(costs).answer <= 1
    assert 0 <= thresholds(costs).ask <= 1


def test_the_channel_is_overridden_by_the_category_and_the_inner_category_by_none() -> None:
    tariff = Tariff(
        channels={"wecom_kf": Override(handover=2.0, wrong_answer=4.0)},
        categories={"售后": Override(wrong_answer=5.0), "退款": Override(wrong_answer=9.0, ask_back=1.0)},
    )
    assert tariff.in_force("official_account", ("物流",)).because == ()
    found = tariff.in_force("wecom_kf", ("售后", "退款"))
    assert found.costs == Costs(wrong_answer=9.0, ask_back=1.0, handover=2.0)
    assert found.because == ("channel wecom_kf", "category 售后", "category 退款")
    assert found.thresholds.answer == pytest.approx(1 - 1 / 7)
    assert found.thresholds.ask == 0.5
