"""What would a text of an intent we never learned look like? Each intent is left out in turn, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nlu.least_squares import Matrix, Solution

Labels = NDArray[np.integer]
Floats = NDArray[np.floating]

NOVEL_SHARE = 0.1  # of customers' texts that carry no intent we know: what a shop must expect, not what it trained on
_STEPS = 50


def strangers(solution: Solution, labels: Labels, skip: int | None) -> Matrix:
    """Scores of examples by a model without any example of their intent, [m, k].

    skip: a label that stands for no intent and has no strangers. The own intent's score is minus infinity.
    """
    scores = np.full_like(solution.dual, -np.inf)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels) if label != skip]
    for group in groups:
        block = solution.inverse_among(group)
        own = labels[group[0]]
        without = np.zeros_like(solution.dual[group])
        without[:, own] = 1
        scores[group] = without - np.linalg.solve(block, solution.dual[group])
        scores[group, own] = -np.inf
    return np.asarray(scores[labels != skip])


def known_logistic(known: Floats, novel: Floats) -> tuple[float, float]:
    """Slope and offset of the logistic that tells best scores of known intents from those of strangers.

    Novel texts weigh NOVEL_SHARE together, whatever their number. Without both kinds everything counts as known.
    """
    if not len(known) or not len(novel):
        return 0.0, 30.0
    x = np.concatenate([known, novel]).astype(np.float64)
    is_known = np.concatenate([np.ones(len(known)), np.zeros(len(novel))])
    weight = np.where(is_known > 0, (1 - NOVEL_SHARE) / len(known), NOVEL_SHARE / len(novel))
    design = np.stack([x, np.ones_like(x)], axis=1)
    slope_offset = np.zeros(2)
    for _ in range(_STEPS):  # Newton; the small ridge keeps perfectly parted scores finite
        expected = 1 / (1 + np.exp(-np.clip(design @ slope_offset, -30, 30)))
        gradient = design.T @ (weight * (expected - is_known)) + 1e-5 * slope_offset
        curvature = (design.T * (weight * expected * (1 - expected))) @ design + 1e-5 * np.eye(2)
        slope_offset = slope_offset - np.clip(np.linalg.solve(curvature, gradient), -5, 5)
    slope, offset = map(float, slope_offset)
    return (slope, offset) if slope > 0 else (0.0, 30.0)
