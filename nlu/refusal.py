"""Below which probability is it cheaper to hand over than to answer, and what would each threshold cost?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Answer from `threshold` up. coverage: share answered. risk: share of wrong ones among them."""

    threshold: float
    coverage: float
    risk: float


def refusal_threshold(
    probabilities: Floats, correct: NDArray[np.bool_], *, wrong_cost: float, handover_cost: float
) -> float:
    """The threshold of least total cost on cases that were not learned; of equal ones the highest.

    wrong_cost: of an answer that is wrong. handover_cost: of a case that is refused, right or not. 0 where answering
    all is cheapest, above 1 (nothing is answered) where refusing all is.

    Raises:
        ValueError: a cost is negative, or both are 0.
    """
    if min(wrong_cost, handover_cost) < 0 or wrong_cost == handover_cost == 0:
        raise ValueError("costs must not be negative, and one of them must be above 0")
    order = np.argsort(-probabilities, kind="stable")
    sorted_probabilities, wrong = probabilities[order], ~correct[order]
    answered = np.arange(len(order) + 1)
    costs = np.concatenate([[0], np.cumsum(wrong)]) * wrong_cost + (len(order) - answered) * handover_cost
    # a threshold cannot part equals
    possible = np.concatenate([[True], sorted_probabilities[:-1] > sorted_probabilities[1:], [True]])[: len(costs)]
    best = int(np.argmin(np.where(possible, costs, np.inf)))
    if best == len(order):
        return 0.0
    if best == 0:
        return 1.0 + 1e-6
    return float(sorted_probabilities[best - 1] + sorted_probabilities[best]) / 2


def risk_coverage(probabilities: Floats, correct: NDArray[np.bool_]) -> tuple[CurvePoint, ...]:
    """One point for each distinct probability, fewest answers first."""
    order = np.argsort(-probabilities, kind="stable")
    values, wrong = probabilities[order], np.cumsum(~correct[order])
    last = np.concatenate([values[:-1] > values[1:], [True]]) if len(values) else np.zeros(0, bool)
    return tuple(
        CurvePoint(float(values[at]), float((at + 1) / len(values)), float(wrong[at] / (at + 1)))
        for at in np.flatnonzero(last)
    )


def area_under_risk_coverage(probabilities: Floats, correct: NDArray[np.bool_]) -> float:
    """Mean risk over all coverages (AURC, Geifman & El-Yaniv 2017); lower is better."""
    order = np.argsort(-probabilities, kind="stable")
    wrong = np.cumsum(~correct[order])
    return float(np.mean(wrong / np.arange(1, len(order) + 1))) if len(order) else 0.0
