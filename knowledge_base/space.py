"""Which part of a vector tells questions of one library apart?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SAMPLE = 20_000
_FLOOR = 2.0  # average variances a direction is taken to have on top of its own, in a library of many texts …
_UNSURE = 300  # … and as many more again as this is times the texts: few do not show what is common to all
_ITERATIONS = 30  # at most; a dozen do
_CLOSE = 1e-4


@dataclass(frozen=True, slots=True)
class Space:
    """What the library's texts share is weighed less: mean [dim], and a symmetric matrix scale [dim, dim].

    The more a direction differs among all texts, the less it says about one of them (whitening; the floor under the
    variances keeps what is rare from being blown up).
    """

    mean: Floats
    scale: Floats

    def query(self, vector: Floats) -> Floats:
        """What the query's stored neighbours are multiplied with, [dim]; of no use without `cosines`."""
        inside = self.scale @ (vector - self.mean)
        inside /= max(float(np.linalg.norm(inside)), 1e-6)
        return np.asarray(self.scale @ inside, dtype=np.float32)

    def lengths(self, rows: Floats) -> Floats:
        """The length of each stored vector within the space, [n]."""
        inside = (rows - self.mean) @ self.scale
        return np.asarray(np.sqrt(np.maximum(np.einsum("ij,ij->i", inside, inside), 1e-12)), dtype=np.float32)

    def cosines(self, query: Floats, products: Floats, lengths: Floats) -> Floats:
        """Of a vector from `query` and stored ones, from their inner products and `lengths`."""
        return np.asarray((products - self.mean @ query) / lengths, dtype=np.float32)


def fit_space(rows: Floats) -> Space:
    """Learn what all of these have in common."""
    sample = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64))]
    mean = sample.mean(axis=0).astype(np.float32)
    inside = sample - mean
    spread = inside.T @ inside / len(inside)
    average = float(np.trace(spread)) / len(spread)
    if average <= 0:  # a single text, or one text again and again
        return Space(mean, np.eye(len(spread), dtype=np.float32))
    floor = _FLOOR + _UNSURE / len(sample)
    return Space(mean, _inverse_root(spread / np.float32(floor * average) + np.eye(len(spread), dtype=np.float32)))


def _inverse_root(matrix: Floats) -> Floats:
    """The matrix to the power of -1/2, by Newton and Schulz; its eigenvalues are at least one.

    An eigenvalue decomposition waits for all threads of the linear algebra many hundred times: seconds on busy cores.
    """
    one = np.eye(len(matrix), dtype=np.float32)
    bound = np.linalg.norm(matrix)
    root, inverse = matrix / bound, one
    for _ in range(_ITERATIONS):
        step = np.float32(1.5) * one - np.float32(0.5) * (inverse @ root)
        root, inverse = root @ step, step @ inverse
        if np.abs(step - one).max() < _CLOSE:
            break
    return np.asarray(inverse / np.sqrt(bound), dtype=np.float32)
