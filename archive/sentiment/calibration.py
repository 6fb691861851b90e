"""How good or bad is a text that the linear model put here? A score between -1 and 1 with room for "neither"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Proportional odds (McCullagh, "Regression models for ordinal data", 1980), alike on both sides of 0.

    P(good) = σ(slope·d − margin), P(bad) = σ(−slope·d − margin), the rest neither. A score is P(good) − P(bad).
    """

    slope: float
    margin: float

    def scores(self, distances: Floats) -> Floats:
        """[texts] → the same, odd, growing and within [-1, 1]."""
        pull = self.slope * distances
        return np.asarray((np.tanh((pull - self.margin) / 2) + np.tanh((pull + self.margin) / 2)) / 2)


def calibrate(distances: Floats, labels: NDArray[np.int64], weights: Floats) -> Calibration:
    """The calibration under which the labels (-1, 0, 1) of texts that were not learned are likeliest."""
    from scipy.optimize import minimize  # noqa: PLC0415 - needed to learn, not to answer

    def unlikely(logs: Floats) -> float:
        slope, margin = np.exp(logs)
        good = 1 / (1 + np.exp(-np.clip(slope * distances - margin, -30, 30)))
        bad = 1 / (1 + np.exp(-np.clip(-slope * distances - margin, -30, 30)))
        chance = np.choose(labels + 1, [bad, 1 - good - bad, good])
        return -float(weights @ np.log(np.maximum(chance, _LEAST)))

    found = minimize(unlikely, np.log([3.0, 1.0]), method="Nelder-Mead").x
    slope, margin = np.exp(np.clip(found, -6, 6))
    return Calibration(float(slope), float(margin))
