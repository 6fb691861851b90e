"""Which picture shows a sheet of figures, and which table says the same?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.console.catalogue import text
from bot.figures import Cell, Line, Ratio, Seconds, Sheet, for_people, heading

_DAY_LINES: Final = {  # of sheets by day: the fields that are drawn, and their unit
    "containment": (("contained", "handed_over", "durable"), "percent"),
    "service": (("first_response.median", "first_response.p90", "wait.median"), "minutes"),
    "satisfaction": (("mean_score",), "plain"),
}
_MOST_ROWS: Final = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its table. chart: what charts.js draws, None where there is nothing to draw.

    rows: the cells of each line in words, the first one heading it. links: by row, where it leads; empty for none.
    """

    name: str
    title: str
    note: str
    chart: Mapping[str, object] | None
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[str] = ()


def picture(sheet: Sheet, links: Sequence[str] = ()) -> Picture:
    """A sheet as it is shown."""
    chart = None if sheet.empty else _DRAWN.get(sheet.name, _nothing)(sheet)
    return Picture(
        name=sheet.name,
        title=text(f"report_titles.{sheet.name}"),
        note=text(f"report_notes.{sheet.name}"),
        chart=chart,
        headings=[heading(each) for each in sheet.shown],
        rows=[[for_people(line[each]) for each in sheet.shown] for line in sheet.lines],
        links=links,
    )


def _by_day(sheet: Sheet) -> Mapping[str, object] | None:
    fields, unit = _DAY_LINES[sheet.name]
    days = [line for line in sheet.lines if _is_day(line["key"])]
    return _chart(
        "line", unit, [str(line["key"])[5:] for line in days], [(heading(each), days, each) for each in fields]
    )


def _promises(sheet: Sheet) -> Mapping[str, object] | None:
    names = [str(line["metric"]) for line in sheet.lines]
    return _chart("bar", "percent", names, [(heading("kept"), sheet.lines, "kept")])


def _arrivals(sheet: Sheet) -> Mapping[str, object] | None:
    days = [str(line["day"])[5:] for line in sheet.lines]
    series = [(heading("told"), sheet.lines, "told"), (heading("was"), sheet.lines, "was")]
    return _chart("line", "plain", days, series, dashed=frozenset({"told"}))


def _staffing(sheet: Sheet) -> Mapping[str, object] | None:
    """Days over the quarters of an hour, coloured by how many are needed."""
    days = list(dict.fromkeys(str(line["day"]) for line in sheet.lines))
    quarters = sorted({str(line["quarter"]) for line in sheet.lines})
    cells = [
        [quarters.index(str(line["quarter"])), days.index(str(line["day"])), _number(line["agents"])]
        for line in sheet.lines
    ]
    series = [{"name": heading("agents"), "data": cells, "dashed": False}]
    return {"kind": "heat", "unit": "plain", "x": quarters, "y": [each[5:] for each in days], "series": series}


def _moods(sheet: Sheet) -> Mapping[str, object] | None:
    days = [str(line["day"])[5:] for line in sheet.lines]
    return _chart("line", "plain", days, [(heading("mood"), sheet.lines, "mood")])


def _topics(sheet: Sheet) -> Mapping[str, object] | None:
    lines = sheet.lines[:_MOST_ROWS]
    names = [str(line["topic"]) for line in lines]
    return _chart("rows", "plain", names, [(heading("asked"), lines, "asked"), (heading("before"), lines, "before")])


def _bursts(sheet: Sheet) -> Mapping[str, object] | None:
    lines = sheet.lines[:_MOST_ROWS]
    names = [str(line["word"]) for line in lines]
    series = [(heading("counted"), lines, "counted"), (heading("expected"), lines, "expected")]
    return _chart("rows", "plain", names, series)


def _nothing(_: Sheet) -> None:
    return None


_DRAWN: Final[Mapping[str, Callable[[Sheet], Mapping[str, object] | None]]] = {
    "containment": _by_day,
    "service": _by_day,
    "satisfaction": _by_day,
    "sla": _promises,
    "arrivals": _arrivals,
    "staffing": _staffing,
    "moods": _moods,
    "topics": _topics,
    "bursts": _bursts,
}


def _chart(
    kind: str,
    unit: str,
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[Line], str]],
    *,
    dashed: frozenset[str] = frozenset(),
) -> Mapping[str, object] | None:
    """None where there is nothing to be seen."""
    drawn = [
        {"name": name, "data": [_number(line[field]) for line in lines], "dashed": field in dashed}
        for name, lines, field in series
    ]
    if not any(_number(line[field]) is not None for _, lines, field in series for line in lines):
        return None
    return {"kind": kind, "unit": unit, "x": list(names), "series": drawn}


def _number(cell: Cell) -> float | None:
    match cell:
        case Seconds(value) | Ratio(value):
            return value
        case int() | float():
            return cell
        case _:
            return None


def _is_day(key: Cell) -> bool:
    """The total has no day."""
    try:
        return bool(date.fromisoformat(str(key)))
    except ValueError:
        return False
