"""What is wrong in a file of scripts, where, and what to do about it?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ScriptInvalid(Exception):  # noqa: N818 - reads as the fact it is
    """A script breaks a rule.

    field: the name in `Script`. reason: what is wrong and what to write instead. more: the other rules it breaks.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.more: tuple[ScriptInvalid, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. row: line of a YAML or JSON file, row of a table (1 = headings). column: "" where it is the row."""

    file: Path
    row: int
    column: str
    message: str

    def describe(self) -> str:
        """One line: file, row, column, what is wrong and what to do."""
        where = f"{self.file}:{self.row}"
        return f"{where}: {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a format could not keep of one script. field: its name in `Script`, "" for the whole script."""

    script_id: str
    field: str
    reason: str

    def describe(self) -> str:
        """One line: script, field, why."""
        return f"{self.script_id}: {self.field}: {self.reason}" if self.field else f"{self.script_id}: {self.reason}"


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
