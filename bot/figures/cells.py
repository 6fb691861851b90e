"""How is a figure shown: to people in a table, to spreadsheets as CSV, to programs as JSON?"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final

from handoff import Share, Spread, Timing
from knowledge_base import spreadsheet_text

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    files("bot.figures").joinpath("words.toml").read_text(encoding="utf-8")
)
_NOTHING: Final = "–"
BOM: Final = "\ufeff"  # without it Excel takes UTF-8 for the system's code page


class Format(StrEnum):
    """What a report is written as."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Seconds:
    """A duration."""

    value: float | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share, 0–1."""

    value: float | None


Cell = str | int | float | Seconds | Ratio | None
Line = Mapping[str, Cell]


def said(name: str, **values: object) -> str:
    """A sentence of the catalogue."""
    section, _, key = name.partition(".")
    return _TEXTS[section][key].format(**values)


def timing(name: str, told: Timing) -> dict[str, Cell]:
    """The fields of a duration on both clocks."""
    return {**spread(name, told.wall), **spread(f"{name}_business", told.business)}


def spread(name: str, told: Spread) -> dict[str, Cell]:
    """The fields of a duration."""
    return {
        f"{name}.n": told.n,
        f"{name}.mean": Seconds(told.mean),
        f"{name}.median": Seconds(told.median),
        f"{name}.p90": Seconds(told.p90),
    }


def share(name: str, told: Share) -> dict[str, Cell]:
    """The fields of a share: with what it is a share of."""
    return {name: Ratio(told.value), f"{name}.n": told.whole}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines under headings. shown: the fields a table has room for; CSV and JSON have them all."""

    name: str
    title: str
    lines: Sequence[Line]
    shown: Sequence[str]
    empty: bool = False
    dated: bool = True  # whether it is about the period that was asked for

    def as_csv(self) -> str:
        """For spreadsheets: every field, durations in seconds, shares from 0 to 1; no cell is run as a formula."""
        target = io.StringIO()
        writer = csv.writer(target)
        fields = list(self.lines[0]) if self.lines else list(self.shown)
        writer.writerow([_csv_heading(field, self.lines) for field in fields])
        writer.writerows([[_for_spreadsheets(line[field]) for field in fields] for line in self.lines])
        return target.getvalue()

    def as_plain(self) -> list[dict[str, object]]:
        """For programs: every field by its name."""
        return [{_plain_name(field, cell): _plain(cell) for field, cell in line.items()} for line in self.lines]


def as_json(value: object) -> str:
    """One JSON document, Chinese readable."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def heading(field: str) -> str:
    """What stands above a field."""
    name, _, statistic = field.partition(".")
    above = _TEXTS["headings"][name]
    return f"{above}·{_TEXTS['statistics'][statistic]}" if statistic else above


def duration(seconds: float | None) -> str:
    """As people say it."""
    if seconds is None:
        return _NOTHING
    whole = round(seconds)
    units = _TEXTS["units"]
    if whole < 60:  # noqa: PLR2004 - a minute
        return units["seconds"].format(seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return units["minutes"].format(minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004 - a day
        return units["hours"].format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return units["days"].format(days=days, hours=hours)


def percent(value: float | None) -> str:
    """A share as people read it."""
    return _NOTHING if value is None else f"{value:.1%}"


def for_people(cell: Cell) -> str:
    """A cell in words."""
    match cell:
        case None:
            return _NOTHING
        case Seconds(value):
            return duration(value)
        case Ratio(value):
            return percent(value)
        case float():
            return f"{cell:.2f}"
        case _:
            return str(cell)


def _for_spreadsheets(cell: Cell) -> str | int | float:
    match cell:
        case Seconds(value) | Ratio(value):
            return "" if value is None else round(value, 4)
        case None:
            return ""
        case str():
            return spreadsheet_text(cell)
        case float():
            return round(cell, 4)
        case _:
            return cell


def _csv_heading(field: str, lines: Sequence[Line]) -> str:
    above = heading(field)
    seconds = bool(lines) and isinstance(lines[0][field], Seconds)
    return _TEXTS["units_csv"]["duration"].format(heading=above) if seconds else above


def _plain_name(field: str, cell: Cell) -> str:
    name = field.replace(".", "_")
    return f"{name}_s" if isinstance(cell, Seconds) and not name.endswith("_s") else name


def _plain(cell: Cell) -> object:
    return cell.value if isinstance(cell, Seconds | Ratio) else cell
