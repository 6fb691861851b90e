"""Which intent does an utterance carry, and how sure are we? A linear model on meaning and spelling together."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nlu.features import CharacterTfidf

OUT_OF_SCOPE = "out_of_scope"
_FORMAT = 1  # raise when the meaning of a stored array changes
DENSE_WEIGHT = 2.0  # of the vector against the character runs, both of length one


class ModelUnreadable(Exception):  # noqa: N818 - reads as the fact it is
    """A stored model is damaged or of another format; train it again."""


@dataclass(frozen=True, slots=True)
class IntentModel:
    """Softmax over intents, plain arrays; the class `out_of_scope` stands for whatever is none of them.

    fingerprint: of the encoder and the data it was trained with. intents: sorted, n of them.
    mean: [dim], taken off each vector. dense: [n, dim]. sparse: [vocabulary, n]. bias: [n].
    """

    fingerprint: str
    intents: tuple[str, ...]
    tfidf: CharacterTfidf
    mean: NDArray[np.float32]
    dense: NDArray[np.float32]
    sparse: NDArray[np.float32]
    bias: NDArray[np.float32]

    def ranking(self, text: str, vector: NDArray[np.float32]) -> tuple[tuple[str, float], ...]:
        """All intents with their probabilities (sum 1), best first; `vector` is the text's, shape [dim]."""
        row = self.tfidf.row(text)
        scores = self.dense @ centred(vector[None, :], self.mean)[0] + self.bias
        scores += row.weights @ self.sparse[row.columns]
        exponentials = np.exp(scores - scores.max())
        probabilities = exponentials / exponentials.sum()
        order = np.argsort(-probabilities, kind="stable")
        return tuple((self.intents[index], float(probabilities[index])) for index in order)

    def save(self, file: Path) -> None:
        """Write arrays and JSON, no code; a reader sees the old file or the new one, never half of it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        about = {"format": _FORMAT, "fingerprint": self.fingerprint, "intents": self.intents}
        partial = file.with_name(file.name + f".{os.getpid()}.partial")
        with partial.open("wb") as stream:
            np.savez_compressed(
                stream,
                about=_packed(about),
                vocabulary=_packed(self.tfidf.vocabulary),
                idf=self.tfidf.idf,
                mean=self.mean,
                dense=self.dense,
                sparse=self.sparse,
                bias=self.bias,
            )
        partial.replace(file)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelUnreadable: no such file, damaged, or written by another version.
        """
        try:
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                about = _unpacked(stored["about"])
                if about["format"] != _FORMAT:
                    raise ModelUnreadable(f"{file}: format {about['format']}, this version reads {_FORMAT}")
                return cls(
                    fingerprint=str(about["fingerprint"]),
                    intents=tuple(about["intents"]),
                    tfidf=CharacterTfidf(_unpacked(stored["vocabulary"]), stored["idf"]),
                    mean=stored["mean"],
                    dense=stored["dense"],
                    sparse=stored["sparse"],
                    bias=stored["bias"],
                )
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ModelUnreadable(f"{file}: not a stored intent model ({type(error).__name__}); train again") from error


def centred(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the common direction off and scale to length one: e5 vectors all lie in a narrow cone."""
    moved = vectors - mean
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), dtype=np.float32)


def _packed(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), dtype=np.uint8)


def _unpacked(stored: NDArray[np.uint8]) -> Any:
    return json.loads(stored.tobytes().decode())
