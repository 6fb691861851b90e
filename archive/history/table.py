"""How is CSV read: a header with customer, role, at, text, and perhaps account, who, room, kind, id?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from archive.entry import Entry
from archive.history.rows import Origin, RowProblem, entry_of

NEEDED = ("customer", "role", "at", "text")
CELL = 2**20  # characters of a cell; the csv module's own limit of 128 Ki is below what people paste


def read_csv(lines: Iterable[str], origin: Origin) -> Iterator[Entry | RowProblem]:
    """Each row's entry, or what is wrong with it."""
    csv.field_size_limit(CELL)
    rows = csv.reader(lines, strict=True)
    try:
        header = [each.strip().lower() for each in next(rows, [])]
    except csv.Error as error:
        yield RowProblem(1, f"is not CSV ({error}); save it as comma-separated UTF-8")
        return
    if missing := [each for each in NEEDED if each not in header]:
        yield RowProblem(1, f"the header lacks {missing[0]!r}; the first row names the columns: {', '.join(NEEDED)}")
        return
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:  # where one row ends is not known any more
            yield RowProblem(rows.line_num, f"is not CSV ({error}); correct it and import again: nothing is doubled")
            return
        if len(cells) not in (0, len(header)):
            yield RowProblem(rows.line_num, f"has {len(cells)} cells, the header {len(header)}; quote text with commas")
        elif any(cells):
            named = {name: cell for name, cell in zip(header, cells, strict=True) if cell or name in NEEDED}
            yield entry_of(named, rows.line_num, origin)
