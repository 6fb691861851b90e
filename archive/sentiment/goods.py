"""Which kind of goods does a review speak of? 轻 praises a notebook and faults a wool coat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.sentiment.grams import Grams, grams

_BITS = 16
_LONGEST = 2
_FEWEST = 100  # texts of a kind
_PENALTY = 0.3  # C of the linear SVM
_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class GoodsGate:
    """Linear scores of the kinds named `goods`. weights: [2**16, kinds] float16; bias: [kinds] float32."""

    goods: tuple[str, ...]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]

    def kinds(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """[texts] → the number of the likeliest kind."""
        found = _grams(texts)
        rows = found.rows
        lengths = np.sqrt(np.maximum(np.diff(found.ends), 1))
        columns = [
            np.bincount(rows, weights=self.weights[found.columns, kind].astype(np.float64), minlength=len(texts))
            for kind in range(len(self.goods))
        ]
        return np.asarray((np.stack(columns, axis=1) / lengths[:, None] + self.bias).argmax(axis=1))

    @classmethod
    def learn(cls, texts: Sequence[str], goods: Sequence[str]) -> GoodsGate | None:
        """Learn to tell the kinds that are named ("" for none) often enough; None where there are not two such."""
        often = sorted(name for name, count in Counter(goods).items() if name and count >= _FEWEST)
        if len(often) < 2:  # noqa: PLR2004 - nothing to tell apart
            return None
        from sklearn.svm import LinearSVC  # noqa: PLC0415 - needed to learn, not to answer

        chosen = [number for number, name in enumerate(goods) if name in often]
        matrix = _matrix(_grams([texts[number] for number in chosen]))
        machine = LinearSVC(C=_PENALTY, tol=_TOLERANCE, random_state=0)
        machine.fit(matrix, [often.index(goods[number]) for number in chosen])
        weights, bias = machine.coef_.T, machine.intercept_
        if len(often) == 2:  # noqa: PLR2004 - one score tells two
            weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
        return cls(tuple(often), weights.astype(np.float16), bias.astype(np.float32))

    @classmethod
    def checked(cls, goods: Sequence[str], weights: NDArray[Any], bias: NDArray[Any]) -> GoodsGate:
        """Of what a file holds. Raises ValueError where it does not fit."""
        fits = weights.shape == (1 << _BITS, len(goods)) and bias.shape == (len(goods),)
        if not fits or not np.isfinite(weights).all() or not np.isfinite(bias).all():
            raise ValueError("the weights for kinds of goods do not fit")
        return cls(tuple(goods), weights.astype(np.float16), bias.astype(np.float32))


def _grams(texts: Sequence[str]) -> Grams:
    return grams(texts, bits=_BITS, longest=_LONGEST)


def _matrix(found: Grams) -> Any:
    """scipy.sparse.csr_matrix [texts, 2**16], rows of length 1."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - needed to learn, not to answer

    counts = np.diff(found.ends)
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts)
    return csr_matrix((values, found.columns, found.ends), shape=(len(counts), 1 << _BITS))
