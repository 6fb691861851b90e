"""What is wrong with handoff.yaml, where, and what to do about it?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import override

Path = tuple[str | int, ...]
Language = Literal["en", "zh"]

WORDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = tomllib.loads(
    files("handoff").joinpath("problems.toml").read_text(encoding="utf-8")
)
_QUOTED: Final = re.compile("'([^']*)'")  # as pydantic lists what it expects: "'open' or 'closed'"


@dataclass(frozen=True, slots=True)
class Named:
    """A rule that a problem names. line: 1-based, None where it is unknown."""

    name: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. at: e.g. "rules[2].team", "" for the whole file. line: 1-based, None where it is unknown.

    kind: its name in problems.toml. values: what the words there name; several of them as a tuple.
    """

    at: str
    kind: str
    values: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None

    @property
    def field(self) -> str:
        """Where, in English."""
        return self.place("en")

    @property
    def remedy(self) -> str:
        """What is wrong and what to do, in English."""
        return self.said("en")

    def place(self, language: Language) -> str:
        """The field, or in words that it is the whole file."""
        return self.at or WORDS[language]["parts"]["file"]

    def said(self, language: Language) -> str:
        """What is wrong and what to do. Raises KeyError for a kind or values that the catalogue does not know."""
        parts = WORDS[language]["parts"]
        values = {name: _in_words(value, parts) for name, value in self.values.items()}
        return WORDS[language]["problems"][self.kind].format(**values)

    @override
    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.field}: {self.remedy}"


class PolicyError(ValueError):
    """The policy cannot be used; `problems` names each field and its remedy."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))
        self.source = source
        self.problems = tuple(problems)


def problem_at(data: object, path: Path, kind: str, **values: object) -> Problem:
    """The problem at `path` of `data`, with its line where the YAML reader kept it."""
    return Problem(_dotted(path), kind, values, line_at(data, path))


def mistake(kind: str, **values: object) -> PydanticCustomError:
    """What a field's validator raises for a kind of the catalogue of its file's problems."""
    return PydanticCustomError(kind, kind, values)


def problems_of(data: object, error: ValidationError) -> tuple[Problem, ...]:
    """What the shape check found, in words that say what to do."""
    every = error.errors(include_input=False, include_url=False)
    wrong = [found["loc"] for found in every if found["type"] != "too_short"]
    return tuple(
        Problem(_dotted(at), _kind(found), _values(found), line_at(data, at))
        for found, at in ((found, _place(found["loc"])) for found in every)
        # a list is short of an entry only because that entry is wrong
        if found["type"] != "too_short" or not any(loc[: len(found["loc"])] == found["loc"] for loc in wrong)
    )


def shape_words(found: ErrorDetails, language: Language) -> str:
    """What pydantic found wrong at one place of a file that people write, whichever file it is."""
    return Problem("", _kind(found), _values(found)).said(language)


def _kind(found: ErrorDetails) -> str:
    return found["type"] if found["type"] in WORDS["en"]["problems"] else "other"


def _values(found: ErrorDetails) -> dict[str, Any]:
    values = {"told": found["msg"], **found.get("ctx", {})}
    if expected := values.get("expected"):
        values["choices"] = tuple(_QUOTED.findall(expected)) or (expected,)
    return values


def _in_words(value: object, parts: Mapping[str, str]) -> object:
    if isinstance(value, float):
        return f"{value:g}"  # a bound: 1, not 1.0
    if not isinstance(value, tuple):
        return value
    if any(isinstance(each, Named) for each in value):
        named = (parts["named" if each.line is None else "named_at"] for each in value)
        return parts["and"].join(
            words.format(name=each.name, line=each.line) for words, each in zip(named, value, strict=True)
        )
    return parts["comma"].join(map(str, value))


def _place(location: Path) -> Path:
    """Without pydantic's own mark for a key that is wrong."""
    return location[:-1] if location[-1:] == ("[key]",) else location


def _dotted(path: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def line_at(data: object, path: Path) -> int | None:
    """The line (1-based) of the deepest part of `path` that exists; ruamel keeps it in `.lc` (0-based)."""
    line: int | None = None
    for part in path:
        known = getattr(getattr(data, "lc", None), "data", None)
        if isinstance(known, Mapping) and part in known:
            line = int(known[part][0]) + 1
        match data, part:
            case Mapping(), str() if part in data:
                data = data[part]
            case Sequence(), int() if part < len(data) and not isinstance(data, str):
                data = data[part]
            case _:
                break
    return line
