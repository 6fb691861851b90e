"""How likely is a candidate the right script? A small model of choice: one of the candidates, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import FEATURES, LEXICAL

Floats = NDArray[np.float64]

# Bias first, then the features of that name. They stand where a shop has too few questions to learn from, and hold
# the fit elsewhere. Learned from our example shop (all questions, or the first of each script and the others asking,
# partly mistyped) and five trades of others (chatopera/chatbot-samples, Apache-2.0); none may speak against a script.
DEFAULT_WEIGHTS: tuple[float, ...] = (-5.7, 0.6, 0.0, 3.6, 5.8, 4.0, 6.0, 0.1, 0.2, 2.0, 0.0, 2.7, 10.1, 3.7)
DEFAULT_LEXICAL: tuple[float, ...] = (-6.3, 7.4, 1.0, 2.8, 11.7, 6.0, 7.0, 0.8, 3.1)
_TRUST = 1.0  # precision of the prior: how many nats a weight costs for each unit squared it moves away
_ENOUGH = 40  # questions found while left out, below which the default weights stand as they are
_STEPS = 25
_TOLERANCE = 1e-4
_LONGEST_STEP = 3.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """One query's candidates, [n, features], and which one was right: its row, None where none was.

    wrong: the row that was shown and was not it, which leaves open what would have been. weight: how much it counts.
    """

    features: NDArray[np.float32]
    right: int | None = None
    wrong: int | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Ranker:
    """weights: bias, then one a feature."""

    weights: tuple[float, ...] = DEFAULT_WEIGHTS

    def probabilities(self, features: NDArray[np.float32]) -> Floats:
        """The probability of each candidate of one query being right, [n]; what they lack to 1 is that none is."""
        if not len(features):
            return np.empty(0)
        weights = np.array(self.weights)
        scores = np.minimum(np.maximum(features @ weights[1:] + weights[0], -40), 40)
        odds = np.exp(scores)
        return np.asarray(odds / (1 + odds.sum()))


def fit(lessons: Iterable[Lesson], default: tuple[float, ...]) -> Ranker:
    """The most probable weights under a Gaussian prior around the default ones, by damped Newton steps.

    The default ones themselves where the lessons found too few right scripts: negatives alone would only teach doubt.
    """
    taken = [lesson for lesson in lessons if len(lesson.features)]
    if sum(lesson.right is not None for lesson in taken) < _ENOUGH:
        return Ranker(default)
    return Ranker(_newton(_Lessons(taken), np.array(default)))


class _Lessons:
    """All lessons as arrays: a row of candidates each, the last place for "none of them"."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        most = 1 + max(len(lesson.features) for lesson in lessons)
        width = 1 + lessons[0].features.shape[1]
        self.rows = np.zeros((len(lessons), most, width), dtype=np.float64)
        self.there = np.zeros((len(lessons), most), dtype=np.bool_)
        self.there[:, -1] = True
        self.allowed = np.zeros((len(lessons), most), dtype=np.bool_)
        self.weight = np.array([lesson.weight for lesson in lessons])
        for number, lesson in enumerate(lessons):
            count = len(lesson.features)
            self.rows[number, :count, 0] = 1
            self.rows[number, :count, 1:] = lesson.features
            self.there[number, :count] = True
            if lesson.wrong is None:
                self.allowed[number, most - 1 if lesson.right is None else lesson.right] = True
            else:
                self.allowed[number] = self.there[number]
                self.allowed[number, lesson.wrong] = False

    def chances(self, weights: Floats) -> Floats:
        scores = np.where(self.there, self.rows @ weights, -np.inf)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _newton(lessons: _Lessons, prior: Floats) -> tuple[float, ...]:
    """Where a lesson leaves open which candidate was right, the allowed ones share it as they stand (EM)."""
    weights = prior.copy()
    flat = lessons.rows.reshape(-1, lessons.rows.shape[2])
    for _ in range(_STEPS):
        chances = lessons.chances(weights)
        allowed = np.where(lessons.allowed, chances + 1e-12, 0)
        wanted = allowed / allowed.sum(axis=1, keepdims=True)
        pull = ((wanted - chances) * lessons.weight[:, None]).reshape(-1)
        gradient = flat.T @ pull - _TRUST * (weights - prior)
        means = np.einsum("nc,ncf->nf", chances, lessons.rows)
        shares = (chances * lessons.weight[:, None]).reshape(-1)
        curvature = (flat.T * shares) @ flat - (means.T * lessons.weight) @ means + _TRUST * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        longest = float(np.abs(step).max())
        weights += step * min(1.0, _LONGEST_STEP / max(longest, 1e-12))
        if longest < _TOLERANCE:
            break
    return tuple(float(weight) for weight in weights)


assert len(DEFAULT_WEIGHTS) == 1 + len(FEATURES)  # noqa: S101 - the two must change together
assert len(DEFAULT_LEXICAL) == 1 + len(LEXICAL)  # noqa: S101
