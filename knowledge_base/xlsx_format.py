"""How are scripts read from and written to an Excel workbook?"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from knowledge_base.problems import ImportFailed, Problem
from knowledge_base.script import Script
from knowledge_base.table_format import read_rows, to_rows

MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # a workbook is a zip: a small one may unpack to anything
_WIDTH = 28


def read_xlsx(file: Path, content: bytes) -> tuple[Script, ...]:
    """Read the first sheet; formulas are not run, their last result is taken.

    Raises:
        ImportFailed: with row and heading of every mistake.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise ImportFailed((Problem(file, 1, "", "unpacks to more than 256 MiB; split it"),))
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        rows = [[_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError) as error:
        message = "not an Excel workbook (.xlsx); save it again as .xlsx or as CSV UTF-8"
        raise ImportFailed((Problem(file, 1, "", message),)) from error
    return read_rows(file, rows)


def write_xlsx(scripts: Sequence[Script]) -> bytes:
    """Write scripts as a workbook of one sheet with wrapped cells and a fixed heading row.

    Raises:
        ValueError: a script does not fit a table, or holds control characters.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = "话术"
    try:
        for row in to_rows(scripts):
            sheet.append(row)
    except IllegalCharacterError as error:
        raise ValueError("a script holds a control character, which Excel refuses; remove it") from error
    sheet.freeze_panes = "A2"
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = _WIDTH
        column[0].font = Font(bold=True)
        for cell in column[1:]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.value is not None:
                cell.data_type = "s"  # text stays text, whatever it looks like
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


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
