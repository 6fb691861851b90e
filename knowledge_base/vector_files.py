"""How do vectors survive a restart, and when are stored ones refused?"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import faiss
import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge_base.vector_index import FLAT_BELOW, MEMORY_MB, Encode, VectorIndex, Vectors, index_kind

_FORMAT = 2
_ABOUT, _INDEX, _IDS, _ROWS = "about.json", "index.faiss", "ids.npy", "rows.npy"
_ID_BYTES = 12
_MAPPED = faiss.IO_FLAG_MMAP_IFC  # pages of the file come in when they are looked at, and may go again

Ids = NDArray[np.void]
_log = structlog.get_logger(__name__)


class Refused(Exception):  # noqa: N818 - reads as the fact it is
    """The stored index is not the one asked for; the message says why."""


def open_index(
    folder: Path | None,
    texts: Sequence[str],
    encode: Encode,
    encoder: str,
    *,
    keep: bool = True,
    memory_mb: int = MEMORY_MB,
    sought: bool = True,
) -> VectorIndex:
    """Load the index of these texts from `folder`, or build and keep it there; only new texts are encoded.

    encoder: fingerprint of what `encode` runs; vectors of another one are not used. folder None keeps nothing.
    keep: false leaves an index that is there as it is (for a passing one over fewer texts).
    memory_mb, sought: as of `index_kind`.
    """
    ids = _ids(texts)
    stored, known = _read(folder, encoder) if folder else (None, ids[:0])
    if stored is not None and np.array_equal(known, ids):
        return stored
    vectors = _reuse(stored, known, ids, texts, encode)
    index = VectorIndex.build(vectors, index_kind(*vectors.shape, memory_mb=memory_mb, sought=sought))
    if folder and (keep or stored is None):
        _write(folder, index, ids, encoder)
        if len(index) >= FLAT_BELOW and (mapped := _read(folder, encoder)[0]) is not None:
            return mapped  # what was built took memory; what is mapped shares it with the other processes
    return index


def _reuse(stored: VectorIndex | None, known: Ids, ids: Ids, texts: Sequence[str], encode: Encode) -> Vectors:
    place = {name: number for number, name in enumerate(known.tolist())} if stored is not None else {}
    names = ids.tolist()
    fresh = {name: text for name, text in zip(names, texts, strict=True) if name not in place}
    _log.info("vectors_encoded", fresh=len(fresh), reused=len(set(names)) - len(fresh))
    new = encode(list(fresh.values())) if fresh else None
    row = {name: number for number, name in enumerate(fresh)}
    dim = new.shape[1] if new is not None else stored.vectors(np.array([0])).shape[1] if stored is not None else 0
    vectors = np.empty((len(names), dim), dtype=np.float32)
    ours = np.array([row.get(name, -1) for name in names])
    if new is not None:
        vectors[ours >= 0] = new[ours[ours >= 0]]
    if stored is not None and (ours < 0).any():
        vectors[ours < 0] = stored.vectors(np.array([place[name] for name in names if name not in row]))
    return vectors


def _write(folder: Path, index: VectorIndex, ids: Ids, encoder: str) -> None:
    """Each file is replaced whole; `about.json`, written last, carries the checksums of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    ending = f".{os.getpid()}.partial"
    files = {_INDEX: folder / f"{_INDEX}{ending}", _IDS: folder / f"{_IDS}{ending}"}
    faiss.write_index(index.index, str(files[_INDEX]))
    if index.rows is not None:
        files[_ROWS] = folder / f"{_ROWS}{ending}"
    for name, array in ((_IDS, ids.view(np.uint8)), (_ROWS, index.rows)):
        if name in files and array is not None:
            with files[name].open("wb") as stream:
                np.save(stream, array, allow_pickle=False)
    checksums = {name: _checksum(file) for name, file in files.items()}
    about = {"format": _FORMAT, "encoder": encoder, "count": len(index), "checksums": checksums}
    for name, file in files.items():
        file.replace(folder / name)
    partial = folder / f"{_ABOUT}{ending}"
    partial.write_text(json.dumps(about), encoding="utf-8")
    partial.replace(folder / _ABOUT)
    if _ROWS not in files:
        with suppress(OSError):
            (folder / _ROWS).unlink()


def _read(folder: Path, encoder: str) -> tuple[VectorIndex | None, Ids]:
    """The stored index and its ids; nothing where there is none or it is refused, which is logged with the reason."""
    nothing = np.empty(0, dtype=f"V{_ID_BYTES}")
    if not (folder / _ABOUT).exists():
        return None, nothing
    try:
        return _checked(folder, encoder)
    except Refused as error:
        reason = str(error)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        reason = f"cannot be read ({type(error).__name__})"
    _log.warning("vector_index_refused", folder=folder.name, reason=reason)
    return None, nothing


def _checked(folder: Path, encoder: str) -> tuple[VectorIndex, Ids]:
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    if about["format"] != _FORMAT:
        raise Refused(f"format {about['format']}, not {_FORMAT}")
    if about["encoder"] != encoder:
        raise Refused("made by another encoder")
    for name, checksum in about["checksums"].items():
        if name not in (_INDEX, _IDS, _ROWS) or _checksum(folder / name) != checksum:
            raise Refused(f"{name} is damaged")
    large = about["count"] >= FLAT_BELOW
    index = faiss.read_index(str(folder / _INDEX), _MAPPED if large else 0)
    ids = np.load(folder / _IDS, allow_pickle=False).reshape(-1).view(f"V{_ID_BYTES}")
    rows = np.load(folder / _ROWS, mmap_mode="r", allow_pickle=False) if _ROWS in about["checksums"] else None
    if not len(ids) == index.ntotal == about["count"] or (rows is not None and len(rows) != len(ids)):
        raise Refused("its parts are of different sizes")
    return VectorIndex(index, rows), ids


def _ids(texts: Sequence[str]) -> Ids:
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest()[:_ID_BYTES] for text in texts)
    return np.frombuffer(b"".join(digests), dtype=f"V{_ID_BYTES}")


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
