"""Which stored texts lie nearest to a vector, and how do their vectors survive a restart?"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import structlog
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]

FLAT_BELOW = 50_000  # exact search stays below 4 ms up to here; beyond, HNSW answers in 0.3 ms at recall 1.0
_FORMAT = 1
_HNSW_LINKS = 32
_HNSW_EFFORT = 64
_INDEX, _IDS = "index.faiss", "ids.json"

_log = structlog.get_logger(__name__)


class VectorIndex:
    """The vectors of `texts`, in their order, searchable by inner product (cosine, as they have length one)."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors, *, flat_below: int = FLAT_BELOW) -> VectorIndex:
        """Index rows of length one: exact below `flat_below`, HNSW from there on."""
        faiss.omp_set_num_threads(1)  # a pool of spinning threads would take the cores from the encoder
        dim = vectors.shape[1]
        if len(vectors) < flat_below:
            index: Any = faiss.IndexFlatIP(dim)
        else:
            index = faiss.IndexHNSWFlat(dim, _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efSearch = _HNSW_EFFORT
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """The positions of the nearest `count` texts and their cosines, best first; `vector` is [dim]."""
        faiss.omp_set_num_threads(1)
        cosines, positions = self._index.search(vector.reshape(1, -1).astype(np.float32), min(count, len(self)))
        found = positions[0] >= 0
        return positions[0][found], cosines[0][found]

    def vectors(self, positions: NDArray[np.integer]) -> Vectors:
        """The stored vectors at these positions, [len(positions), dim]."""
        return np.asarray(self._index.reconstruct_batch(positions.astype(np.int64)), dtype=np.float32)

    def write(self, folder: Path, ids: Sequence[str], encoder: str) -> None:
        """Keep index and ids on disk; each file is replaced whole, and the ids carry the index's checksum."""
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_INDEX}.{os.getpid()}.partial"
        faiss.write_index(self._index, str(partial))
        about = {"format": _FORMAT, "encoder": encoder, "checksum": _checksum(partial), "ids": list(ids)}
        partial.replace(folder / _INDEX)
        partial = folder / f"{_IDS}.{os.getpid()}.partial"
        partial.write_text(json.dumps(about), encoding="utf-8")
        partial.replace(folder / _IDS)


def open_index(
    folder: Path | None, texts: Sequence[str], encode: Encode, encoder: str, *, keep: bool = True
) -> VectorIndex:
    """Load the index of these texts from `folder`, or build and keep it there; only new texts are encoded.

    encoder: fingerprint of what `encode` runs; vectors of another one are not used. folder None keeps nothing.
    keep: false leaves an index that is there as it is (for a passing one over fewer texts).
    """
    ids = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24] for text in texts]
    stored, known = _read(folder, encoder) if folder else (None, [])
    if stored is not None and known == ids:
        return stored
    vectors = _reuse(stored, known, ids, texts, encode)
    index = VectorIndex.build(vectors)
    if folder and (keep or stored is None):
        index.write(folder, ids, encoder)
    return index


def _reuse(
    stored: VectorIndex | None, known: Sequence[str], ids: Sequence[str], texts: Sequence[str], encode: Encode
) -> Vectors:
    position = {name: number for number, name in enumerate(known)} if stored is not None else {}
    fresh = {name: text for name, text in zip(ids, texts, strict=True) if name not in position}
    _log.info("vectors_encoded", fresh=len(fresh), reused=len(set(ids)) - len(fresh))
    rows: dict[str, NDArray[np.float32]] = dict(zip(fresh, encode(list(fresh.values())), strict=True)) if fresh else {}
    if stored is not None and (old := [name for name in dict.fromkeys(ids) if name in position]):
        rows |= dict(zip(old, stored.vectors(np.array([position[name] for name in old])), strict=True))
    return np.stack([rows[name] for name in ids])


def _read(folder: Path, encoder: str) -> tuple[VectorIndex | None, list[str]]:
    """The stored index and its ids; nothing where it is absent, damaged, half written or another encoder's."""
    try:
        about = json.loads((folder / _IDS).read_text(encoding="utf-8"))
        if about["format"] != _FORMAT or about["encoder"] != encoder:
            return None, []
        if about["checksum"] != _checksum(folder / _INDEX):
            _log.warning("vector_index_torn", folder=folder.name)
            return None, []
        index = VectorIndex(faiss.read_index(str(folder / _INDEX)))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None, []
    return (index, about["ids"]) if len(index) == len(about["ids"]) else (None, [])


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
