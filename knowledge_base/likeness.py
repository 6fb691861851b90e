"""Which of many questions ask nearly the same? Found by rare n-grams and nearest vectors, never by comparing all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from knowledge_base.text import ngrams
from knowledge_base.vector_index import FLAT_BELOW, Vectors

_RARE = 6  # n-grams of a question that find its candidates: two that are alike share at least one of their rarest
_SHARED_BY = 2_000  # an n-gram that so many questions have among their rarest tells nothing
_NEIGHBOURS = 12
_CHUNK = 200_000  # pairs weighed at once
_CELLS_SEARCHED = 4  # of many vectors only those in near cells are compared: a neighbour missed is a hint missed
_POINTS_A_CELL = 64  # to place the cells by


@dataclass(frozen=True, slots=True)
class Pairs:
    """Candidates: positions of two texts (left < right) and how alike they are, 0..1, each [pairs]."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    likeness: NDArray[np.float32]


def alike(texts: Sequence[str], meanings: Vectors | None = None) -> Pairs:
    """Pairs of texts that may ask the same.

    meanings: their vectors, [texts, dim]. likeness: cosine of character 1- and 2-gram TF-IDF; with `meanings` its mean
    with the cosine of these, their common part taken away (unrelated sentences of one shop look alike otherwise).
    """
    if len(texts) < 2:  # noqa: PLR2004 - a pair
        empty = np.empty(0, np.int64)
        return Pairs(empty, empty, np.empty(0, np.float32))
    weights, rare = _weights(texts)
    vectors = None if meanings is None else _centred(meanings)
    found = [_sharing(rare)] if vectors is None else [_sharing(rare), _nearest(vectors)]
    keys = np.unique(np.concatenate([left * len(texts) + right for left, right in found]))
    left, right = keys // len(texts), keys % len(texts)
    scores = np.empty(len(left), np.float32)
    for start in range(0, len(left), _CHUNK):
        span = slice(start, start + _CHUNK)
        one, other = left[span], right[span]
        scores[span] = np.asarray(weights[one].multiply(weights[other]).sum(axis=1)).ravel()
        if vectors is not None:
            scores[span] = (scores[span] + np.einsum("ij,ij->i", vectors[one], vectors[other])) / 2
    return Pairs(left, right, scores)


def _weights(texts: Sequence[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """TF-IDF rows of length one, and which n-grams are the rarest of each text."""
    counted = [ngrams(text, 2) for text in texts]
    frequency: Counter[str] = Counter()
    for counts in counted:
        frequency.update(counts.keys())
    column = {gram: number for number, gram in enumerate(frequency)}
    sizes = np.fromiter(map(len, counted), np.int64, len(counted))
    start = np.concatenate([[0], np.cumsum(sizes)])
    place = np.fromiter((column[gram] for counts in counted for gram in counts), np.int32, int(start[-1]))
    count = np.fromiter((number for counts in counted for number in counts.values()), np.float32, int(start[-1]))
    seen = np.fromiter(frequency.values(), np.float32, len(frequency))
    weight = (1 + np.log(count)) * (np.log((1 + len(texts)) / (1 + seen)) + 1)[place]
    row = np.repeat(np.arange(len(texts)), sizes)
    length = np.sqrt(np.bincount(row, weight**2, len(texts)))
    shape = (len(texts), len(frequency))
    weights = sparse.csr_matrix(((weight / length[row]).astype(np.float32), place, start), shape=shape)
    order = np.lexsort((seen[place], row))  # within each text the rarest first
    rank = np.arange(len(place)) - np.repeat(start[:-1], sizes)
    kept = order[rank < _RARE]
    common = np.bincount(place[kept], minlength=len(frequency)) > _SHARED_BY
    kept = kept[~common[place[kept]]]
    rare = sparse.csr_matrix((np.ones(len(kept), np.int8), (row[kept], place[kept])), shape=shape)
    return weights, rare


def _sharing(rare: sparse.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of texts that share a rare n-gram, the smaller first."""
    both = sparse.triu(rare @ rare.T, k=1, format="coo")
    return both.row.astype(np.int64), both.col.astype(np.int64)


def _centred(vectors: Vectors) -> Vectors:
    apart = vectors - vectors.mean(axis=0)
    return np.ascontiguousarray(apart / np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6), np.float32)


def _nearest(vectors: Vectors) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of texts and their neighbours, the smaller first."""
    faiss.omp_set_num_threads(1)  # as in VectorIndex: a pool of spinning threads takes the cores from the rest
    if len(vectors) < FLAT_BELOW:
        index: Any = faiss.IndexFlatIP(vectors.shape[1])
    else:
        plain = faiss.IndexFlatIP(vectors.shape[1])
        index = faiss.IndexIVFFlat(plain, vectors.shape[1], int(len(vectors) ** 0.5), faiss.METRIC_INNER_PRODUCT)
        index.nprobe = _CELLS_SEARCHED
        index.cp.max_points_per_centroid = _POINTS_A_CELL
        index.train(vectors)
    index.add(vectors)
    _, near = index.search(vectors, min(_NEIGHBOURS, len(vectors)))
    one = np.repeat(np.arange(len(vectors)), near.shape[1])
    other = near.ravel().astype(np.int64)
    kept = (other >= 0) & (other != one)
    return np.minimum(one, other)[kept], np.maximum(one, other)[kept]
