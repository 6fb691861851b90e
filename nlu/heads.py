"""How do features become scores of intents, and scores probabilities that leave room for what was never learned?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.features import SparseRow

OUT_OF_SCOPE = "out_of_scope"

_EVEN = 0.5
_TIE = 0.999  # of what would make both equal

Matrix = NDArray[np.float32]
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Confidence:
    """From scores to probabilities.

    sharpness: the factor in front of the softmax. slope, offset: of the logistic that tells, by the best score, how
    probable it is that a text carries any of the intents that were learned.
    """

    sharpness: float
    slope: float
    offset: float

    def probabilities(self, scores: Floats, intents: tuple[str, ...]) -> list[float]:
        """Of the intents, from one text's scores [intents]; sum 1; what is unlike all intents goes to `out_of_scope`.

        That takes the first place only where a text more probably carries none of the intents: many intents that share
        what is known must not lose to it one by one.
        """
        # number by number: for a few dozen intents quicker than one call of numpy after the other
        scaled = [score * self.sharpness for score in scores.tolist()]
        best = max(scaled)
        powers = [math.exp(each - best) for each in scaled]
        total = sum(powers)
        shares = [power / total for power in powers]
        if OUT_OF_SCOPE not in intents or len(intents) == 1:
            return shares
        nowhere = intents.index(OUT_OF_SCOPE)
        others = [*range(nowhere), *range(nowhere + 1, len(intents))]
        known = self.known(scores.take(others).max())
        taken = float(1 - known)
        if known >= _EVEN:
            lead = max(max(map(shares.__getitem__, others)) - shares[nowhere], 0.0)
            taken = min(taken, _TIE * lead / (1 + lead))
        shares = [share * (1 - taken) for share in shares]
        shares[nowhere] += taken
        return shares

    def known(self, best_score: np.floating) -> np.floating:
        """How probable it is that a text with this best score carries one of the intents."""
        bounded = np.minimum(np.maximum(self.slope * best_score + self.offset, -30), 30)
        probability: np.floating = 1 / (1 + np.exp(-bounded))
        return probability


@dataclass(frozen=True, slots=True)
class Head:
    """Linear scores of n intents.

    spelling: [vocabulary, n]. meaning: [n, landmarks], no columns where it reads spelling alone. bias: [n].
    left_out: [cases, 2], what happened with texts that were not learned: the probability of the best intent, and
    whether it was right (0 or 1).
    """

    spelling: Matrix
    meaning: Matrix
    bias: Matrix
    confidence: Confidence
    left_out: Matrix

    def scores(self, row: SparseRow, nearness: Matrix | None) -> Matrix:
        """Near 1 for the intent of examples like this text, near 0 elsewhere; [n]."""
        # row by row: the threads of BLAS cost more on a busy machine than so small a product
        scores = self.bias + row.weights @ self.spelling[row.columns]
        return scores if nearness is None else scores + np.vecdot(self.meaning, nearness)
