"""How satisfied was a customer who was never asked?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

LOWEST, HIGHEST = 1.0, 5.0
FEWEST = 200  # ratings that replace our weights; about 25 a weight
_RIDGE = 10.0  # ratings' worth of trust in our weights


class TooFewRatings(Exception):  # noqa: N818 - reads as the fact it is
    """The shop's own weights cannot be fitted yet."""


@dataclass(frozen=True, slots=True)
class SatisfactionFormula:
    """start + Σ weight × feature, kept within 1 to 5. rated: sessions it was fitted on, 0 for our own judgement."""

    start: float
    weights: Mapping[str, float]
    rated: int = 0

    def predict(self, features: Mapping[str, float]) -> float:
        """In [1, 5]. A feature that is left out counts as 0. Raises KeyError for one that the formula does not know."""
        if unknown := features.keys() - self.weights.keys():
            raise KeyError(f"no weight for {min(unknown)}; there are {', '.join(self.weights)}")
        total = self.start + sum(self.weights[name] * float(value) for name, value in features.items())
        return min(HIGHEST, max(LOWEST, total))


@cache
def written_formula() -> SatisfactionFormula:
    """The documented one, from satisfaction.toml."""
    content = tomllib.loads((files("archive.sentiment") / "satisfaction.toml").read_text(encoding="utf-8"))
    weights = {str(name): float(weight) for name, weight in content["weights"].items()}
    return SatisfactionFormula(float(content["start"]), weights)


def predicted_satisfaction(features: Mapping[str, float], formula: SatisfactionFormula | None = None) -> float:
    """Satisfaction in [1, 5] by the formula, ours where the shop has none of its own yet."""
    return (formula or written_formula()).predict(features)


def fit(sessions: Sequence[Mapping[str, float]], ratings: Sequence[float]) -> SatisfactionFormula:
    """The shop's own formula: ridge regression towards ours, from rated sessions.

    Raises:
        TooFewRatings: fewer than 200.
        ValueError: a rating outside of 1 to 5, or not one rating a session.
    """
    if len(sessions) != len(ratings):
        raise ValueError(f"{len(sessions)} sessions, but {len(ratings)} ratings")
    if any(not LOWEST <= each <= HIGHEST for each in ratings):
        raise ValueError("a rating lies between 1 and 5")
    if len(ratings) < FEWEST:
        raise TooFewRatings(f"{len(ratings)} rated sessions; {FEWEST} are needed to fit a formula of the shop's own")
    ours = written_formula()
    names = list(ours.weights)
    rows = np.array([[1.0, *(float(session.get(name, 0.0)) for name in names)] for session in sessions])
    before = np.array([ours.start, *ours.weights.values()])
    residue = np.asarray(ratings, dtype=np.float64) - rows @ before
    change = np.linalg.solve(rows.T @ rows + _RIDGE * np.eye(len(before)), rows.T @ residue)
    start, *weights = (before + change).tolist()
    return SatisfactionFormula(start, dict(zip(names, weights, strict=True)), rated=len(ratings))
