"""How is a sentiment model learned from judged texts?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from archive.sentiment.calibration import Calibration, calibrate
from archive.sentiment.goods import GoodsGate
from archive.sentiment.grams import grams
from archive.sentiment.lessons import Lessons, distinct
from archive.sentiment.machine import Fitted, fitted, left_out
from archive.sentiment.model import SentimentModel, with_kinds
from archive.sentiment.rows import Judged
from archive.sentiment.weighing import Floats

BITS = 22
FEWEST = 10  # texts of each side
PENALTIES = (0.3, 1.0, 3.0)  # C of the linear SVM, tried
_TRIED = 12_000  # texts that the settings are found on
_MOSTLY_NEITHER = 0.8  # of customers' messages say nothing of how they feel (MODEL.md tells how that was read)

Progress = Callable[[str], None]


class NothingToLearn(Exception):  # noqa: N818 - reads as the fact it is
    """The texts cannot be learned from; the message says what to add."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of training. texts: learned from; penalty: the C that was kept; tried: accuracy left out, by C."""

    texts: int
    penalty: float
    tried: dict[float, float]


def train(
    rows: Sequence[Judged], *, bits: int = BITS, sources: Sequence[str] = (), progress: Progress = lambda _: None
) -> tuple[SentimentModel, Report]:
    """Learn from judged texts; the same texts give the same model. Raises NothingToLearn."""
    kept, counted = distinct(rows)
    for label, name in ((1, "good"), (-1, "bad")):
        if (count := sum(row.label == label for row in kept)) < FEWEST:
            raise NothingToLearn(f"{count} different {name} texts; at least {FEWEST} of each side are needed")
    progress("reading the texts")
    texts = [row.text for row in kept]
    gate = GoodsGate.learn(texts, [row.goods for row in kept])
    found = grams(texts, bits=bits)
    if gate is not None:
        found = with_kinds(found, gate.kinds(texts), bits=bits)
    lessons = Lessons.of(kept, found, counted)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Liblinear failed to converge")  # near enough after so many rounds
        best, calibration, tried = _settings(lessons, bits, progress)
        progress(f"learning with C = {best:g}")
        learned = fitted(lessons, best, bits=bits)
    model = _packed(learned, bits, calibration=calibration, gate=gate, sources=sources)
    return model, Report(len(kept), best, tried)


def _settings(lessons: Lessons, bits: int, progress: Progress) -> tuple[float, Calibration, dict[float, float]]:
    """The C that is right most often on texts left out, the calibration on those, and how often each C was right."""
    some = lessons.only(np.sort(np.random.default_rng(0).permutation(len(lessons.labels))[:_TRIED]))
    distances = {}
    for penalty in PENALTIES:
        progress(f"trying C = {penalty:g}")
        distances[penalty] = left_out(some, penalty, bits=bits)
    tried = {penalty: _accuracy(found, some) for penalty, found in distances.items()}
    best = max(tried, key=tried.__getitem__)
    return best, calibrate(distances[best], some.labels, _shop_like(some)), tried


def _accuracy(distances: Floats, lessons: Lessons) -> float:
    """Good against bad, of texts that others wrote where there are any."""
    polar = lessons.labels != 0
    theirs = polar & ~lessons.ours
    asked = theirs if theirs.any() else polar
    return float(((distances > 0) == (lessons.labels > 0))[asked].mean())


def _shop_like(lessons: Lessons) -> Floats:
    """Weights under which most texts are neither, as at a shop, where there are any such."""
    neither = lessons.labels == 0
    weights = np.ones(len(neither))
    if neither.any() and not neither.all():
        weights[neither] = _MOSTLY_NEITHER / neither.mean()
        weights[~neither] = (1 - _MOSTLY_NEITHER) / (~neither).mean()
    return weights


def _packed(
    learned: Fitted, bits: int, *, calibration: Calibration, gate: GoodsGate | None, sources: Sequence[str]
) -> SentimentModel:
    pulls, lengths = np.zeros(1 << bits), np.zeros(1 << bits)
    pulls[learned.weighing.kept] = learned.pulls * learned.weighing.lengths
    lengths[learned.weighing.kept] = learned.weighing.lengths
    return SentimentModel.of(
        pulls=pulls,
        lengths=lengths,
        unseen=learned.weighing.unseen,
        bias=learned.bias,
        calibration=calibration,
        gate=gate,
        sources=sources,
    )
