"""How often is a model right about good and bad, and how fast is it?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from archive.sentiment.model import SentimentModel
from archive.sentiment.rows import Judged


class NothingToMeasure(Exception):  # noqa: N818 - reads as the fact it is
    """No judged text to ask about."""


@dataclass(frozen=True, slots=True)
class SentimentScores:
    """accuracy, macro_f1: of good against bad; texts_per_s: scored on this machine; n: texts asked."""

    accuracy: float
    macro_f1: float
    texts_per_s: float
    n: int


def evaluate(model: SentimentModel, rows: Sequence[Judged]) -> SentimentScores:
    """Ask the model about all texts that are good or bad; those that are neither do not count.

    Raises NothingToMeasure.
    """
    asked = [row for row in rows if row.label]
    if not asked:
        raise NothingToMeasure("none of the texts is good or bad; there is nothing to measure")
    started = time.perf_counter()
    scores = model.scores([row.text for row in asked])
    seconds = time.perf_counter() - started
    truth = np.array([row.label > 0 for row in asked])
    said = scores > 0
    return SentimentScores(
        accuracy=float((said == truth).mean()),
        macro_f1=sum(_f1(said == side, truth == side) for side in (True, False)) / 2,
        texts_per_s=len(asked) / max(seconds, 1e-9),
        n=len(asked),
    )


def _f1(said: np.ndarray[tuple[int], np.dtype[np.bool_]], true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    both = float((said & true).sum())
    return 2 * both / max(float(said.sum() + true.sum()), 1.0)
