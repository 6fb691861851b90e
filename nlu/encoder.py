"""What turns a text into a vector, and which encoder does a setting name?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

MAX_CHARACTERS = 256  # a text costs about 1 ms of CPU a character, and what it asks stands within the first few lines

_log = structlog.get_logger(__name__)


class EncoderUnavailable(Exception):  # noqa: N818 - reads as the fact it is
    """The named encoder cannot be used on this machine; the message says what to install or set."""


class Encoder(Protocol):
    """A sentence encoder: synchronous, CPU bound, callable from several threads at once."""

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector: stored vectors are only kept while it holds."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give one L2-normalised row a text: shape [len(texts), dim], float32."""
        ...


def printable(text: str) -> str:
    """Make any Python string safe for a C tokenizer: no NUL, no lone surrogate, bounded length."""
    clean = text[:MAX_CHARACTERS].replace("\0", " ")
    return clean.encode("utf-8", "replace").decode("utf-8")


def normalised(vectors: NDArray[np.floating]) -> Vectors:
    """Scale each row to length one; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)


def load_encoder(name: str) -> Encoder:
    """Load the encoder a setting names: "bundled", "portable" or "sentence-transformers:<path or hub name>".

    "bundled" falls back to "portable", with a warning in the log, where its wheel does not fit the machine.

    Raises:
        EncoderUnavailable: the name is unknown, or the package behind it is not installed.
    """
    # imported here: each pulls in its engine, and an installation has only one
    from nlu.bundled import BundledEncoder  # noqa: PLC0415
    from nlu.optional_encoders import PortableEncoder  # noqa: PLC0415
    from nlu.sentence_transformers_encoder import SentenceTransformersEncoder  # noqa: PLC0415

    kind, _, argument = name.partition(":")
    match kind:
        case "bundled":
            try:
                return BundledEncoder()
            except EncoderUnavailable as reason:
                _log.warning("encoder_fallback", wanted="bundled", used="portable", reason=str(reason))
                return PortableEncoder()
        case "portable":
            return PortableEncoder()
        case "sentence-transformers" if argument:
            return SentenceTransformersEncoder(argument)
        case _:
            raise EncoderUnavailable(
                f"no encoder is called {name!r}; set nlu.encoder to bundled, portable "
                "or sentence-transformers:<path or hub name>"
            )
