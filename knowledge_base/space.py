"""Which part of a vector tells questions of one library apart?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SAMPLE = 20_000
_MOST_DIRECTIONS = 8  # removing more took from the meaning, on five trades that were not its own
_ITERATIONS = 12
_TEXTS_PER_DIRECTION = 40  # fewer texts do not show what is common to all


@dataclass(frozen=True, slots=True)
class Space:
    """What all vectors share is taken out: mean [dim] and the strongest directions [k, dim] ("all but the top")."""

    mean: Floats
    directions: Floats

    def query(self, vector: Floats) -> Floats:
        """The query's vector within the space, of length one."""
        inside = vector - self.mean
        inside = inside - (inside @ self.directions.T) @ self.directions
        return np.asarray(inside / max(float(np.linalg.norm(inside)), 1e-6), dtype=np.float32)

    def lengths(self, rows: Floats) -> Floats:
        """The length of each stored vector within the space, [n]."""
        inside = rows - self.mean
        along = inside @ self.directions.T
        squares = np.einsum("ij,ij->i", inside, inside) - np.einsum("ij,ij->i", along, along)
        return np.asarray(np.sqrt(np.maximum(squares, 1e-12)), dtype=np.float32)

    def cosines(self, query: Floats, products: Floats, lengths: Floats) -> Floats:
        """Of a vector from `query` and stored ones, from their inner products and `lengths`."""
        return np.asarray((products - self.mean @ query) / lengths, dtype=np.float32)


def fit_space(rows: Floats) -> Space:
    """Learn what all of these have in common."""
    sample = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64))]
    mean = sample.mean(axis=0).astype(np.float32)
    count = min(_MOST_DIRECTIONS, len(sample) // _TEXTS_PER_DIRECTION)
    if not count:
        return Space(mean, np.empty((0, rows.shape[1]), np.float32))
    return Space(mean, _strongest(sample - mean, count))


def _strongest(inside: Floats, count: int) -> Floats:
    """The directions in which the rows differ most, [count, dim], by subspace iteration.

    A full decomposition waits for all threads of the linear algebra many hundred times: seconds on busy cores.
    """
    spread = inside.T @ inside
    basis = np.random.default_rng(0).standard_normal((len(spread), 2 * count)).astype(np.float32)
    for _ in range(_ITERATIONS):
        basis, _ = np.linalg.qr(spread @ basis)
    _, vectors = np.linalg.eigh(basis.T @ spread @ basis)
    return np.ascontiguousarray((basis @ vectors[:, -count:]).T, dtype=np.float32)
