"""Which weights fit the targets best, and what would each example have been given, had it not been learned?

Regularised least squares in the basis of the examples. Unlike a margin or a likelihood its loss is bounded for a
wrong label, and leaving each example out in turn has a closed form: no folds are trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Solution:
    """How n examples answer for k targets.

    dual: [n, k], the weight of each example. left_out: [n, k], the scores of each example by a model of all the
    others. inverse: [n, n], lower triangle, of the regularised kernel.
    """

    dual: Matrix
    left_out: Matrix
    inverse: Matrix

    @property
    def bias(self) -> Matrix:
        """The constant part of the scores, [k]."""
        return np.asarray(self.dual.sum(axis=0))

    def inverse_among(self, group: NDArray[np.integer]) -> Matrix:
        """The inverse's rows and columns of a group in rising order, [g, g], both triangles."""
        lower = np.tril(self.inverse[np.ix_(group, group)])
        return np.asarray(lower + np.tril(lower, -1).T)


def solve(kernel: Matrix, targets: Matrix, *, strength: float, trust: NDArray[np.floating]) -> Solution:
    """Fit `targets` [n, k] on `kernel` [n, n] with a constant; strength: of the regularisation.

    trust: [n], above 0: what an example counts.
    """
    # the solver is needed to learn, not to answer
    from scipy.linalg.lapack import spotrf, spotri, spotrs  # noqa: PLC0415

    system = np.asfortranarray(kernel, dtype=np.float32) + np.float32(1)
    system[np.diag_indices_from(system)] += (strength / trust).astype(np.float32)
    factor, failed = spotrf(system, lower=True, overwrite_a=True)
    if failed:
        raise FloatingPointError(f"the kernel is not positive: pivot {failed}")
    dual, _ = spotrs(factor, targets, lower=True)
    inverse, _ = spotri(factor, lower=True, overwrite_c=True)
    influence = np.maximum(np.diagonal(inverse), np.finfo(np.float32).tiny)
    return Solution(np.ascontiguousarray(dual), targets - dual / influence[:, None], inverse)
