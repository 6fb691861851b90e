"""What is there to learn: which columns, which judgements, how much does each text count?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.sentiment.grams import Grams
from archive.sentiment.rows import Judged
from archive.sentiment.weighing import Floats, Labels

FOLDS = 4
_OFTEN = 5.0  # times that a repeated text counts, at most


@dataclass(frozen=True, slots=True)
class Lessons:
    """Texts as the machine sees them. labels: 1 good, -1 bad, 0 neither. counted: how much each text counts.

    folds: from 0 to 3; a text is tried by who learned the other folds. ours: whether we wrote it.
    """

    grams: Grams
    labels: Labels
    counted: Floats
    folds: NDArray[np.int64]
    ours: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[Judged], found: Grams, counted: Floats) -> Lessons:
        """A text with a part goes by its part into a fold, others by chance."""
        by_chance = np.random.default_rng(1).permutation(len(rows))
        parts = [chance if row.part is None else row.part for row, chance in zip(rows, by_chance, strict=True)]
        return cls(
            grams=found,
            labels=np.array([row.label for row in rows], dtype=np.int64),
            counted=counted,
            folds=np.array(parts, dtype=np.int64) % FOLDS,
            ours=np.array([row.part is not None for row in rows], dtype=np.bool_),
        )

    def only(self, texts: NDArray[np.int64]) -> Lessons:
        """Those with these numbers."""
        counts = np.diff(self.grams.ends)[texts]
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        at = np.arange(ends[-1]) + np.repeat(self.grams.ends[texts] - ends[:-1], counts)
        kept = Grams(self.grams.columns[at], ends)
        return Lessons(kept, self.labels[texts], self.counted[texts], self.folds[texts], self.ours[texts])


def distinct(rows: Sequence[Judged]) -> tuple[list[Judged], Floats]:
    """Each text once, in its first place, and how often it is said; texts judged both good and bad go."""
    judgements: dict[str, set[int]] = {}
    first: dict[str, Judged] = {}
    times: Counter[str] = Counter()
    for row in rows:
        if text := row.text.strip():
            judgements.setdefault(text, set()).add(row.label)
            first.setdefault(text, row)
            times[text] += 1
    kept = [text for text in first if not {1, -1} <= judgements[text]]
    return [first[text] for text in kept], np.array([min(times[text], _OFTEN) for text in kept], dtype=np.float64)
