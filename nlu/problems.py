"""What is wrong with training data, where, and what to do about it?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

Language = Literal["en", "zh"]

WORDS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    files("nlu").joinpath("problems.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong and what to do. kind: its name in problems.toml. values: what the words there name.

    A value may be a mistake itself, as of the one example that keeps a file from being written.
    """

    kind: str
    values: Mapping[str, object]

    def said(self, language: Language) -> str:
        """In words. Raises KeyError for a kind or values that the catalogue does not know."""
        values = {name: _in_words(value, language) for name, value in self.values.items()}
        return WORDS[language][self.kind].format(**values)


def mistake(kind: str, /, **values: object) -> Mistake:
    """The mistake of this kind in problems.toml, with the values that its words name."""
    return Mistake(kind, values)


def _in_words(value: object, language: Language) -> object:
    match value:
        case Mistake():
            return value.said(language)
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")  # no encoding can write half a character
        case _:
            return value


class TrainingDataError(Exception):
    """Training data cannot be read or written; the message names file, line and what to write instead, in English."""

    def __init__(self, file: Path, line: int, mistake: Mistake) -> None:
        super().__init__(f"{file}:{line}: {mistake.said('en')}")
        self.file = file
        self.line = line
        self.mistake = mistake

    def said(self, language: Language) -> str:
        """What is wrong and what to do."""
        return self.mistake.said(language)


class MarkInvalid(ValueError):  # noqa: N818 - reads as the fact it is
    """The mark of an entity cannot be read; `mistake` says what to write instead."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.said("en"))
        self.mistake = mistake


class NotWritable(ValueError):  # noqa: N818 - reads as the fact it is
    """The notation has no way to write this example; `mistake` says what stands in the way."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.said("en"))
        self.mistake = mistake
