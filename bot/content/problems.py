"""What is wrong with a content pack, where, and what to do? All mistakes at once, nothing applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One mistake. file: within the pack. line: 1-based, 0 where unknown."""

    file: str
    line: int
    message: str

    @override
    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


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
