"""Which stored texts lie nearest to a vector?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
IndexKind = Literal["flat", "hnsw", "hnsw_sq8", "ivf_sq8", "ivf_pq", "store"]

FLAT_BELOW = 50_000  # exact search stays below 4 ms up to here; beyond, HNSW answers in 0.3 ms at recall 1.0
GRAPH_BELOW = 300_000  # a graph of more takes longer to build than operators wait; lists take a minute a million
SOUGHT_BELOW = 5_000  # searching twice costs less than a millisecond up to here
MEMORY_MB = 1_024  # what the vectors of a library may take where nothing else is said
_LINKS, _LINK_BYTES = 32, 4 * 2 * 32
_EFFORT = 128
_LIST_TRAINING = 40  # vectors to place each of the coarse lists
_MOST_LISTS = 1_000
_PROBES = 32
_CODE_DIMENSIONS = 8  # of a vector, in each byte of its code
_CHUNK = 16_384  # rows looked at at once


def index_kind(count: int, dim: int, *, memory_mb: int = MEMORY_MB, sought: bool = True) -> IndexKind:
    """The most exact kind that is fast at this size and fits the memory.

    sought: false where few miss a search: from `SOUGHT_BELOW` on the vectors are only kept for known positions.
    """
    if not sought and count >= SOUGHT_BELOW:
        return "store"
    if count < FLAT_BELOW:
        return "flat"
    room = memory_mb << 20
    if count < GRAPH_BELOW and count * (dim + _LINK_BYTES) <= room:
        return "hnsw" if count * (4 * dim + _LINK_BYTES) <= room else "hnsw_sq8"
    return "ivf_sq8" if count * dim <= room else "ivf_pq"


class VectorIndex:
    """The vectors of some texts, in their order, searchable by inner product (cosine, where they have length one).

    A compressed kind finds candidates; `rows`, where given, are the vectors themselves, [n, dim], also float16 and
    mapped from disk.
    """

    def __init__(self, index: Any, rows: NDArray[np.floating] | None = None) -> None:
        self.index = index
        self.rows = rows

    @classmethod
    def build(cls, vectors: Vectors, kind: IndexKind | None = None) -> VectorIndex:
        """Index rows of length one; kind None chooses by their number."""
        faiss.omp_set_num_threads(1)  # a pool of spinning threads would take the cores from the encoder
        kind = kind or index_kind(*vectors.shape)
        index = _empty(kind, *vectors.shape)
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        if not index.is_trained:
            index.train(rows[:: max(1, len(rows) // (_LIST_TRAINING * _MOST_LISTS))])
        index.add(rows)
        return cls(index, rows.astype(np.float16) if kind in ("hnsw_sq8", "ivf_sq8", "ivf_pq") else None)

    def __len__(self) -> int:
        return int(self.index.ntotal)

    @property
    def is_store(self) -> bool:
        """Whether searching it would look at every vector, too many of them."""
        return self.kind == "store"

    @property
    def kind(self) -> IndexKind:
        """Which kind was chosen."""
        match self.index:
            case faiss.IndexFlat():
                return "flat"
            case faiss.IndexHNSWFlat():
                return "hnsw"
            case faiss.IndexHNSWSQ():
                return "hnsw_sq8"
            case faiss.IndexScalarQuantizer():
                return "store"
            case faiss.IndexIVFScalarQuantizer():
                return "ivf_sq8"
            case _:
                return "ivf_pq"

    def search(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """The positions of the nearest `count` texts and their products, best first; `vector` is [dim]."""
        faiss.omp_set_num_threads(1)
        cosines, positions = self.index.search(vector.reshape(1, -1).astype(np.float32), min(count, len(self)))
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]

    def products(self, vector: Vectors, positions: NDArray[np.integer]) -> Vectors:
        """The inner product of `vector`, [dim], with the vectors at these positions."""
        if not isinstance(self.index, faiss.IndexFlat):
            return np.asarray(self.vectors(positions) @ vector, dtype=np.float32)
        # in place and on this thread: BLAS would wake others for so little
        query = np.ascontiguousarray(vector, dtype=np.float32)
        labels = np.ascontiguousarray(positions, dtype=np.int64)
        found = np.empty(len(labels), dtype=np.float32)
        pointers = (faiss.swig_ptr(query), len(labels), faiss.swig_ptr(found), faiss.swig_ptr(labels))
        flat: Any = self.index  # faiss does not type this one
        flat.compute_distance_subset(1, *pointers)
        return found

    def vectors(self, positions: NDArray[np.integer]) -> Vectors:
        """The stored vectors at these positions, [len(positions), dim]."""
        if self.rows is not None:
            return np.asarray(self.rows[positions], dtype=np.float32)
        return np.asarray(self.index.reconstruct_batch(positions.astype(np.int64)), dtype=np.float32)

    def measured(self, measure: Callable[[Vectors], Vectors]) -> Vectors:
        """One number a vector, [n], a chunk of rows at a time."""
        starts = range(0, len(self), _CHUNK)
        parts = [measure(self.vectors(np.arange(start, min(start + _CHUNK, len(self))))) for start in starts]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _empty(kind: IndexKind, count: int, dim: int) -> Any:
    index: Any
    product = faiss.METRIC_INNER_PRODUCT
    match kind:
        case "flat":
            return faiss.IndexFlatIP(dim)
        case "store":
            return faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, product)
        case "hnsw":
            index = faiss.IndexHNSWFlat(dim, _LINKS, product)
        case "hnsw_sq8":
            hnsw_sq: Any = faiss.IndexHNSWSQ  # its types know another constructor
            index = hnsw_sq(dim, faiss.ScalarQuantizer.QT_8bit, _LINKS, product)
        case "ivf_sq8" | "ivf_pq":
            coarse = faiss.IndexFlatIP(dim)
            lists = max(1, min(_MOST_LISTS, count // _LIST_TRAINING))
            if kind == "ivf_sq8":
                quantizer: Any = faiss.IndexIVFScalarQuantizer
                index = quantizer(coarse, dim, lists, faiss.ScalarQuantizer.QT_8bit, product)
            else:
                codes = next(size for size in range(_CODE_DIMENSIONS, 0, -1) if dim % size == 0)
                index = faiss.IndexIVFPQ(coarse, dim, lists, dim // codes, 8, product)
            index.nprobe = min(_PROBES, lists)
            index.referenced_objects = [coarse]  # the index in C++ does not keep it alive
            return index
    index.hnsw.efSearch = _EFFORT
    return index
