"""Which intent does an utterance carry, and how sure are we? Linear heads on spelling, and on spelling and meaning."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from operator import itemgetter
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nlu.features import TermTfidf
from nlu.heads import OUT_OF_SCOPE, Confidence, Head
from nlu.landmarks import Landmarks
from nlu.refusal import refusal_threshold
from nlu.stored_arrays import Stored, read_arrays, write_arrays

__all__ = ["OUT_OF_SCOPE", "IntentModel", "ModelUnreadable"]

_FORMAT = 2  # raise when the meaning of a stored array changes
_LONGEST = 1_000  # characters read: what is asked stands within them, and time stays bounded


class ModelUnreadable(Exception):  # noqa: N818 - reads as the fact it is
    """A stored model is damaged or of another format; train it again."""


@dataclass(frozen=True, slots=True)
class IntentModel:
    """Probabilities of intents, plain arrays; the class `out_of_scope` stands for whatever is none of them.

    fingerprint: of the encoder and the data it was trained with. intents: sorted. full: the head that needs the
    text's vector. light: the head that reads spelling alone.
    """

    fingerprint: str
    intents: tuple[str, ...]
    tfidf: TermTfidf
    landmarks: Landmarks
    full: Head
    light: Head

    @property
    def dim(self) -> int:
        """Length of the vectors it reads."""
        return len(self.landmarks.mean)

    def ranking(self, text: str, vector: NDArray[np.float32] | None) -> tuple[tuple[str, float], ...]:
        """All intents with their probabilities (sum 1), best first.

        vector: the text's, shape [dim]; None asks the light head, whose probabilities are calibrated on their own.
        """
        row = self.tfidf.row(text[:_LONGEST])
        if vector is None:
            head, nearness = self.light, None
        else:
            head, nearness = self.full, self.landmarks.nearness_of(vector)
        probabilities = head.confidence.probabilities(head.scores(row, nearness), self.intents)
        return tuple(sorted(zip(self.intents, probabilities, strict=True), key=itemgetter(1), reverse=True))

    def threshold(self, *, wrong_cost: float, handover_cost: float) -> float:
        """Below which probability of the best intent handing over is cheaper; from examples it did not learn.

        Raises:
            ValueError: a cost is negative, or both are 0.
        """
        probabilities, correct = self.full.left_out.T
        return refusal_threshold(probabilities, correct > 0, wrong_cost=wrong_cost, handover_cost=handover_cost)

    def save(self, file: Path) -> None:
        """Write arrays and JSON, no code; a reader sees the old file or the new one, never half of it."""
        about: dict[str, object] = {
            "format": _FORMAT,
            "fingerprint": self.fingerprint,
            "intents": self.intents,
            "vocabulary": self.tfidf.vocabulary,
            "words": self.tfidf.words,
        }
        arrays = {"idf": self.tfidf.idf, "mean": self.landmarks.mean, "points": self.landmarks.points}
        for name, head in (("full", self.full), ("light", self.light)):
            about[name] = asdict(head.confidence)
            arrays |= {
                f"{name}_spelling": head.spelling.astype(np.float16),
                f"{name}_meaning": head.meaning.astype(np.float16),
                f"{name}_bias": head.bias,
                f"{name}_left_out": head.left_out.astype(np.float16),
            }
        write_arrays(file, about, arrays)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelUnreadable: no such file, damaged, or written by another version.
        """
        try:
            stored = read_arrays(file)
            if stored.about["format"] != _FORMAT:
                raise ModelUnreadable(f"{file}: format {stored.about['format']}, this version reads {_FORMAT}")
            vocabulary, intents = stored.about["vocabulary"], tuple(stored.about["intents"])
            return cls(
                fingerprint=str(stored.about["fingerprint"]),
                intents=intents,
                tfidf=TermTfidf(vocabulary, stored.array("idf", (len(vocabulary),)), words=bool(stored.about["words"])),
                landmarks=Landmarks(stored.array("mean", (None,)), stored.array("points", (None, None))),
                full=_head(stored, "full", len(vocabulary), len(intents)),
                light=_head(stored, "light", len(vocabulary), len(intents)),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnreadable(f"{file}: not a stored intent model ({type(error).__name__}); train again") from error


def _head(stored: Stored, name: str, vocabulary: int, intents: int) -> Head:
    return Head(
        spelling=stored.array(f"{name}_spelling", (vocabulary, intents)),
        meaning=stored.array(f"{name}_meaning", (intents, None)),
        bias=stored.array(f"{name}_bias", (intents,)),
        confidence=Confidence(**stored.about[name]),
        left_out=stored.array(f"{name}_left_out", (None, 2)),
    )
