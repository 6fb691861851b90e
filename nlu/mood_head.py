"""What do our own labelled utterances teach about mood, beyond single words?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from nlu.encoder import Encoder
from nlu.lexicon import lines
from nlu.text import ngrams

_LINES = lines("mood_examples.txt")  # read at import: no customer's message waits for the file
_DENSE = 4.0  # how much more a vector says than the spelling: its kernel's weight
_RIDGE = 0.3
_MOST_URGENT = 2
_AT_ONCE = 64  # texts under way
_HEADS = 4  # kept, half a megabyte each: a process has one encoder, a measurement several
_UNSEEN = 6.0  # what a run weighs that no utterance of ours holds: as much as one that only one holds

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MoodHead:
    """A linear model of (sentiment, urgency): a weight pair a run of characters, and one a dimension of the vector.

    grams: by number of the run. mean, dense: [dim] and [dim, 2]; empty where it was fitted without an encoder.
    """

    grams: tuple[tuple[float, float], ...]
    mean: Weights
    dense: Weights

    @classmethod
    def fit(cls, encoder: Encoder | None = None) -> MoodHead:
        """Fit on the shipped utterances; some 0.1 s, plus their vectors where an encoder is given.

        The 350 vectors take some seconds the first time: hand in an encoder that remembers. From the same vectors it
        is fitted once a process, however often a shop's texts are learned anew.
        """
        texts, _ = _examples()
        vectors = encoder.encode(texts) if encoder else np.zeros((len(texts), 0), np.float32)
        return cls._fitted(vectors.shape[1], np.ascontiguousarray(vectors, np.float32).tobytes())

    @classmethod
    @lru_cache(_HEADS)
    def _fitted(cls, dim: int, kept: bytes) -> MoodHead:
        texts, targets = _examples()
        vectors = np.frombuffer(kept, np.float32).reshape(len(texts), dim)
        rows = [_row(text) for text in texts]
        spelling = np.zeros((len(texts), len(_runs())), np.float32)
        for number, row in enumerate(rows):
            spelling[number, list(row)] = list(row.values())
        mean = vectors.mean(axis=0)
        centred = vectors - mean
        kernel = spelling @ spelling.T + _DENSE * centred @ centred.T
        # without an intercept: a text that resembles nothing of ours is unmoved
        weights = np.linalg.solve(kernel + _RIDGE * np.eye(len(texts)), targets)
        grams = tuple((float(pair[0]), float(pair[1])) for pair in spelling.T @ weights)
        return cls(grams, mean, np.asarray(_DENSE * centred.T @ weights, dtype=np.float32))

    def read(self, text: str, vector: NDArray[np.float32] | None) -> tuple[float, float]:
        """Give sentiment (about -1 to 1) and urgency (about 0 to 1), not yet bounded."""
        sentiment = urgency = 0.0
        for number, weight in _row(text).items():
            pair = self.grams[number]
            sentiment += weight * pair[0]
            urgency += weight * pair[1]
        if vector is not None and vector.any() and len(vector) == len(self.mean):
            dense = (vector - self.mean) @ self.dense
            sentiment, urgency = sentiment + float(dense[0]), urgency + float(dense[1])
        return sentiment, urgency


def _examples() -> tuple[list[str], NDArray[np.float64]]:
    rows = [line.split("\t") for line in _LINES]
    targets = [(float(sentiment), float(urgency) / _MOST_URGENT) for sentiment, urgency, _ in rows]
    return [text for _, _, text in rows], np.array(targets)


@cache
def _runs() -> dict[str, tuple[int, float]]:
    """The number of each run of our utterances, and what it weighs; it does not depend on the encoder."""
    texts, _ = _examples()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(ngrams(text).keys())
    return {
        gram: (number, float(np.log((1 + len(texts)) / (1 + count)) + 1))
        for number, (gram, count) in enumerate(sorted(counts.items()))
    }


@lru_cache(_AT_ONCE)  # a message is read by spelling first, then with its vector
def _row(text: str) -> Mapping[int, float]:
    """The known runs of a text by number, with their weights; unknown ones count in its length, and weaken the rest."""
    runs = ngrams(text)
    weights = dict(filter(None, map(_runs().get, runs)))
    length = (sum([weight * weight for weight in weights.values()]) + (len(runs) - len(weights)) * _UNSEEN**2) ** 0.5
    return {number: weight / length for number, weight in weights.items()}


@cache
def spelling_only() -> MoodHead:
    """The head that knows no vectors, fitted once; no file is read for it."""
    return MoodHead.fit()
