"""Which questions ask about the same? By their words, their spelling and, where vectors are at hand, their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from archive.words.asked import Asked

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Square = NDArray[np.float64]
Encode = Callable[[Sequence[str]], Floats]

MOST_GROUPED = 3_000  # texts whose distances are looked at all together (70 MB); the others join the nearest group
MEANING = 0.5  # share of the vectors in the similarity, as where gaps are found; words and spelling share the rest
CLOSE = 0.2  # mean similarity at which groups become one: half of what makes two questions the same one
DIMENSIONS = 100  # of the latent space that stands in for vectors


@dataclass(frozen=True, slots=True)
class Likeness:
    """Rows whose products are similarities, 0–1. dense: [n, dim]. words, spelling: sparse, L2-normalised rows."""

    dense: Square
    words: csr_matrix
    spelling: csr_matrix

    def between(self, rows: Sequence[int], others: Sequence[int]) -> Square:
        """[rows, others]."""
        spelt = sum((part[rows] @ part[others].T).toarray() for part in (self.words, self.spelling))
        meant = self.dense[rows] @ self.dense[others].T
        return np.asarray(np.clip(MEANING * meant + (1 - MEANING) / 2 * spelt, 0.0, 1.0), np.float64)


def likeness(texts: Sequence[Asked], encode: Encode | None) -> Likeness:
    """Compare the texts; without an encoder a latent space of their own words (LSA) stands for meaning."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - heavy; only for reports

    words = TfidfVectorizer(analyzer=_words, sublinear_tf=True).fit_transform(texts)
    spelling = TfidfVectorizer(analyzer=_grams, sublinear_tf=True).fit_transform(texts)
    dense = _latent(words) if encode is None else encode([each.text for each in texts]).astype(np.float64)
    if encode is not None:
        dense = dense - dense.mean(axis=0)  # what all questions share says nothing about any
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    return Likeness(dense, words.tocsr(), spelling.tocsr())


def groups(alike: Likeness, most: int = MOST_GROUPED) -> list[list[int]]:
    """Rows that belong together, by mean similarity (average linkage); a row is in one group at most.

    most: rows compared all together, evenly chosen; what is near to no group of theirs is left out.
    """
    n = alike.dense.shape[0]
    core = sorted({round(place) for place in np.linspace(0, n - 1, min(n, most))})
    found = _linked(alike, core)
    rest = sorted(set(range(n)) - set(core))
    for start in range(0, len(rest), most):
        _join(alike, rest[start : start + most], core, found)
    return [sorted(group) for group in found]


def _linked(alike: Likeness, core: Sequence[int]) -> list[list[int]]:
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - as above
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    if len(core) == 1:
        return [list(core)]
    similar = alike.between(core, core)
    distances = squareform(1 - (similar + similar.T) / 2, checks=False)
    found: dict[int, list[int]] = {}
    for row, label in zip(core, fcluster(linkage(distances, "average"), 1 - CLOSE, "distance"), strict=True):
        found.setdefault(int(label), []).append(row)
    return list(found.values())


def _join(alike: Likeness, rows: Sequence[int], core: Sequence[int], found: list[list[int]]) -> None:
    """Put each row to the group whose members in the core it is nearest to on average, if it is near to any."""
    places = {row: place for place, row in enumerate(core)}
    members = np.zeros((len(core), len(found)))
    for number, group in enumerate(found):
        inner = [places[row] for row in group if row in places]
        members[inner, number] = 1 / max(len(inner), 1)
    means = alike.between(rows, core) @ members
    nearest = means.argmax(axis=1).tolist()
    for row, number, closeness in zip(rows, nearest, means.max(axis=1).tolist(), strict=True):
        if closeness >= CLOSE:
            found[number].append(row)


def _latent(words: csr_matrix) -> Square:
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - as above

    most = min(DIMENSIONS, min(words.shape) - 1)
    if most < 1:
        return np.ones((words.shape[0], 1))
    return np.asarray(TruncatedSVD(most, random_state=0).fit_transform(words), np.float64)


def _words(asked: Asked) -> Sequence[str]:
    return asked.words or (asked.text,)


def _grams(asked: Asked) -> Sequence[str]:
    plain = asked.text.replace(" ", "").lower()
    return [plain[at : at + size] for size in (1, 2, 3) for at in range(len(plain) - size + 1)]
