"""How is a sentiment model learned from judged texts?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.sentiment.calibration import Calibration, calibrate
from archive.sentiment.goods import GoodsGate
from archive.sentiment.grams import Grams, grams
from archive.sentiment.model import SentimentModel, with_kinds
from archive.sentiment.rows import Judged
from archive.sentiment.weighing import Floats, Labels, Weighing

BITS = 22
FEWEST = 10  # texts of each side
PENALTIES = (0.3, 1.0, 3.0)  # C of the linear SVM, tried
_FOLDS = 4
_TRIED = 16_000  # texts that the settings are found on
_TOLERANCE, _ROUNDS = 0.02, 300
_MOSTLY_NEITHER = 0.6  # of customers' messages say nothing of how they feel (of 200 read: benchmarks/README.md)

Progress = Callable[[str], None]


class NothingToLearn(Exception):
    """The texts cannot be learned from; the message says what to add."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of training. accuracy: good against bad among texts left out; tried: accuracy by C."""

    texts: int
    penalty: float
    accuracy: float
    tried: dict[float, float]


def train(
    rows: Sequence[Judged], *, bits: int = BITS, sources: Sequence[str] = (), progress: Progress = lambda _: None
) -> tuple[SentimentModel, Report]:
    """Learn from judged texts; the same texts give the same model. Raises NothingToLearn."""
    rows = _distinct(rows)
    labels = np.array([row.label for row in rows], dtype=np.int64)
    for label, name in ((1, "good"), (-1, "bad")):
        if (count := int((labels == label).sum())) < FEWEST:
            raise NothingToLearn(f"{count} {name} texts; at least {FEWEST} of each side are needed")
    progress("reading the texts")
    texts = [row.text for row in rows]
    gate = GoodsGate.learn(texts, [row.goods for row in rows])
    found = grams(texts, bits=bits)
    if gate is not None:
        found = with_kinds(found, gate.kinds(texts), bits=bits)
    part = np.sort(np.random.default_rng(0).permutation(len(rows))[:_TRIED])
    folds = _folds([rows[number] for number in part])
    left_out = {}
    for penalty in PENALTIES:
        progress(f"trying C = {penalty:g}")
        left_out[penalty] = _left_out(_chosen(found, part), labels[part], folds, penalty, bits=bits)
    tried = {penalty: _accuracy(distances, labels[part]) for penalty, distances in left_out.items()}
    best = max(tried, key=tried.__getitem__)
    progress(f"learning with C = {best:g}")
    weighing = Weighing.learn(found, labels, bits=bits)
    pulls, bias = _fitted(weighing.matrix(found), labels, best)
    calibration = _calibrated(left_out[best], labels[part])
    model = _packed(weighing, pulls, bits, bias=bias, calibration=calibration, gate=gate, sources=sources)
    return model, Report(len(rows), best, tried[best], tried)


def _distinct(rows: Sequence[Judged]) -> list[Judged]:
    """Each text once, in its first place; texts judged both good and bad go."""
    judgements: dict[str, set[int]] = {}
    for row in rows:
        judgements.setdefault(row.text.strip(), set()).add(row.label)
    seen: set[str] = set()
    kept = []
    for row in rows:
        text = row.text.strip()
        if text and text not in seen and not {1, -1} <= judgements[text]:
            kept.append(row)
        seen.add(text)
    return kept


def _chosen(found: Grams, texts: NDArray[np.int64]) -> Grams:
    """Those texts' columns."""
    counts = np.diff(found.ends)[texts]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    at = np.arange(ends[-1]) + np.repeat(found.ends[texts] - ends[:-1], counts)
    return Grams(found.columns[at], ends)


def _left_out(found: Grams, labels: Labels, folds: NDArray[np.int64], penalty: float, *, bits: int) -> Floats:
    """The distance of each text by a model that saw none of its fold."""
    distances = np.zeros(len(labels))
    for fold in range(_FOLDS):
        learned, asked = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        weighing = Weighing.learn(_chosen(found, learned), labels[learned], bits=bits)
        pulls, bias = _fitted(weighing.matrix(_chosen(found, learned)), labels[learned], penalty)
        distances[asked] = weighing.matrix(_chosen(found, asked)) @ pulls + bias
    return distances


def _folds(rows: Sequence[Judged]) -> NDArray[np.int64]:
    """The fold of each text: by its part where it has one, else by chance."""
    by_chance = np.random.default_rng(1).permutation(len(rows))
    parts = [chance if row.part is None else row.part for row, chance in zip(rows, by_chance, strict=True)]
    return np.array(parts, dtype=np.int64) % _FOLDS


def _fitted(matrix: Any, labels: Labels, penalty: float) -> tuple[Floats, float]:
    """A linear SVM between good and bad. A text that is neither stands on both sides by half: it is drawn to 0."""
    from scipy.sparse import vstack  # noqa: PLC0415 - needed to learn, not to answer
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    neither = np.flatnonzero(labels == 0)
    sides = np.concatenate([np.where(labels == 0, 1, labels), -np.ones(len(neither), np.int64)])
    weights = np.concatenate([np.where(labels == 0, 0.5, 1.0), np.full(len(neither), 0.5)])
    machine = LinearSVC(C=penalty, tol=_TOLERANCE, max_iter=_ROUNDS, random_state=0)
    machine.fit(vstack([matrix, matrix[neither]]).tocsr(), sides, sample_weight=weights)
    return machine.coef_[0], float(machine.intercept_[0])


def _accuracy(distances: Floats, labels: Labels) -> float:
    polar = labels != 0
    return float(((distances[polar] > 0) == (labels[polar] > 0)).mean())


def _calibrated(distances: Floats, labels: Labels) -> Calibration:
    """Weighted as if most messages were neither, as at a shop, where there are any such."""
    neither = labels == 0
    weights = np.ones(len(labels))
    if neither.any():
        weights[neither] = _MOSTLY_NEITHER / neither.sum()
        weights[~neither] = (1 - _MOSTLY_NEITHER) / (~neither).sum()
        weights *= len(labels)
    return calibrate(distances, labels, weights)


def _packed(weighing: Weighing, pulls: Floats, bits: int, **others: Any) -> SentimentModel:
    table, lengths = np.zeros(1 << bits), np.zeros(1 << bits)
    table[weighing.kept] = pulls * weighing.lengths
    lengths[weighing.kept] = weighing.lengths
    return SentimentModel.of(pulls=table, lengths=lengths, **others)
