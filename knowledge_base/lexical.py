"""Which stored texts share spelling, or sound, with a query? Inverted lists of runs of symbols, in compact arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.grams import LONGEST, Keys, Runs, grammatical, keys_by_size, runs_of, symbols

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

    def of(self, runs: Runs) -> Floats:
        """The idf of each run."""
        return self.at(runs, *_looked_up(self.vocabulary, runs.keys))

    def at(self, runs: Runs, columns: NDArray[np.int64], known: NDArray[np.bool_]) -> Floats:
        """The idf of runs that were looked up."""
        unseen = _weighed(np.float32(self.unseen), runs.grammar)
        if not len(self.vocabulary):
            return unseen
        return np.where(known, self.idf.take(columns, mode="clip"), unseen)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is compared. shortest, longest: of the runs. sound: syllables for characters.

    coverage: the idf-weighted share of the query's runs the text holds (BM25 divided by its best); else the cosine
    of TF-IDF vectors. once: a run counts fully where the text holds it at all, however long the text is.
    """

    shortest: int = 1
    longest: int = LONGEST
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
        scores = self._sums.take(positions)
        for start, end, weight in self._later:
            owners = self._index.owners[start:end]
            places = np.minimum(np.searchsorted(owners, positions), end - start - 1)
            found = owners[places] == positions
            scores = scores + np.where(found, self._index.weights[start + places] * np.float32(weight), np.float32(0))
        return np.asarray(scores, dtype=np.float32)

    def best(self, count: int) -> Positions:
        """The positions of the `count` texts that fit best, best first; only texts that share something."""
        touched = (self._sums > 0).nonzero()[0]
        sums = self._sums.take(touched)
        most = 2 * count if self._later else count
        if len(touched) > most:
            chosen = sums.argpartition(len(sums) - most)[-most:]
            touched, sums = touched[chosen], sums[chosen]
        scores = self.at(touched) if self._later else sums
        return touched[(-scores).argsort(kind="stable")][:count]


class LexicalIndex:
    """Runs of all texts: a query touches only the lists of its own runs."""

    def __init__(self, plain: Sequence[str], kind: Kind, weighing: Weighing | None = None) -> None:
        """Index normalised texts. weighing: another index's, for a small addition to it; None: from these texts."""
        self.kind = kind
        self._count = len(plain)
        row, lengths = symbols(plain, sound=kind.sound)
        runs = keys_by_size(row, lengths, range(kind.shortest, kind.longest + 1))
        parts = [_lists(keys, owners) for keys, owners in runs]
        none = np.empty(0, np.int64)
        self._vocabulary = np.concatenate([none.astype(np.uint64), *(part[0] for part in parts)])
        sizes = np.concatenate([none, *(part[1] for part in parts)])
        self.owners = np.concatenate([none.astype(np.int32), *(part[2] for part in parts)])
        counts = np.concatenate([none, *(part[3] for part in parts)]).astype(np.float32)
        if weighing is None:
            idf = (np.log((1 + self._count) / (1 + sizes)) + 1).astype(np.float32)
            idf = _weighed(idf, grammatical(self._vocabulary))
            weighing = Weighing(self._vocabulary, idf, float(np.log(1 + self._count) + 1))
        self.weighing = weighing
        self._sizes = sizes
        self._start = np.cumsum(self._sizes) - self._sizes
        self.weights = self._weights(counts, sizes, lengths).astype(np.float16)

    def __len__(self) -> int:
        return self._count

    def match(self, runs: Runs, *, budget: int = BUDGET) -> Matches:
        """Compare a query with every text; lists beyond `budget` postings in all are looked up later.

        runs: of the query, characters or syllables as the kind has them; those of sizes it has not do not count.
        """
        runs = runs.of_sizes(self.kind.shortest, self.kind.longest)
        columns, known = _looked_up(self._vocabulary, runs.keys)
        weights = self._query_weights(runs, columns, known)[known]
        columns = columns[known]
        starts, sizes = self._start[columns], self._sizes[columns]
        later: list[tuple[int, int, float]] = []
        if sizes.sum() > budget:
            order = sizes.argsort(kind="stable")
            late = sizes[order].cumsum() > budget
            later = [(int(starts[i]), int(starts[i] + sizes[i]), float(weights[i])) for i in order[late]]
            now = order[~late]
            starts, sizes, weights = starts[now], sizes[now], weights[now]
        return Matches(self, self._summed(starts, sizes, weights), later)

    def share(self, runs: Runs, text: str) -> float:
        """How much of a query a text that is not in the index would hold, where runs count `once`."""
        runs = runs.of_sizes(self.kind.shortest, self.kind.longest)
        idf = self.weighing.of(runs)
        held = runs_of(text, longest=self.kind.longest, sound=self.kind.sound)
        return float(idf[np.isin(runs.keys, held.keys)].sum() / max(float(idf.sum()), 1e-12))

    def _summed(self, starts: NDArray[np.int64], sizes: NDArray[np.int64], weights: Floats) -> Floats:
        before = sizes.cumsum()
        before -= sizes
        hits = (starts - before).repeat(sizes)
        hits += np.arange(len(hits))
        products = self.weights.take(hits) * weights.repeat(sizes)
        return np.bincount(self.owners.take(hits), products, self._count).astype(np.float32)

    def _weights(self, counts: Floats, sizes: NDArray[np.int64], lengths: NDArray[np.int64]) -> Floats:
        """Of each posting; a query's weight times these adds up to the score."""
        if self.kind.once:
            return np.ones(len(self.owners), dtype=np.float32)
        if self.kind.coverage:
            mean = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
            penalty = _SATURATION * (1 - _LENGTH_PENALTY + _LENGTH_PENALTY * lengths[self.owners] / mean)
            return np.asarray(counts / (counts + penalty), dtype=np.float32)
        idf = self.weighing.of(Runs(self._vocabulary, sizes, grammatical(self._vocabulary)))
        weights = (1 + np.log(np.maximum(counts, 1))) * np.repeat(idf, sizes)
        norms = np.sqrt(np.bincount(self.owners, weights=weights**2, minlength=self._count))
        return np.asarray(weights / np.maximum(norms, 1e-12)[self.owners], dtype=np.float32)

    def _query_weights(self, runs: Runs, columns: NDArray[np.int64], known: NDArray[np.bool_]) -> Floats:
        """Of each run; columns, known: of this index."""
        own = self.weighing.vocabulary is self._vocabulary
        idf = self.weighing.at(runs, columns, known) if own else self.weighing.of(runs)
        if self.kind.coverage:
            return np.asarray(idf / max(float(idf.sum()), 1e-12), dtype=np.float32)
        weights = (1 + np.log(runs.counts)) * idf
        return np.asarray(weights / max(float(np.sqrt(weights @ weights)), 1e-12), dtype=np.float32)


def _looked_up(vocabulary: Keys, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each key stands in the vocabulary, or would; and whether it does."""
    columns = vocabulary.searchsorted(keys)
    if not len(vocabulary):
        return columns, np.zeros(len(keys), np.bool_)
    return columns, vocabulary.take(columns, mode="clip") == keys


def _weighed(idf: Floats | np.float32, grammar: NDArray[np.bool_]) -> Floats:
    """The idf, less where a run is mere grammar."""
    return np.where(grammar, np.float32(_GRAMMAR) * idf, idf)


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
