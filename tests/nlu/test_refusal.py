"""Is the threshold the one of least cost, and the curve what its points say?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import refusal_threshold, risk_coverage
from nlu.refusal import area_under_risk_coverage

CASES = st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.5, 0.7, 0.9, 1.0]), st.booleans()), min_size=1, max_size=30)
COSTS = st.floats(0.1, 10)


def cost(cases: list[tuple[float, bool]], threshold: float, *, wrong_cost: float, handover_cost: float) -> float:
    return sum(
        handover_cost if probability < threshold else wrong_cost * (not correct) for probability, correct in cases
    )


@given(CASES, COSTS, COSTS)
def test_no_other_threshold_is_cheaper(cases: list[tuple[float, bool]], wrong: float, handover: float) -> None:
    probabilities, correct = np.array([each for each, _ in cases]), np.array([each for _, each in cases])
    found = refusal_threshold(probabilities, correct, wrong_cost=wrong, handover_cost=handover)
    reached = cost(cases, found, wrong_cost=wrong, handover_cost=handover)
    for other in (0.0, 0.1, 0.3, 0.6, 0.8, 0.95, 1.5):
        assert reached <= cost(cases, other, wrong_cost=wrong, handover_cost=handover) + 1e-6


def test_a_dearer_mistake_raises_the_threshold() -> None:
    probabilities, correct = np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, True, False, False])
    assert refusal_threshold(probabilities, correct, wrong_cost=2, handover_cost=1) == pytest.approx(0.6)
    assert refusal_threshold(probabilities, correct, wrong_cost=1, handover_cost=9) == 0
    assert refusal_threshold(probabilities, ~correct, wrong_cost=9, handover_cost=1) > 1


@pytest.mark.parametrize(("wrong", "handover"), [(-1, 1), (1, -1), (0, 0)])
def test_costs_that_mean_nothing_are_refused(wrong: float, handover: float) -> None:
    with pytest.raises(ValueError, match="cost"):
        refusal_threshold(np.array([0.5]), np.array([True]), wrong_cost=wrong, handover_cost=handover)


@given(CASES)
def test_the_curve_counts_what_is_answered_from_each_threshold(cases: list[tuple[float, bool]]) -> None:
    probabilities, correct = np.array([each for each, _ in cases]), np.array([each for _, each in cases])
    curve = risk_coverage(probabilities, correct)
    for point in curve:
        answered = probabilities >= point.threshold
        assert point.coverage == pytest.approx(answered.mean())
        assert point.risk == pytest.approx(1 - correct[answered].mean())
    assert curve[-1].coverage == 1


def test_the_area_is_the_mean_risk() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.6])
    assert area_under_risk_coverage(probabilities, np.array([True, True, True, True])) == 0
    assert area_under_risk_coverage(probabilities, np.array([True, True, False, False])) == pytest.approx(5 / 24)
