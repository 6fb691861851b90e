"""Are probabilities what they say? From scores to probabilities, and how far those are off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_SHARPEST, _BLUNTEST = 200.0, 0.1
_BINS = 15


def softmax(scores: Floats) -> Floats:
    """Turn rows of scores into rows of sum 1."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def log_loss(probabilities: Floats, labels: NDArray[np.integer], weights: Floats | None = None) -> float:
    """Mean of −log of the probability of what was right, nats; weights: what each case counts."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(right, 1e-12)), weights=weights))


def sharpness(scores: Floats, labels: NDArray[np.integer], weights: Floats | None = None) -> float:
    """The factor of the scores whose softmax predicts `labels` best; scores of examples that were not learned."""
    candidates = np.geomspace(_BLUNTEST, _SHARPEST, 40)
    losses = [log_loss(softmax(scores * each), labels, weights) for each in candidates]
    return float(candidates[int(np.argmin(losses))])


def expected_calibration_error(probabilities: Floats, correct: NDArray[np.bool_]) -> float:
    """Mean gap between probability and share of right answers over 15 bins of equal width (Naeini et al. 2015)."""
    place = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(place, minlength=_BINS)
    sure = np.bincount(place, weights=probabilities, minlength=_BINS)
    right = np.bincount(place, weights=correct, minlength=_BINS)
    return float(np.abs(sure - right).sum() / max(counts.sum(), 1))


def brier_score(probabilities: Floats, correct: NDArray[np.bool_]) -> float:
    """Mean squared gap between the probability and what came true (0 or 1)."""
    return float(np.mean((probabilities - correct) ** 2))
