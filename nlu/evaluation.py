"""How often is the intent right, are utterances of no intent told apart, and what would refusing the unsure cost?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import brier_score, expected_calibration_error
from nlu.encoder import Encoder
from nlu.heads import OUT_OF_SCOPE
from nlu.intent_model import IntentModel
from nlu.refusal import CurvePoint, area_under_risk_coverage, risk_coverage
from nlu.training_data import TrainingData


class NothingToMeasure(Exception):  # noqa: N818 - reads as the fact it is
    """The test holds no utterance of an intent that the model knows."""


@dataclass(frozen=True, slots=True)
class NluScores:
    """How n utterances went.

    accuracy, macro_f1: over those of a known intent; the classes of macro_f1 are the intents written or predicted.
    oos_auroc: that an utterance of no known intent gets a lower best probability than one of a known intent, None
    where the test holds none of the former. ms_per_text: encoding included, one text after the other.
    """

    accuracy: float
    macro_f1: float
    oos_auroc: float | None
    ms_per_text: float
    n: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model said to n utterances.

    inside: whether the intent written is one it knows. best: the probability of its best intent, `out_of_scope` apart.
    right: whether that intent is the one written.
    """

    written: tuple[str, ...]
    predicted: tuple[str, ...]
    inside: NDArray[np.bool_]
    best: NDArray[np.float64]
    right: NDArray[np.bool_]
    ms_per_text: float


@dataclass(frozen=True, slots=True)
class RefusalReport:
    """What refusing utterances below a threshold would mean, those of no known intent included.

    threshold: the cheapest at these costs on the training examples, each by a model that had not learned it.
    coverage: share answered from there up. risk: share of wrong answers among them. oos_recall: share of utterances of
    no known intent that are refused or named so, None without any. aurc: mean risk over all coverages. ece, brier: of
    the best probability against being right.
    """

    threshold: float
    wrong_cost: float
    handover_cost: float
    coverage: float
    risk: float
    in_scope_accuracy: float
    oos_recall: float | None
    aurc: float
    ece: float
    brier: float
    curve: tuple[CurvePoint, ...]


def ask_intents(model: IntentModel, encoder: Encoder, test: TrainingData) -> Answers:
    """Ask the model about every utterance of `test`, one after the other.

    An utterance whose label the model was not trained on counts as one of no known intent.

    Raises:
        NothingToMeasure: `test` holds no utterance of a known intent.
    """
    known = set(model.intents) - {OUT_OF_SCOPE}
    inside = np.array([example.intent in known for example in test.examples], dtype=bool)
    if not inside.any():
        raise NothingToMeasure("the test holds no utterance of an intent of the training data; check the labels")
    began = time.perf_counter()
    rankings = [model.ranking(example.text, encoder.encode([example.text])[0]) for example in test.examples]
    spent = time.perf_counter() - began
    named = [next(entry for entry in ranking if entry[0] != OUT_OF_SCOPE) for ranking in rankings]
    written = tuple(example.intent for example in test.examples)
    return Answers(
        written=written,
        predicted=tuple(ranking[0][0] for ranking in rankings),
        inside=inside,
        best=np.array([probability for _, probability in named]),
        right=np.array([name == wanted for (name, _), wanted in zip(named, written, strict=True)]),
        ms_per_text=1_000 * spent / len(test.examples),
    )


def score_intents(answers: Answers) -> NluScores:
    """Accuracy, macro-F1 and AUROC of what was answered."""
    inside, best = answers.inside, answers.best
    written = [name for name, kept in zip(answers.written, inside, strict=True) if kept]
    predicted = [name for name, kept in zip(answers.predicted, inside, strict=True) if kept]
    return NluScores(
        accuracy=float(np.mean([one == other for one, other in zip(written, predicted, strict=True)])),
        macro_f1=macro_f1(written, predicted),
        oos_auroc=None if inside.all() else auroc(best[inside], best[~inside]),
        ms_per_text=answers.ms_per_text,
        n=len(inside),
    )


def report_refusal(model: IntentModel, answers: Answers, *, wrong_cost: float, handover_cost: float) -> RefusalReport:
    """Refuse what lies below the threshold these costs ask for, and see how it would have gone.

    Raises:
        ValueError: a cost is negative, or both are 0.
    """
    threshold = model.threshold(wrong_cost=wrong_cost, handover_cost=handover_cost)
    unnamed = np.array([name == OUT_OF_SCOPE for name in answers.predicted])
    answered = (answers.best >= threshold) & ~unnamed
    outside = ~answers.inside
    return RefusalReport(
        threshold=threshold,
        wrong_cost=wrong_cost,
        handover_cost=handover_cost,
        coverage=float(answered.mean()),
        risk=float(1 - answers.right[answered].mean()) if answered.any() else 0.0,
        in_scope_accuracy=float((answered & answers.right)[answers.inside].mean()),
        oos_recall=float((~answered)[outside].mean()) if outside.any() else None,
        aurc=area_under_risk_coverage(answers.best, answers.right),
        ece=expected_calibration_error(answers.best, answers.right),
        brier=brier_score(answers.best, answers.right),
        curve=risk_coverage(answers.best, answers.right),
    )


def evaluate_intents(model: IntentModel, encoder: Encoder, test: TrainingData) -> NluScores:
    """Ask the model about every utterance of `test` and score what it said.

    Raises:
        NothingToMeasure: `test` holds no utterance of a known intent.
    """
    return score_intents(ask_intents(model, encoder, test))


def macro_f1(written: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean F1 over the intents written or predicted, `out_of_scope` apart."""
    scores = []
    for name in sorted({*written, *predicted} - {OUT_OF_SCOPE}):
        hits = sum(one == other == name for one, other in zip(written, predicted, strict=True))
        scores.append(2 * hits / (written.count(name) + predicted.count(name)))
    return float(np.mean(scores))


def auroc(higher: NDArray[np.floating], lower: NDArray[np.floating]) -> float:
    """Probability that one of `higher` lies above one of `lower`; a tie counts half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    up_to = np.searchsorted(ordered, higher, side="right")
    return float(np.mean((below + up_to) / 2) / len(lower))
