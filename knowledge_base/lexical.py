"""Which stored texts share spelling, or sound, with a query? Inverted lists of runs of symbols, in compact arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.grams import Keys, counted, grammatical, keys_by_size, symbols

Floats = NDArray[np.float32]
Positions = NDArray[np.int64]

MAX_QUERY = 200  # characters looked at; more say nothing new
BUDGET = 30_000  # postings added up a query; longer lists, of runs many texts share, are looked up where needed
_GRAMMAR = 0.4  # of its idf a run keeps that says nothing of the matter: small libraries cannot show how common it is
_SATURATION, _LENGTH_PENALTY = 1.2, 0.5  # BM25's k1 and b


@dataclass(frozen=True, slots=True)
class Weighing:
    """How much each run says: vocabulary [v], ascending; idf [v]; unseen: idf of runs that are not in it."""

    vocabulary: Keys
    idf: Floats
    unseen: float

    def of(self, keys: Keys) -> Floats:
        """The idf of each key."""
        if not len(self.vocabulary):
            return self.of_unseen(keys)
        return self.at(keys, *_looked_up(self.vocabulary, keys))

    def at(self, keys: Keys, columns: NDArray[np.int64], known: NDArray[np.bool_]) -> Floats:
        """The idf of keys that were looked up."""
        idf = self.idf[columns]
        if not known.all():
            idf[~known] = self.of_unseen(keys[~known])
        return idf

    def of_unseen(self, keys: Keys) -> Floats:
        """The idf of keys that are not in the vocabulary."""
        return _weighed(keys, np.full(len(keys), self.unseen, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Kind:
    """What is compared. sizes: of the runs. sound: syllables for characters.

    coverage: the idf-weighted share of the query's runs the text holds (BM25 divided by its best); else the cosine
    of TF-IDF vectors. once: a run counts fully where the text holds it at all, however long the text is.
    """

    sizes: tuple[int, ...] = (1, 2, 3)
    sound: bool = False
    coverage: bool = False
    once: bool = False


class Matches:
    """How one query fits the texts of one index: sums over its lists, the longest left for when they are asked for."""

    __slots__ = ("_index", "_later", "_sums")

    def __init__(self, index: LexicalIndex, sums: Floats, later: Sequence[tuple[int, int, float]] = ()) -> None:
        self._index = index
        self._sums = sums
        self._later = later

    def at(self, positions: NDArray[np.integer]) -> Floats:
        """The score of each of these texts, 0 to 1."""
        scores = self._sums[positions]
        for start, end, weight in self._later:
            owners = self._index.owners[start:end]
            places = np.minimum(np.searchsorted(owners, positions), end - start - 1)
            found = owners[places] == positions
            scores = scores + np.where(found, self._index.weights[start + places] * np.float32(weight), np.float32(0))
        return np.asarray(scores, dtype=np.float32)

    def best(self, count: int) -> Positions:
        """The positions of the `count` texts that fit best, best first; only texts that share something."""
        touched = np.flatnonzero(self._sums > 0)
        sums = self._sums[touched]
        most = 2 * count if self._later else count
        if len(touched) > most:
            chosen = np.argpartition(sums, len(sums) - most)[-most:]
            touched, sums = touched[chosen], sums[chosen]
        scores = self.at(touched) if self._later else sums
        return touched[np.argsort(-scores, kind="stable")][:count]


class LexicalIndex:
    """Runs of all texts: a query touches only the lists of its own runs."""

    def __init__(self, plain: Sequence[str], kind: Kind, weighing: Weighing | None = None) -> None:
        """Index normalised texts. weighing: another index's, for a small addition to it; None: from these texts."""
        self.kind = kind
        self._count = len(plain)
        row, lengths = symbols(plain, sound=kind.sound)
        parts = [_lists(keys, owners) for keys, owners in keys_by_size(row, lengths, kind.sizes)]
        none = np.empty(0, np.int64)
        self._vocabulary = np.concatenate([none.astype(np.uint64), *(part[0] for part in parts)])
        sizes = np.concatenate([none, *(part[1] for part in parts)])
        self.owners = np.concatenate([none.astype(np.int32), *(part[2] for part in parts)])
        counts = np.concatenate([none, *(part[3] for part in parts)]).astype(np.float32)
        if weighing is None:
            idf = _weighed(self._vocabulary, (np.log((1 + self._count) / (1 + sizes)) + 1).astype(np.float32))
            weighing = Weighing(self._vocabulary, idf, float(np.log(1 + self._count) + 1))
        self.weighing = weighing
        self._sizes = sizes
        self._start = np.cumsum(self._sizes) - self._sizes
        self.weights = self._weights(counts, sizes, lengths).astype(np.float16)

    def __len__(self) -> int:
        return self._count

    def match(self, plain: str, *, budget: int = BUDGET) -> Matches:
        """Compare a normalised query with every text; lists beyond `budget` postings in all are looked up later."""
        keys, counts = counted(plain[:MAX_QUERY], self.kind.sizes, sound=self.kind.sound)
        if not len(keys) or not len(self._vocabulary):
            return Matches(self, np.zeros(self._count, np.float32))
        columns, known = _looked_up(self._vocabulary, keys)
        weights = self._query_weights(keys, counts, columns, known)[known]
        columns = columns[known]
        starts, sizes = self._start[columns], self._sizes[columns]
        later: list[tuple[int, int, float]] = []
        if sizes.sum() > budget:
            order = np.argsort(sizes, kind="stable")
            late = np.cumsum(sizes[order]) > budget
            later = [(int(starts[i]), int(starts[i] + sizes[i]), float(weights[i])) for i in order[late]]
            now = order[~late]
            starts, sizes, weights = starts[now], sizes[now], weights[now]
        return Matches(self, self._summed(starts, sizes, weights), later)

    def share(self, plain: str, text: str) -> float:
        """How much of a query a text that is not in the index would hold, where runs count `once`."""
        keys, _ = counted(plain[:MAX_QUERY], self.kind.sizes, sound=self.kind.sound)
        held, _ = counted(text, self.kind.sizes, sound=self.kind.sound)
        idf = self.weighing.of(keys)
        return float(idf[np.isin(keys, held)].sum() / max(float(idf.sum()), 1e-12))

    def _summed(self, starts: NDArray[np.int64], sizes: NDArray[np.int64], weights: Floats) -> Floats:
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        hits = np.repeat(starts - ends + sizes, sizes)
        hits += np.arange(total)
        products = self.weights[hits] * np.repeat(weights, sizes)
        return np.bincount(self.owners[hits], weights=products, minlength=self._count).astype(np.float32)

    def _weights(self, counts: Floats, sizes: NDArray[np.int64], lengths: NDArray[np.int64]) -> Floats:
        """Of each posting; a query's weight times these adds up to the score."""
        if self.kind.once:
            return np.ones(len(self.owners), dtype=np.float32)
        if self.kind.coverage:
            mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
            penalty = _SATURATION * (1 - _LENGTH_PENALTY + _LENGTH_PENALTY * lengths[self.owners] / mean)
            return np.asarray(counts / (counts + penalty), dtype=np.float32)
        weights = (1 + np.log(np.maximum(counts, 1))) * np.repeat(self.weighing.of(self._vocabulary), sizes)
        norms = np.sqrt(np.bincount(self.owners, weights=weights**2, minlength=self._count))
        return np.asarray(weights / np.maximum(norms, 1e-12)[self.owners], dtype=np.float32)

    def _query_weights(
        self, keys: Keys, counts: NDArray[np.int64], columns: NDArray[np.int64], known: NDArray[np.bool_]
    ) -> Floats:
        if self.weighing.vocabulary is self._vocabulary:
            idf = self.weighing.at(keys, columns, known)
        else:
            idf = self.weighing.of(keys)
        if self.kind.coverage:
            return np.asarray(idf / max(float(idf.sum()), 1e-12), dtype=np.float32)
        weights = (1 + np.log(counts)) * idf
        return np.asarray(weights / max(float(np.sqrt(weights @ weights)), 1e-12), dtype=np.float32)


def _looked_up(vocabulary: Keys, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each key stands in the vocabulary, which is not empty; and whether it does."""
    columns = vocabulary.searchsorted(keys)
    columns[columns == len(vocabulary)] = 0
    return columns, vocabulary[columns] == keys


def _weighed(keys: Keys, idf: Floats) -> Floats:
    """The idf, less where a run is mere grammar."""
    return np.where(grammatical(keys), np.float32(_GRAMMAR) * idf, idf)


def _lists(
    keys: Keys, owners: NDArray[np.int32]
) -> tuple[Keys, NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Vocabulary, length of each list, owners list by list (ascending), how often each owner holds the run."""
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    if not len(keys):
        return keys, np.empty(0, np.int64), owners, np.empty(0, np.int64)
    new_key = np.concatenate([[True], keys[1:] != keys[:-1]])
    new = np.flatnonzero(new_key | np.concatenate([[True], owners[1:] != owners[:-1]]))
    counts = np.diff(np.append(new, len(keys)))
    first = np.flatnonzero(new_key[new])
    return keys[new][first], np.diff(np.append(first, len(new))), owners[new], counts
