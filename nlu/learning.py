"""How are both heads learned from the same examples, in a basis small enough to be exact?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.calibration import log_loss, sharpness, softmax
from nlu.features import TermTfidf
from nlu.heads import OUT_OF_SCOPE, Confidence, Head
from nlu.ingredients import Ingredients
from nlu.landmarks import Landmarks
from nlu.least_squares import Matrix, Solution, solve
from nlu.open_set import NOVEL_SHARE, known_logistic, strangers

STRENGTHS = (0.25, 0.5, 1.0, 2.0)  # of the regularisation; more was no better on any set, and blunts confidence
START = 2.0  # where the search begins, downwards
SAMPLE = 3_000  # examples it looks at: a solution costs n³, and its place hardly moves with n
DOUBT = 0.3  # another intent's score above the own one's by this much, by a model that did not learn the example
LITTLE_TRUST = 0.3
BALANCE = 0.5  # 0: all examples count the same, 1: all intents do; macro-F1 +1.7 on the shop questions
NOISY = 0.1  # share of doubtful labels from which they are noise; fewer are rare wordings, which are to be learned

Labels = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Lesson:
    """n examples, sorted. vectors: [n, dim]. labels: [n], numbers of `intents`."""

    texts: Sequence[str]
    vectors: Matrix
    labels: Labels
    intents: tuple[str, ...]

    @property
    def targets(self) -> Matrix:
        """1 for the intent written, [n, k]."""
        return np.eye(len(self.intents), dtype=np.float32)[self.labels]

    @property
    def weights(self) -> Matrix:
        """What an example counts, [n]: more where its intent has few, so that the rare ones are found too."""
        counts = np.bincount(self.labels, minlength=len(self.intents))
        relative = counts[self.labels] / np.median(counts[counts > 0])
        return np.asarray(relative**-BALANCE, dtype=np.float32)


def learn_heads(lesson: Lesson, tfidf: TermTfidf, landmarks: Landmarks, ingredients: Ingredients) -> tuple[Head, Head]:
    """The head that reads meaning and spelling, and the one that reads spelling alone."""
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - needed to learn, not to answer

    rows = tfidf.matrix(lesson.texts)
    spelling = (rows @ rows.T).toarray()
    root = landmarks.root()
    meaning = solve_triangular(root, landmarks.nearness(lesson.vectors).T, lower=True, check_finite=False)  # [m, n]
    share = np.float32(ingredients.meaning_share)
    kernel = (1 - share) * spelling + share * (meaning.T @ meaning)
    strength = _best_strength(kernel, lesson)
    trust, solution = _solve(kernel, lesson, strength, doubt=ingredients.doubt)
    del kernel
    on_landmarks = solve_triangular(root, meaning @ solution.dual, lower=True, trans="T", check_finite=False)
    full = _head(lesson, solution, trust, (1 - share) * (rows.T @ solution.dual), share * on_landmarks)
    del solution
    alone = solve(spelling, lesson.targets, strength=strength, trust=trust * lesson.weights)
    return full, _head(lesson, alone, trust, rows.T @ alone.dual, np.zeros((0, len(lesson.intents)), np.float32))


def _best_strength(kernel: Matrix, lesson: Lesson) -> float:
    """The regularisation under which left-out examples are predicted best: downhill in a valley of STRENGTHS."""
    some = np.linspace(0, len(kernel) - 1, min(SAMPLE, len(kernel))).round().astype(int)
    part, labels, targets = kernel[np.ix_(some, some)], lesson.labels[some], lesson.targets[some]

    def loss(place: int) -> float:
        solution = solve(part, targets, strength=STRENGTHS[place], trust=lesson.weights[some])
        factor = sharpness(solution.left_out, labels)
        return log_loss(softmax(solution.left_out * factor), labels)

    best = STRENGTHS.index(START)
    losses = {best: loss(best)}
    while best > 0:
        losses[best - 1] = loss(best - 1)
        if losses[best - 1] >= losses[best]:
            break
        best -= 1
    return STRENGTHS[best]


def _solve(kernel: Matrix, lesson: Lesson, strength: float, *, doubt: bool) -> tuple[NDArray[np.floating], Solution]:
    """Solve; with doubt once more, trusting labels little that other examples contradict, kept where that pays."""
    everyone = np.ones(len(lesson.labels), np.float32)
    plain = solve(kernel, lesson.targets, strength=strength, trust=lesson.weights)
    doubtful = _doubtful(plain, lesson.labels)
    if not doubt or doubtful.mean() < NOISY:
        return everyone, plain
    trust = np.where(doubtful, LITTLE_TRUST, everyone).astype(np.float32)
    careful = solve(kernel, lesson.targets, strength=strength, trust=trust * lesson.weights)
    return (trust, careful) if _hits(careful, lesson.labels) > _hits(plain, lesson.labels) else (everyone, plain)


def _hits(solution: Solution, labels: Labels) -> int:
    return int((solution.left_out.argmax(axis=1) == labels).sum())


def _doubtful(solution: Solution, labels: Labels) -> NDArray[np.bool_]:
    """Examples whose written intent the others contradict."""
    everyone = np.arange(len(labels))
    own = solution.left_out[everyone, labels]
    others = solution.left_out.copy()
    others[everyone, labels] = -np.inf
    return np.asarray(others.max(axis=1) - own > DOUBT)


def _head(lesson: Lesson, solution: Solution, trust: NDArray[np.floating], spelling: Matrix, meaning: Matrix) -> Head:
    nowhere = lesson.intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in lesson.intents else None
    intents = np.array([number for number in range(len(lesson.intents)) if number != nowhere], dtype=int)
    foreign = strangers(solution, lesson.labels, nowhere)
    inside = lesson.labels != nowhere
    known = solution.left_out[inside][:, intents].max(axis=1) if len(intents) else np.zeros(0)
    novel = foreign[:, intents].max(axis=1) if len(intents) > 1 else np.zeros(0)
    confidence = Confidence(sharpness(solution.left_out, lesson.labels, trust), *known_logistic(known, novel))
    return Head(
        spelling=_half(spelling),
        meaning=_half(meaning.T),
        bias=solution.bias,
        confidence=confidence,
        left_out=_left_out(lesson, solution, trust, foreign if len(intents) > 1 else foreign[:0], confidence),
    )


def _left_out(
    lesson: Lesson, solution: Solution, trust: NDArray[np.floating], foreign: Matrix, confidence: Confidence
) -> Matrix:
    """How the examples we trust, and a share of strangers, went by a model that had not learned them: [cases, 2]."""
    trusted = trust == 1
    cases = _probabilities(confidence, solution.left_out[trusted], lesson.intents)
    wanted = max(round(len(cases) * NOVEL_SHARE / (1 - NOVEL_SHARE)), 1)
    chosen = np.linspace(0, len(foreign) - 1, min(wanted, len(foreign))).round().astype(int)
    strange = _probabilities(confidence, np.where(np.isfinite(foreign), foreign, -1)[chosen], lesson.intents)
    probabilities = np.concatenate([cases, strange])
    labels = np.concatenate([lesson.labels[trusted], np.full(len(strange), -1)])
    if OUT_OF_SCOPE in lesson.intents and len(lesson.intents) > 1:
        # naming no intent is no answer: what may be wrong is the best of the others
        probabilities[:, lesson.intents.index(OUT_OF_SCOPE)] = 0
    best = probabilities.argmax(axis=1)
    return _half(np.stack([probabilities[np.arange(len(best)), best], best == labels], axis=1))


def _probabilities(confidence: Confidence, scores: Matrix, intents: tuple[str, ...]) -> NDArray[np.floating]:
    """[texts, intents], of scores of that shape."""
    return np.array([confidence.probabilities(row, intents) for row in scores]).reshape(-1, len(intents))


def _half(weights: Matrix) -> Matrix:
    """As it will be read back from the file, where half precision is enough."""
    return weights.astype(np.float16).astype(np.float32)
