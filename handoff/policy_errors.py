"""What is wrong with handoff.yaml, where, and what to do about it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from typing_extensions import override

Path = tuple[str | int, ...]

_REMEDIES = {
    "missing": "is missing; add it",
    "unexpected_keyword_argument": "is not known here; correct its spelling or remove it",
    "extra_forbidden": "is not known here; correct its spelling or remove it",
    "too_short": "must have at least one entry",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. field: e.g. "rules[2].team". line: 1-based, None where it is unknown."""

    field: str
    remedy: str
    line: int | None = None

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


def problem_at(data: object, path: Path, remedy: str) -> Problem:
    """The problem at `path` of `data`, with its line where the YAML reader kept it."""
    return Problem(field=_dotted(path) or "the file", remedy=remedy, line=line_at(data, path))


def problems_of(data: object, error: ValidationError) -> tuple[Problem, ...]:
    """What the shape check found, in words that say what to do."""
    return tuple(
        problem_at(data, found["loc"], _REMEDIES.get(found["type"], found["msg"].removeprefix("Value error, ")))
        for found in error.errors(include_input=False, include_url=False, include_context=False)
    )


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
