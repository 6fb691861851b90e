"""How do figures become a workbook that spreadsheets open?"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from bot.figures.cells import Cell, Ratio, Seconds, Sheet, heading
from knowledge_base import spreadsheet_text

_TITLE: Final = 31  # characters of a worksheet's name that Excel takes
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_RATIO, _SECONDS = "0.0%", "0.0"


def as_workbook(sheets: Sequence[Sheet]) -> bytes:
    """One worksheet a report: shares as percentages, durations in seconds; no cell is run as a formula."""
    book = Workbook(write_only=True)
    for each in sheets:
        page = book.create_sheet(each.title.translate(_FORBIDDEN)[:_TITLE])
        page.freeze_panes = "B2"
        fields = list(each.lines[0]) if each.lines else list(each.shown)
        headings = [WriteOnlyCell(page, spreadsheet_text(heading(field))) for field in fields]
        for cell in headings:
            cell.font = Font(bold=True)
        page.append(headings)
        for line in each.lines:
            page.append([_cell(page, line[field]) for field in fields])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(page: object, cell: Cell) -> object:
    match cell:
        case Seconds(value):
            return _number(page, value, _SECONDS)
        case Ratio(value):
            return _number(page, value, _RATIO)
        case str():
            return spreadsheet_text(cell)
        case _:
            return cell


def _number(page: object, value: float | None, form: str) -> object:
    made = WriteOnlyCell(page, value)
    made.number_format = form
    return made
