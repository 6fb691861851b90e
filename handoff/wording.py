"""Does a customer's sentence contain one of these words, however it is written?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_IDLE_SPACE: Final = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")


def normalise(text: str) -> str:
    """Fold width and case, drop punctuation, and spaces except between Latin words ("转 人 工！" → "转人工")."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _IDLE_SPACE.sub("", _NOT_A_WORD.sub(" ", folded))


@dataclass(frozen=True, slots=True)
class Wording:
    """A list of words, found anywhere in a sentence; a Latin word or a number only as a whole."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """Prepare `words`; empty ones are left out."""
        cleaned = sorted({normalise(word) for word in words} - {""}, key=lambda word: (-len(word), word))
        return cls(re.compile("|".join(map(_guarded, cleaned))) if cleaned else None)

    def occurs_in(self, normalised: str) -> bool:
        """Is one of the words in this normalised text?"""
        return self.pattern is not None and self.pattern.search(normalised) is not None

    def removed_from(self, normalised: str) -> str:
        """The text with each of the words replaced by a border that no word spans."""
        return normalised if self.pattern is None else self.pattern.sub("|", normalised)


def _guarded(word: str) -> str:
    left = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", word) else ""
    right = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", word) else ""
    return f"{left}{re.escape(word)}{right}"
