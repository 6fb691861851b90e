"""What may stand in scoresheet.yaml? Sheets by which people score conversations, and what they become."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from archive.reviews import ScoreSheet, SheetNode
from bot.content.problems import PackProblem, dotted, line_of, problem
from handoff import mistake

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NodeShape(_Shape):
    """`{name: 开场问候, weight: 10, points: 1, fatal: false, ask: …, rules: […]}`."""

    name: Name
    weight: float = Field(gt=0, le=1000)
    points: int = Field(default=1, ge=1, le=10)
    fatal: bool = False
    ask: Text = ""
    rules: tuple[Name, ...] = ()


class SheetShape(_Shape):
    """`{name: 人工接待, pass: 80, nodes: […]}`."""

    name: Name
    pass_mark: float = Field(alias="pass", ge=0, le=100)
    nodes: Annotated[tuple[NodeShape, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [node.name for node in self.nodes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise mistake("nodes_called_alike", name=twice[0])
        return self


class SheetsShape(_Shape):
    """scoresheet.yaml."""

    version: Literal[1] = 1
    sheets: tuple[SheetShape, ...] = ()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [sheet.name for sheet in self.sheets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise mistake("sheets_called_alike", name=twice[0])
        return self


def sheet_problems(file: str, data: object, shape: SheetsShape, rules: Collection[str]) -> list[PackProblem]:
    """Nodes that name a rule which quality.yaml does not have would never be compared with it."""
    found = [
        (("sheets", number, "nodes", place, "rules"), rule)
        for number, sheet in enumerate(shape.sheets)
        for place, node in enumerate(sheet.nodes)
        for rule in node.rules
        if rule not in rules
    ]
    return [problem(file, line_of(data, at), "no_quality_rule", where=dotted(at), name=rule) for at, rule in found]


def sheets_of(shape: SheetsShape) -> tuple[ScoreSheet, ...]:
    """The sheets as sessions are scored by them."""
    return tuple(
        ScoreSheet(
            sheet.name,
            sheet.pass_mark,
            tuple(
                SheetNode(each.name, each.weight, each.points, each.fatal, each.ask, each.rules) for each in sheet.nodes
            ),
        )
        for sheet in shape.sheets
    )
