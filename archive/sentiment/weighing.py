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

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighing:
    """kept: the columns that count, rising; lengths: [kept], |log-count ratio|**0.35 × idf.

    The log-count ratio is that of NB-SVM (Wang & Manning, "Baselines and Bigrams", 2012); damped and times the inverse
    document frequency it served better than alone.
    """

    kept: Columns
    lengths: Floats

    @classmethod
    def learn(cls, found: Grams, labels: Labels, *, bits: int) -> Weighing:
        """labels: [texts], 1 good, -1 bad, 0 neither (which counts on both sides by half)."""
        size = 1 << bits
        rows = found.rows
        counts = np.bincount(found.columns, minlength=size)
        good = np.bincount(found.columns, weights=(labels[rows] + 1) / 2, minlength=size)
        kept = np.flatnonzero(counts >= _FEWEST)
        shares = [_SMOOTHING + side[kept] for side in (good, counts - good)]
        ratio = np.log(shares[0] / shares[0].sum()) - np.log(shares[1] / shares[1].sum())
        rarity = np.log(max(len(labels), 2) / counts[kept])
        return cls(kept, np.abs(ratio) ** _POWER * np.maximum(rarity, 0))

    def matrix(self, found: Grams) -> Any:
        """scipy.sparse.csr_matrix [texts, kept], rows of length 1, those without a kept column empty."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - needed to learn, not to answer

        if not len(self.kept):
            return csr_matrix((len(found.ends) - 1, 0))
        place = np.minimum(np.searchsorted(self.kept, found.columns), len(self.kept) - 1)
        held = self.kept[place] == found.columns
        rows, columns = found.rows[held], place[held]
        values = self.lengths[columns]
        length = np.sqrt(np.bincount(rows, weights=values**2, minlength=len(found.ends) - 1))
        values = values / np.maximum(length[rows], 1e-12)
        ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(found.ends) - 1))])
        return csr_matrix((values, columns, ends), shape=(len(found.ends) - 1, len(self.kept)))
