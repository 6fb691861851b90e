"""How is a figure shown: to people in tables, to spreadsheets, to programs?

Front door: `Sheet` of `Line`s of cells (`Seconds`, `Ratio` …), `as_workbook`, `said`; `lines` makes them of measures.
"""

from bot.figures.cells import (
    BOM,
    Cell,
    Format,
    Line,
    Ratio,
    Seconds,
    Sheet,
    as_json,
    duration,
    for_people,
    heading,
    percent,
    said,
    share,
    spread,
)
from bot.figures.workbook import as_workbook

__all__ = [
    "BOM",
    "Cell",
    "Format",
    "Line",
    "Ratio",
    "Seconds",
    "Sheet",
    "as_json",
    "as_workbook",
    "duration",
    "for_people",
    "heading",
    "percent",
    "said",
    "share",
    "spread",
]
