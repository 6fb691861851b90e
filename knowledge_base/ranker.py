"""How likely is a candidate the right script? A small logistic model, fitted on the shop's own questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import FEATURES, Candidates, Corpus, candidates
from knowledge_base.variants import Variants

Floats = NDArray[np.float64]

# bias first, then FEATURES; as fitted on our example shop with three to five questions a script. They stand where
# a shop has too few questions to learn from, and hold the fit elsewhere
DEFAULT_WEIGHTS: tuple[float, ...] = (-5.3, 1.2, 1.2, 3.5, 2.3, 0.2, 8.6, 0.6, 2.0, 0.4)
_TRUST = 1.0  # precision of the prior: how many nats a weight costs for each unit squared it moves away
_ENOUGH = 40  # questions found while left out, below which the default weights stand as they are
_STEPS = 25
_TOLERANCE = 1e-6
MAX_QUERIES = 600  # leave-one-out queries; more cost time and change nothing in ten weights


@dataclass(frozen=True, slots=True)
class Ranker:
    """weights: bias, then one a feature."""

    weights: tuple[float, ...] = DEFAULT_WEIGHTS

    def probabilities(self, features: NDArray[np.float32]) -> Floats:
        """The probability of each candidate of one query being right, [n]; together at most 1."""
        if not len(features):
            return np.empty(0)
        each = _sigmoid(_with_bias(features) @ np.array(self.weights))
        return np.asarray(each / max(1.0, float(each.sum())))


def fit(corpus: Corpus, negatives: Sequence[str], vectors: NDArray[np.float32]) -> Ranker:
    """Learn without any feedback: each question asks while it is left out; the negatives must find nothing.

    negatives: utterances that no script answers, `vectors` theirs, [len(negatives), dim].
    """
    rows: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.float64]] = []
    for position in questions_to_ask(corpus.variants):
        found = candidates(
            corpus,
            corpus.variants.texts[position],
            corpus.vectors.vectors(np.array([position]))[0],
            without=int(corpus.variants.question[position]),
        )
        _collect(found, int(corpus.variants.script[position]), rows, labels)
    for text, vector in zip(negatives, vectors, strict=True):
        _collect(candidates(corpus, text, vector), -1, rows, labels)
    if sum(float(part.sum()) for part in labels) < _ENOUGH:
        return Ranker()  # the negatives alone would only teach to doubt everything
    return Ranker(_newton(_with_bias(np.concatenate(rows)), np.concatenate(labels)))


def questions_to_ask(variants: Variants) -> NDArray[np.int64]:
    """Whole questions of scripts that keep another one when it is left out, evenly thinned to `MAX_QUERIES`."""
    wholes = np.flatnonzero(variants.whole)
    per_script = np.bincount(variants.script[wholes], minlength=len(variants.first) - 1)
    asking = wholes[per_script[variants.script[wholes]] > 1]
    if len(asking) <= MAX_QUERIES:
        return asking
    return asking[np.linspace(0, len(asking) - 1, MAX_QUERIES).astype(np.int64)]


def _collect(found: Candidates, right: int, rows: list[NDArray[np.float32]], labels: list[NDArray[np.float64]]) -> None:
    if len(found.scripts):
        rows.append(found.features)
        labels.append((found.scripts == right).astype(np.float64))


def _newton(features: Floats, labels: Floats) -> tuple[float, ...]:
    """The most probable weights under a Gaussian prior around the default ones, by damped Newton steps."""
    prior = np.array(DEFAULT_WEIGHTS)
    weights = prior.copy()
    for _ in range(_STEPS):
        probability = _sigmoid(features @ weights)
        gradient = features.T @ (labels - probability) - _TRUST * (weights - prior)
        curvature = (features.T * (probability * (1 - probability))) @ features + _TRUST * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        scale = min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-12))
        weights += scale * step
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    return tuple(float(weight) for weight in weights)


def _with_bias(features: NDArray[np.float32]) -> Floats:
    return np.hstack([np.ones((len(features), 1)), features.astype(np.float64)])


def _sigmoid(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -40, 40))))


assert len(DEFAULT_WEIGHTS) == 1 + len(FEATURES)  # noqa: S101 - the two must change together
