"""Is what all texts share weighed less, and nothing else?"""

from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.space import fit_space

DIM = 24


def rows(count: int) -> np.ndarray:
    """Unit vectors that differ mostly along the first axis."""
    drawn = np.random.default_rng(1).standard_normal((count, DIM)) * np.array([6, *[1] * (DIM - 1)]) + 2
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("count", [2, 40, 900])
def test_cosines_are_those_of_the_whitened_vectors(count: int) -> None:
    stored = rows(count)
    space = fit_space(stored)
    inside = (stored - space.mean) @ space.scale
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    query = space.query(stored[0])
    cosines = space.cosines(query, stored @ query, space.lengths(stored))
    assert cosines == pytest.approx(inside @ inside[0], abs=1e-4)


def test_the_scale_is_the_inverse_root_of_the_floored_variances() -> None:
    space = fit_space(rows(900))
    values = np.linalg.eigvalsh(space.scale)
    assert space.scale == pytest.approx(space.scale.T, abs=1e-5)
    assert 0 < values[0] < 0.5
    assert values[-1] <= 1 + 1e-4


def test_few_texts_show_little_and_one_shows_nothing() -> None:
    weakest = [float(np.linalg.eigvalsh(fit_space(rows(count)).scale)[0]) for count in (900, 40, 5)]
    assert weakest == sorted(weakest)
    assert np.array_equal(fit_space(rows(1)).scale, np.eye(DIM, dtype=np.float32))
