"""How does a report look in a terminal?"""

from __future__ import annotations

import io
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.figures import Sheet, for_people, heading

NARROWEST: Final = 120  # columns: where there is no terminal, so many are assumed


def as_table(sheet: Sheet) -> str:
    """Aligned by the width of Chinese characters; numbers to the right."""
    table = Table(header_style="bold")
    for number, field in enumerate(sheet.shown):
        table.add_column(heading(field), justify="left" if number == 0 else "right", overflow="fold")
    for line in sheet.lines:
        table.add_row(*(Text(for_people(line[field])) for field in sheet.shown))
    target = io.StringIO()
    Console(file=target, width=max(Console().width, NARROWEST)).print(table)
    return target.getvalue()
