"""Does a workbook hold figures as figures, and run nothing?"""

from __future__ import annotations

import io

from openpyxl import load_workbook

from bot.figures import Line, Ratio, Seconds, Sheet, as_workbook


def test_a_workbook_runs_no_formula() -> None:
    lines: list[Line] = [{"key": "=HYPERLINK(1)", "kept": Ratio(0.5), "wait.mean": Seconds(None)}]
    book = load_workbook(io.BytesIO(as_workbook([Sheet("x", "a/b[c]", lines, ("key",))])))
    rows = list(book.worksheets[0].iter_rows())
    assert [cell.value for cell in rows[1]] == ["'=HYPERLINK(1)", 0.5, None]
    assert rows[1][0].data_type == "s"
    assert rows[1][1].number_format == "0.0%"
