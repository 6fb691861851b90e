"""How is a text that was encoded once, in whatever start of the program, not encoded again?"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import structlog
from numpy.typing import NDArray

from nlu.encoder import Encoder, Vectors, normalised

LIMIT = 50_000  # texts; 77 MB at 384 dimensions

_log = structlog.get_logger(__name__)


class RememberingEncoder:
    """An encoder for training and indexing: keeps every vector, and `save` keeps them for the next start.

    Meant for the shop's own texts (examples, questions), never for what customers write: those have the bounded
    cache of `AsyncEncoder`.
    """

    def __init__(self, encoder: Encoder, file: Path | None = None, *, seed: Path | None = None) -> None:
        """Take over the vectors in `file` where they are this encoder's; a damaged file counts as none.

        seed: another such file that is only read: what a content pack brings along.
        """
        self._encoder = encoder
        self._file = file
        self._lock = Lock()
        self._vectors: dict[str, NDArray[np.float32]] = _read(file, encoder) if file else {}
        self._saved = len(self._vectors)
        if seed:
            self._vectors = _read(seed, encoder) | self._vectors

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give one row a text; only texts never seen are encoded. Callable from several threads."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        rows = dict(zip(missing, self._encoder.encode(missing), strict=True)) if missing else {}
        with self._lock:
            known = {text: rows[text] if text in rows else self._vectors[text] for text in texts}
            for text in missing[: LIMIT - len(self._vectors)]:
                self._vectors[text] = rows[text]
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self.dim), np.float32)

    def save(self) -> None:
        """Write what is new to the file; a reader sees the old file or the new one, never half of it."""
        with self._lock:
            vectors = dict(self._vectors)
        if self._file is None or len(vectors) == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        about = json.dumps({"encoder": self.fingerprint, "texts": list(vectors)})
        partial = self._file.with_name(f"{self._file.name}.{os.getpid()}.partial")
        with partial.open("wb") as stream:
            # half precision moves a cosine by less than 0.001 and halves the file
            rows = np.stack(list(vectors.values())).astype(np.float16)
            np.savez(stream, about=np.frombuffer(about.encode(), np.uint8), vectors=rows)
        partial.replace(self._file)
        self._saved = len(vectors)


def _read(file: Path, encoder: Encoder) -> dict[str, NDArray[np.float32]]:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes().decode())
            if about["encoder"] != encoder.fingerprint:
                return {}
            vectors = stored["vectors"]
            if vectors.shape != (len(about["texts"]), encoder.dim) or vectors.dtype != np.float16:
                return {}
            return dict(zip(about["texts"], normalised(vectors.astype(np.float32)), strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        _log.warning("stored_vectors_unreadable", file=file.name, reason=type(error).__name__)
        return {}
