"""Which stored texts share spelling with a query? Cosine of character 1- to 3-gram TF-IDF by inverted lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.text import ngrams

Floats = NDArray[np.float32]


class LexicalIndex:
    """Weights of all texts, stored by n-gram: a query touches only the lists of its own n-grams."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [ngrams(text) for text in texts]
        frequency: Counter[str] = Counter()
        for counts in counted:
            frequency.update(counts.keys())
        self._size = len(texts)
        self._column = {gram: column for column, gram in enumerate(frequency)}
        seen = np.array(list(frequency.values()), dtype=np.float32)
        self._idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        self._unseen_idf = float(np.log(1 + len(texts)) + 1)
        self._start, self._text, self._weight = self._lists(counted)

    def scores(self, query: str) -> Floats:
        """Cosine with each text, [texts]; n-grams no text has count against all of them alike."""
        counts = ngrams(query)
        known = [(self._column[gram], 1 + np.log(count)) for gram, count in counts.items() if gram in self._column]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        columns = np.array([column for column, _ in known])
        weights = np.array([weight for _, weight in known], dtype=np.float32) * self._idf[columns]
        unknown = sum(count for gram, count in counts.items() if gram not in self._column) * self._unseen_idf**2
        length = float(np.sqrt((weights**2).sum() + unknown))
        spans = [np.arange(self._start[column], self._start[column + 1]) for column in columns]
        sizes = [len(span) for span in spans]
        hits = np.concatenate(spans)
        products = self._weight[hits] * np.repeat(weights / length, sizes)
        return np.bincount(self._text[hits], weights=products, minlength=self._size).astype(np.float32)

    def _lists(self, counted: Sequence[Counter[str]]) -> tuple[NDArray[np.int64], NDArray[np.int32], Floats]:
        sizes = np.array([len(counts) for counts in counted], dtype=np.int64)
        text = np.repeat(np.arange(len(counted), dtype=np.int32), sizes)
        total = int(sizes.sum())
        column = np.fromiter((self._column[gram] for counts in counted for gram in counts), np.int64, total)
        count = np.fromiter((number for counts in counted for number in counts.values()), np.float32, total)
        weight = (1 + np.log(np.maximum(count, 1))) * self._idf[column]
        lengths = np.sqrt(np.bincount(text, weights=weight**2, minlength=len(counted)))
        order = np.argsort(column, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=len(self._column)))])
        return (
            start.astype(np.int64),
            text[order],
            (weight / np.maximum(lengths, 1e-12)[text])[order].astype(np.float32),
        )
