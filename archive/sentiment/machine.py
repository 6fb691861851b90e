"""Which weights tell good from bad, and what do they say of texts they were not learned from?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from archive.sentiment.lessons import FOLDS, Lessons
from archive.sentiment.weighing import Floats, Weighing

_TOLERANCE, _ROUNDS = 0.02, 300


@dataclass(frozen=True, slots=True)
class Fitted:
    """A linear SVM over weighed columns. pulls: [kept columns]."""

    weighing: Weighing
    pulls: Floats
    bias: float

    def distances(self, asked: Lessons) -> Floats:
        """Of each text from the line between good (above 0) and bad."""
        return np.asarray(self.weighing.matrix(asked.grams) @ self.pulls + self.bias)


def fitted(lessons: Lessons, penalty: float, *, bits: int) -> Fitted:
    """Learn. A text that is neither stands on both sides by half: that draws it to 0."""
    from scipy.sparse import vstack  # noqa: PLC0415 - needed to learn, not to answer
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    weighing = Weighing.learn(lessons.grams, lessons.labels, bits=bits)
    matrix = weighing.matrix(lessons.grams)
    neither = np.flatnonzero(lessons.labels == 0)
    sides = np.concatenate([np.where(lessons.labels == 0, 1, lessons.labels), np.full(len(neither), -1)])
    halves = np.where(lessons.labels == 0, lessons.counted / 2, lessons.counted)
    machine = LinearSVC(C=penalty, tol=_TOLERANCE, max_iter=_ROUNDS, random_state=0)
    machine.fit(vstack([matrix, matrix[neither]]).tocsr(), sides, np.concatenate([halves, halves[neither]]))
    return Fitted(weighing, machine.coef_[0], float(machine.intercept_[0]))


def left_out(lessons: Lessons, penalty: float, *, bits: int) -> Floats:
    """The distance of each text by who saw none of its fold."""
    distances = np.zeros(len(lessons.labels))
    for fold in range(FOLDS):
        asked = np.flatnonzero(lessons.folds == fold)
        learned = lessons.only(np.flatnonzero(lessons.folds != fold))
        distances[asked] = fitted(learned, penalty, bits=bits).distances(lessons.only(asked))
    return distances
