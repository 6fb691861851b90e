"""How are scripts read from and written to an Excel workbook?"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge_base.problems import ImportFailed, LeftOut, Mistake, NotAllKept, Problem, mistake
from knowledge_base.script import Script
from knowledge_base.table_format import COLUMNS, REQUIRED, STAGE_WORDS, STATE_WORDS, read_rows, to_rows
from knowledge_base.words import words

MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # a workbook is a zip: a small one may unpack to anything
MAX_CELL_CHARACTERS = 32_767  # Excel's; openpyxl would cut the rest off without a word
_SHEET = "话术"
_WIDTH = 28
_MEANING_WIDTH = 100
_LAST_ROW = 1_048_576  # Excel's
_DROP_DOWNS = {"阶段": STAGE_WORDS, "状态": STATE_WORDS}


def read_xlsx(file: Path, content: bytes) -> tuple[Script, ...]:
    """Read the sheet 话术, or the first where there is none; formulas are not run, their last result is taken.

    Raises:
        ImportFailed: with row and heading of every mistake.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            wrong = mistake("unpacks_too_large", most=MAX_UNPACKED_BYTES // 1024**2)
            raise ImportFailed((Problem(file, 1, "", wrong),))
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book[_SHEET] if _SHEET in book.sheetnames else book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError) as error:
        raise ImportFailed((Problem(file, 1, "", mistake("not_xlsx")),)) from error
    return read_rows(file, rows)


def write_xlsx(scripts: Sequence[Script]) -> bytes:
    """Write scripts as a workbook: one sheet with wrapped cells and drop-downs, one that explains the columns.

    Raises:
        NotAllKept: a cell would be longer than Excel keeps, or holds control characters.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = _SHEET
    _fill(sheet, to_rows(scripts))
    sheet.freeze_panes = "A2"
    for heading, allowed in _DROP_DOWNS.items():
        letter = get_column_letter(list(COLUMNS).index(heading) + 1)
        choice = DataValidation(type="list", formula1=f'"{",".join(allowed)}"', allow_blank=True)
        choice.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(choice)
    _explain(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _explain(book: Workbook) -> None:
    said, meanings = words("sheet"), words("columns")
    rows = [[said["column"], said["needed"], said["meaning"]]]
    rows += [[heading, said["yes" if heading in REQUIRED else "no"], meanings[heading]] for heading in COLUMNS]
    sheet = book.create_sheet(said["title"])
    _fill(sheet, rows)
    sheet.column_dimensions["C"].width = _MEANING_WIDTH


def _fill(sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    rows = list(rows)
    headings = rows[0]
    wrong = [
        LeftOut(row[0], heading, why)
        for row in rows
        for heading, cell in zip(headings, row, strict=True)
        if (why := _not_kept(cell)) is not None
    ]
    if wrong:
        raise NotAllKept(tuple(wrong))
    for row in rows:
        sheet.append(row)
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = _WIDTH
        column[0].font = Font(bold=True)
        for cell in column[1:]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.value is not None:
                cell.data_type = "s"  # text stays text, whatever it looks like


def _not_kept(cell: str) -> Mistake | None:
    """Why a workbook cannot hold this text."""
    if len(cell) > MAX_CELL_CHARACTERS:
        return mistake("cell_too_long", most=MAX_CELL_CHARACTERS)
    return mistake("control_characters") if ILLEGAL_CHARACTERS_RE.search(cell) else None


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)
