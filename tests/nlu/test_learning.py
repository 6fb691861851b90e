"""Is leaving out in closed form the same as training without, and do doubt and openness do what they are for?"""

from __future__ import annotations

import numpy as np
import pytest

from nlu.calibration import brier_score, expected_calibration_error, sharpness, softmax
from nlu.heads import OUT_OF_SCOPE, Confidence
from nlu.least_squares import solve
from nlu.open_set import known_logistic, strangers

DICE = np.random.default_rng(7)


def _problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = DICE.normal(size=(30, 8)).astype(np.float32)
    labels = np.arange(30) % 3
    rows[np.arange(30), labels] += 2
    return rows @ rows.T, np.eye(3, dtype=np.float32)[labels], labels


def _without(kernel: np.ndarray, targets: np.ndarray, out: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Train on all but `out` and score those."""
    rest = np.setdiff1d(np.arange(len(kernel)), out)
    system = kernel[np.ix_(rest, rest)] + 1 + np.diag(2 / trust[rest])
    return np.asarray((kernel[np.ix_(out, rest)] + 1) @ np.linalg.solve(system, targets[rest]))


def test_leaving_one_out_needs_no_second_training() -> None:
    kernel, targets, _ = _problem()
    trust = np.where(np.arange(30) % 4 == 0, 0.3, 1.0)
    solution = solve(kernel, targets, strength=2.0, trust=trust)
    for one in range(30):
        expected = _without(kernel, targets, np.array([one]), trust)[0]
        assert solution.left_out[one] == pytest.approx(expected, abs=1e-3)


def test_leaving_an_intent_out_needs_none_either() -> None:
    kernel, targets, labels = _problem()
    solution = solve(kernel, targets, strength=2.0, trust=np.ones(30))
    scores = strangers(solution, labels, None)
    for label in range(3):
        group = np.flatnonzero(labels == label)
        expected = _without(kernel, targets, group, np.ones(30))
        others = [each for each in range(3) if each != label]
        assert scores[group][:, others] == pytest.approx(expected[:, others], abs=1e-3)
        assert np.isneginf(scores[group, label]).all()
    assert len(strangers(solution, labels, 1)) == 20


def test_the_logistic_parts_known_from_novel() -> None:
    slope, offset = known_logistic(np.array([0.8, 0.9, 1.0, 0.3]), np.array([0.1, 0.2, 0.5]))
    confidence = Confidence(10.0, slope, offset)
    assert confidence.known(np.float32(1)) > 0.9
    assert confidence.known(np.float32(0)) < confidence.known(np.float32(0.5))
    assert Confidence(10.0, *known_logistic(np.zeros(0), np.ones(2))).known(np.float32(0)) == pytest.approx(1)


def test_what_is_unlike_everything_goes_out_of_scope() -> None:
    confidence = Confidence(sharpness=10.0, slope=20.0, offset=-10.0)
    intents = ("greet", OUT_OF_SCOPE, "refund")
    near, far = (confidence.probabilities(np.array(scores), intents) for scores in ([1.0, 0.0, 0.0], [0.1, 0.0, 0.1]))
    assert near[0] > 0.9
    assert far[1] > 0.9
    assert sum(near) == pytest.approx(1)
    assert sum(far) == pytest.approx(1)
    assert confidence.probabilities(np.array([0.1, 0.1]), ("greet", "refund")) == pytest.approx([0.5, 0.5])


def test_calibration_is_measured_as_the_field_does() -> None:
    probabilities, correct = np.array([0.9, 0.9, 0.1, 0.1]), np.array([True, False, False, False])
    assert expected_calibration_error(probabilities, correct) == pytest.approx((0.4 + 0.1) / 2)
    assert brier_score(probabilities, correct) == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)


def test_sharpness_follows_how_often_the_best_score_is_right() -> None:
    scores = np.tile([1.0, 0.0], (10, 1))
    right = np.array([0] * 9 + [1])
    assert softmax(scores * sharpness(scores, right))[0, 0] == pytest.approx(0.9, abs=0.03)
