"""What does a message announce: is it urgent, a complaint, a farewell, or a sale?"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SIGNALS = ("urgency", "complaint", "churn", "purchase")
READ = 500  # characters; patterns are tried one by one


@dataclass(frozen=True, slots=True)
class Signal:
    """A row of the catalogue. angry: weight of a bad mood. patterns: each with its weight, below 0 speaks against."""

    angry: float
    patterns: tuple[tuple[re.Pattern[str], float], ...]

    def strength(self, plain: str, badness: float) -> float:
        """In [0, 1]: noisy-or of what speaks for it, times what is left by what speaks against."""
        found = [weight for pattern, weight in self.patterns if pattern.search(plain)]
        missed, left = 1.0, 1.0
        for weight in found:
            if weight >= 0:
                missed *= 1 - weight
            else:
                left *= 1 + weight
        if self.angry >= 0:
            missed *= 1 - self.angry * badness
        else:
            left *= 1 + self.angry * badness
        return (1 - missed) * left


def signals(texts: Sequence[str], scores: Sequence[float]) -> list[Mapping[str, float]]:
    """Of each text the signals by name, in [0, 1]. scores: their moods in [-1, 1], from `SentimentModel.scores`.

    Raises ValueError where there is not one score a text.
    """
    catalogue = _catalogue()
    found: list[Mapping[str, float]] = []
    for text, score in zip(texts, scores, strict=True):
        plain = unicodedata.normalize("NFKC", text[:READ]).lower()
        badness = min(1.0, max(0.0, -float(score)))
        found.append({name: catalogue[name].strength(plain, badness) for name in SIGNALS})
    return found


@cache
def _catalogue() -> dict[str, Signal]:
    text = (files("archive.sentiment") / "signalling.toml").read_text(encoding="utf-8")
    return {
        name: Signal(
            angry=float(signal["angry"]),
            patterns=tuple((re.compile(pattern), float(weight)) for pattern, weight in signal["patterns"].items()),
        )
        for name, signal in tomllib.loads(text).items()
    }
