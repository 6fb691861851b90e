"""Which character runs does a text share with what we trained on? TF-IDF in plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.text import ngrams


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One text: column numbers and L2-normalised weights, same length."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]


class CharacterTfidf:
    """Sublinear TF-IDF of character 1- to 3-grams, fitted once, plain data inside."""

    def __init__(self, vocabulary: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self._column = {gram: column for column, gram in enumerate(self.vocabulary)}

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_documents: int = 1) -> CharacterTfidf:
        """Learn vocabulary and inverse document frequencies (smoothed)."""
        frequencies: Counter[str] = Counter()
        for text in texts:
            frequencies.update(ngrams(text).keys())
        vocabulary = sorted(gram for gram, count in frequencies.items() if count >= min_documents)
        counts = np.array([frequencies[gram] for gram in vocabulary], dtype=np.float32)
        return cls(vocabulary, (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32))

    def row(self, text: str) -> SparseRow:
        """The text's weights; empty where none of its runs is known."""
        known = [(self._column[gram], count) for gram, count in ngrams(text).items() if gram in self._column]
        columns = np.array([column for column, _ in known], dtype=np.int32)
        counts = np.array([count for _, count in known], dtype=np.float32)
        weights = (1 + np.log(counts)) * self.idf[columns] if known else counts
        return SparseRow(columns, weights / max(float(np.linalg.norm(weights)), 1e-12))
