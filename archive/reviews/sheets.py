"""By which sheet is a session scored, and what does a scored sheet come to? Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FULL: Final = 100.0  # what a sheet with every point comes to
_ROUNDING: Final = 1  # decimals of a total: people compare tenths at most

Marks = Mapping[str, int | None]


class MarksBroken(ValueError):  # noqa: N818 - reads as the fact it is
    """The marks do not fit the sheet. nodes: which, by name."""

    def __init__(self, nodes: tuple[str, ...]) -> None:
        super().__init__(f"marks missing or out of range: {', '.join(nodes)}")
        self.nodes = nodes


@dataclass(frozen=True, slots=True)
class SheetNode:
    """One thing that is looked at. ask: what the reviewer asks herself.

    weight: its share beside the others'. points: the most it can get; 1 is yes or no. fatal: with no point here the
    whole sheet fails. rules: of quality.yaml, which look for its fault by themselves.
    """

    name: str
    weight: float
    points: int = 1
    fatal: bool = False
    ask: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A sheet. pass_mark: the total from which a session passes, in [0, 100]."""

    name: str
    pass_mark: float
    nodes: tuple[SheetNode, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a sheet came to. total: in [0, 100]. fatal: names of the fatal nodes without a point."""

    total: float
    passed: bool
    fatal: tuple[str, ...]


def score(sheet: ScoreSheet, marks: Marks) -> Scored:
    """The weighted share of points, of the nodes that apply (a mark of None: does not), times 100.

    Σ weight × mark ÷ points over Σ weight; a sheet of which nothing applies is full. Raises MarksBroken where a node
    has no mark, or one that is not within 0 … points.
    """
    broken = tuple(node.name for node in sheet.nodes if not _fits(node, marks))
    if broken or set(marks) != {node.name for node in sheet.nodes}:
        raise MarksBroken(broken or tuple(sorted(set(marks) - {node.name for node in sheet.nodes})))
    applies = [(node, mark) for node in sheet.nodes if (mark := marks[node.name]) is not None]
    whole = math.fsum(node.weight for node, _ in applies)
    part = math.fsum(node.weight * mark / node.points for node, mark in applies)
    total = round(min(FULL * part / whole, FULL), _ROUNDING) if whole else FULL
    fatal = tuple(node.name for node, mark in applies if node.fatal and mark == 0)
    return Scored(total, total >= sheet.pass_mark and not fatal, fatal)


def _fits(node: SheetNode, marks: Marks) -> bool:
    if node.name not in marks:
        return False
    mark = marks[node.name]
    return mark is None or 0 <= mark <= node.points
