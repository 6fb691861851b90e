"""What is wrong in a file of scripts, where, and what to do about it?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

Language = Literal["en", "zh"]

WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = tomllib.loads(
    files("knowledge_base").joinpath("problems.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word that our formats know: a field, a state, a kind. The catalogue may add what it means."""

    name: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong and what to do. kind: its name in problems.toml. values: what the words there name.

    A value may be a mistake itself, as of one attachment among several; several values are a tuple.
    """

    kind: str
    values: Mapping[str, object]

    def said(self, language: Language) -> str:
        """In words. Raises KeyError for a kind or values that the catalogue does not know."""
        values = {name: _in_words(value, language) for name, value in self.values.items()}
        return WORDS[language]["problems"][self.kind].format(**values)


def mistake(kind: str, /, **values: object) -> Mistake:
    """The mistake of this kind in problems.toml, with the values that its words name."""
    return Mistake(kind, values)


def terms(*names: str) -> tuple[Term, ...]:
    """Several words that our formats know, as one value of a mistake."""
    return tuple(map(Term, names))


def writable(text: str) -> str:
    """The text with `?` for each half of a character, which no encoding can write."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _in_words(value: object, language: Language) -> object:
    match value:
        case Mistake():
            return value.said(language)
        case Term(name):
            return WORDS[language]["terms"].get(name) or writable(name)
        case tuple():
            return WORDS[language]["marks"]["comma"].join(str(_in_words(each, language)) for each in value)
        case str():
            return writable(value)
        case _:
            return value


class ScriptInvalid(Exception):  # noqa: N818 - reads as the fact it is
    """A script breaks a rule.

    field: the name in `Script`. mistake: what is wrong and what to write instead. more: the other rules it breaks.
    """

    def __init__(self, field: str, mistake: Mistake) -> None:
        super().__init__(f"{field}: {mistake.said('en')}")
        self.field = field
        self.mistake = mistake
        self.more: tuple[ScriptInvalid, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. row: line of a YAML or JSON file, row of a table (1 = headings). column: "" where it is the row."""

    file: Path
    row: int
    column: str
    mistake: Mistake

    def said(self, language: Language) -> str:
        """What is wrong and what to do."""
        return self.mistake.said(language)

    def describe(self) -> str:
        """One line: file, row, column, what is wrong and what to do, in English."""
        where = f"{self.file}:{self.row}: {self.column}" if self.column else f"{self.file}:{self.row}"
        return f"{where}: {self.said('en')}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a format could not keep of one script. field: its name in `Script`, "" for the whole script."""

    script_id: str
    field: str
    why: Mistake

    def said(self, language: Language) -> str:
        """Why not."""
        return self.why.said(language)

    def describe(self) -> str:
        """One line: script, field, why, in English."""
        where = f"{self.script_id}: {self.field}" if self.field else self.script_id
        return f"{where}: {self.said('en')}"


class NotAllKept(Exception):  # noqa: N818 - reads as the fact it is
    """A file was not written, because its format cannot keep everything; what is in `left_out`."""

    def __init__(self, left_out: tuple[LeftOut, ...]) -> None:
        super().__init__("\n".join(each.describe() for each in left_out))
        self.left_out = left_out


class ImportFailed(Exception):  # noqa: N818 - reads as the fact it is
    """A file was not read; every mistake that was found is in `problems`, and nothing was taken over."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.describe() for problem in problems))
        self.problems = problems
