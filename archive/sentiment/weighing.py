"""How much does each run of characters count? By how rare it is, and how differently both sides use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.sentiment.grams import Columns, Grams

_FEWEST = 2  # texts that must hold a run
_SMOOTHING = 3.0  # texts of each side that we pretend held it; found by cross-validation, as the power
_POWER = 0.35
_UNSEEN = 0.5  # of the others' root mean square

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighing:
    """kept: the columns that count, rising; lengths: [kept], |log-count ratio|**0.35 × idf.

    The log-count ratio is that of NB-SVM (Wang & Manning, "Baselines and Bigrams", 2012) between good and bad; for what
    is said without a mood, that between neither and both, if it tells more. Damped and times the inverse document
    frequency it served better than alone. unseen: the length of a column that was never learned, so that who reads
    little of a text says little.
    """

    kept: Columns
    lengths: Floats
    unseen: float

    @classmethod
    def learn(cls, found: Grams, labels: Labels, *, bits: int) -> Weighing:
        """labels: [texts], 1 good, -1 bad, 0 neither."""
        size = 1 << bits
        rows = found.rows
        counts = np.bincount(found.columns, minlength=size)
        kept = np.flatnonzero(counts >= _FEWEST)
        good, bad = (np.bincount(found.columns[labels[rows] == side], minlength=size)[kept] for side in (1, -1))
        ratio = np.abs(_ratio(good, bad))
        if (labels == 0).any():
            ratio = np.maximum(ratio, _ratio(counts[kept] - good - bad, good + bad))
        rarity = np.log(max(len(labels), 2) / counts[kept])
        lengths = ratio**_POWER * np.maximum(rarity, 0)
        return cls(kept, lengths, unseen=_UNSEEN * float(np.sqrt((lengths**2).mean())) if len(kept) else 1.0)

    def matrix(self, found: Grams) -> Any:
        """scipy.sparse.csr_matrix [texts, kept], rows of length 1, those without a kept column empty."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - needed to learn, not to answer

        if not len(self.kept):
            return csr_matrix((len(found.ends) - 1, 0))
        place = np.minimum(np.searchsorted(self.kept, found.columns), len(self.kept) - 1)
        held = self.kept[place] == found.columns
        squares = np.where(held, self.lengths[place], self.unseen) ** 2
        length = np.sqrt(np.bincount(found.rows, weights=squares, minlength=len(found.ends) - 1))
        rows, columns = found.rows[held], place[held]
        values = self.lengths[columns]
        values = values / np.maximum(length[rows], 1e-12)
        ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(found.ends) - 1))])
        return csr_matrix((values, columns, ends), shape=(len(found.ends) - 1, len(self.kept)))


def _ratio(one: Labels, other: Labels) -> Floats:
    """The log-count ratio of each run: above 0 where the first side says it more."""
    shares = [np.log(side + _SMOOTHING) - np.log((side + _SMOOTHING).sum()) for side in (one, other)]
    return np.asarray(shares[0] - shares[1])
