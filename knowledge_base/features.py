"""What speaks for a script as the answer to a query? One row of features a candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import LexicalIndex
from knowledge_base.text import normalise
from knowledge_base.variants import Variants
from knowledge_base.vector_index import VectorIndex

Floats = NDArray[np.float32]

FEATURES = (
    "meaning_whole",  # best centred cosine with a whole question
    "meaning",  # … with a question or a clause of one
    "meaning_support",  # mean of the three best
    "spelling_whole",  # best character TF-IDF cosine with a whole question
    "spelling",  # … with a question or a clause
    "meaning_margin",  # meaning less the best of the other candidates
    "spelling_margin",
    "exact",  # 1 where a question is written like the query
    "length",  # log of the query's characters: short queries say less
)
_NEAREST = 64  # variants looked at on each side
_CANDIDATES = 16  # scripts taken from each side
_SUPPORT = 3


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a query is compared with. mean: [dim], the common direction of all vectors."""

    variants: Variants
    vectors: VectorIndex
    lexical: LexicalIndex
    mean: Floats


@dataclass(frozen=True, slots=True)
class Candidates:
    """scripts: [n] positions. features: [n, len(FEATURES)]. matched: [n] position of the best variant."""

    scripts: NDArray[np.int32]
    features: Floats
    matched: NDArray[np.int32]


NO_CANDIDATES = Candidates(np.empty(0, np.int32), np.empty((0, len(FEATURES)), np.float32), np.empty(0, np.int32))


def candidates(corpus: Corpus, query: str, vector: Floats, *, without: int = -1) -> Candidates:
    """Collect the nearest scripts by meaning and by spelling and describe each.

    without: number of a question that is treated as if it were not there (leave-one-out); -1 for none.
    """
    plain = normalise(query)
    if not plain or not vector.any() or not len(corpus.variants):
        return NO_CANDIDATES
    spelling = corpus.lexical.scores(query)
    scripts, positions, start = _grouped(corpus.variants, _nearest(corpus, vector, spelling, without), without)
    if not len(scripts):
        return NO_CANDIDATES
    meaning = _unit(corpus.vectors.vectors(positions) - corpus.mean) @ _unit(vector - corpus.mean)
    alike = spelling[positions]
    whole = _wholes(corpus.variants.whole[positions], start)
    exact = np.array([corpus.variants.plain[position] == plain for position in positions], dtype=np.float32)
    best_meaning, best_spelling = np.maximum.reduceat(meaning, start), np.maximum.reduceat(alike, start)
    features = np.column_stack(
        [
            np.maximum.reduceat(np.where(whole, meaning, -1), start),
            best_meaning,
            _mean_of_best(meaning, start),
            np.maximum.reduceat(np.where(whole, alike, 0), start),
            best_spelling,
            _margin(best_meaning),
            _margin(best_spelling),
            np.maximum.reduceat(np.where(whole, exact, 0), start),
            np.full(len(scripts), np.log(len(plain))),
        ]
    ).astype(np.float32)
    return Candidates(scripts, features, positions[_best_first(meaning + alike, start)[start]].astype(np.int32))


def _nearest(corpus: Corpus, vector: Floats, spelling: Floats, without: int) -> NDArray[np.int32]:
    """Distinct scripts of the nearest variants, best first on each side, meaning before spelling."""
    near, _ = corpus.vectors.search(vector, _NEAREST)
    count = min(_NEAREST, len(spelling))
    alike = np.argpartition(-spelling, count - 1)[:count]
    alike = alike[np.argsort(-spelling[alike], kind="stable")]
    sides = []
    for positions in (near, alike[spelling[alike] > 0]):
        usable = positions[corpus.variants.question[positions] != without]
        owners, first = np.unique(corpus.variants.script[usable], return_index=True)
        sides.append(owners[np.argsort(first)][:_CANDIDATES])
    return np.array(list(dict.fromkeys(np.concatenate(sides).tolist())), dtype=np.int32)


def _grouped(
    variants: Variants, scripts: NDArray[np.int32], without: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """The scripts that have a variant left, the variants of all of them in a row, and where each script's start."""
    spans = [np.arange(variants.first[script], variants.first[script + 1], dtype=np.int64) for script in scripts]
    if without >= 0:
        spans = [span[variants.question[span] != without] for span in spans]
    kept = [number for number, span in enumerate(spans) if len(span)]
    if not kept:
        return scripts[:0], np.empty(0, np.int64), np.empty(0, np.int64)
    sizes = np.array([len(spans[number]) for number in kept])
    return scripts[kept], np.concatenate([spans[number] for number in kept]), np.cumsum(sizes) - sizes


def _wholes(whole: NDArray[np.bool_], start: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which variants count as whole questions: all of a script that has no whole one left."""
    sizes = np.diff(np.append(start, len(whole)))
    return np.asarray(whole | np.repeat(~np.logical_or.reduceat(whole, start), sizes), dtype=np.bool_)


def _best_first(scores: Floats, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """An order that keeps the groups in place and sorts each by score, best first."""
    group = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(scores))))
    return np.lexsort((-scores, group))


def _mean_of_best(scores: Floats, start: NDArray[np.int64]) -> Floats:
    """The mean of each group's `_SUPPORT` best scores, of fewer where it has fewer."""
    ordered = scores[_best_first(scores, start)]
    sizes = np.diff(np.append(start, len(scores)))
    places = np.arange(_SUPPORT)[:, None]
    best = np.where(sizes > places, ordered[np.minimum(start + places, len(scores) - 1)], 0)
    return np.asarray(best.sum(axis=0) / np.minimum(sizes, _SUPPORT), dtype=np.float32)


def _margin(scores: Floats) -> Floats:
    """Each score less the best of the others; less zero where there is no other."""
    if len(scores) == 1:
        return scores.copy()
    second, best = np.sort(scores)[-2:]
    others = np.full_like(scores, best)
    others[np.argmax(scores)] = second
    return np.asarray(scores - others, dtype=np.float32)


def _unit(rows: Floats) -> Floats:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6), dtype=np.float32)
