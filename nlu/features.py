"""Which character runs (and words) does a text share with what we trained on? TF-IDF in plain numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.text import ngrams, normalise

AT_ONCE = 64  # texts under way
_WORD = "|"  # in front of a word; no character run holds it, as punctuation is dropped


@dataclass(frozen=True, slots=True)
class SparseRow:
    """One text: column numbers and L2-normalised weights, same length."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]


class TermTfidf:
    """Sublinear TF-IDF of character 1- to 3-grams, fitted once, plain data inside.

    words: whether jieba's words count beside the character runs.
    """

    def __init__(self, vocabulary: Sequence[str], idf: NDArray[np.float32], *, words: bool = False) -> None:
        self.vocabulary = tuple(vocabulary)
        self.idf = idf
        self.words = words
        self._column = {gram: column for column, gram in enumerate(self.vocabulary)}
        self.row = lru_cache(AT_ONCE)(self._row)  # a message is read by spelling first, then with its vector

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_documents: int = 1, words: bool = False) -> TermTfidf:
        """Learn vocabulary and inverse document frequencies (smoothed)."""
        frequencies: Counter[str] = Counter()
        for text in texts:
            frequencies.update(_terms(text, words=words).keys())
        vocabulary = sorted(gram for gram, count in frequencies.items() if count >= min_documents)
        counts = np.array([frequencies[gram] for gram in vocabulary], dtype=np.float32)
        return cls(vocabulary, (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32), words=words)

    def _row(self, text: str) -> SparseRow:
        """The text's weights; empty where none of its runs is known."""
        terms = _terms(text, words=self.words)
        looked_up = zip(map(self._column.get, terms), terms.values(), strict=True)
        known = [(column, count) for column, count in looked_up if column is not None]
        columns = np.array([column for column, _ in known], dtype=np.int32)
        counts = np.array([count for _, count in known], dtype=np.float32)
        weights = (1 + np.log(counts)) * self.idf[columns]
        return SparseRow(columns, weights / max(float(np.sqrt(weights @ weights)), 1e-12))

    def matrix(self, texts: Sequence[str]) -> Any:
        """All rows as one scipy.sparse.csr_array, [texts, vocabulary]."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - needed to learn, not to answer

        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(row.columns) for row in rows)])
        weights = np.concatenate([row.weights for row in rows])
        columns = np.concatenate([row.columns for row in rows])
        return csr_array((weights, columns, ends), shape=(len(texts), len(self.vocabulary)))


def _terms(text: str, *, words: bool) -> Counter[str]:
    found = ngrams(text)
    if words:
        import jieba  # noqa: PLC0415 - its dictionary costs 0.6 s and 60 MB

        jieba.setLogLevel("WARNING")
        found.update(f"{_WORD}{plain}" for plain in map(normalise, jieba.cut(text)) if plain)
    return found
