"""What is wrong with a content pack, where, and what to do? All mistakes at once, nothing applied."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from pydantic import ValidationError
from typing_extensions import override

WORDS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    files("bot.content").joinpath("problems.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One mistake. file: within the pack. line: 1-based, 0 where unknown. chinese: "" where only English is there."""

    file: str
    line: int
    message: str
    chinese: str = ""

    @property
    def on_a_page(self) -> str:
        """As the console says it."""
        return self.chinese or self.message

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
        where = ".".join(str(part) for part in each["loc"])
        remedy = "is missing; add it" if each["type"] == "missing" else each["msg"]
        found.append(PackProblem(file, line_of(data, each["loc"]), f"{where}: {remedy}"))
    return found


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
