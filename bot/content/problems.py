"""What is wrong with a content pack, where, and what to do? All mistakes at once, nothing applied."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import override

from handoff import shape_words

WORDS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    files("bot.content").joinpath("problems.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One mistake. file: within the pack. line: 1-based, 0 where unknown. chinese: the message for the console."""

    file: str
    line: int
    message: str
    chinese: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


def problem(file: str, line: int, kind: str, **values: object) -> PackProblem:
    """The mistake of this kind in problems.toml. Raises KeyError for a kind or values that it does not know."""
    english, chinese = (WORDS[language][kind].format(**values) for language in ("en", "zh"))
    return PackProblem(file, line, english, chinese)


class PackBroken(Exception):  # noqa: N818 - reads as the fact it is
    """The pack cannot be used; nothing was changed."""

    def __init__(self, problems: Sequence[PackProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def shape_problems(file: str, data: object, error: ValidationError) -> list[PackProblem]:
    """What a shape check found, with the lines the YAML reader kept."""
    found = []
    for each in error.errors(include_input=False, include_url=False):
        english, chinese = _words(each)
        where, line = dotted(each["loc"]), line_of(data, each["loc"])
        found.append(PackProblem(file, line, f"{where}: {english}", f"{where}：{chinese}"))
    return found


def dotted(path: Sequence[str | int]) -> str:
    """A place within a file as it is told: rules.2.team."""
    return ".".join(str(part) for part in path)


def _words(found: ErrorDetails) -> tuple[str, str]:
    """In English and in Chinese: of our own checks, else of pydantic's."""
    kind = found["type"]
    if kind in WORDS["en"]:
        values = found.get("ctx", {})
        return WORDS["en"][kind].format(**values), WORDS["zh"][kind].format(**values)
    return "is missing; add it" if kind == "missing" else found["msg"], shape_words(found, "zh")


def line_of(data: object, path: Sequence[str | int]) -> int:
    """Line of the deepest part of `path` that exists; ruamel keeps it in `.lc`, counted from 0."""
    line = 0
    for part in path:
        known = getattr(getattr(data, "lc", None), "data", None)
        if isinstance(known, Mapping) and part in known:
            line = int(known[part][0]) + 1
        try:
            data = data[part]  # type: ignore[index] # whatever it is, a miss ends the search
        except (KeyError, IndexError, TypeError):
            break
    return line
