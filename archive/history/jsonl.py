"""How are JSON lines read: one object a line, {"customer", "role", "at", "text", …}?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from archive.entry import Entry
from archive.history.rows import Origin, RowProblem, entry_of


def read_jsonl(lines: Iterable[str], origin: Origin) -> Iterator[Entry | RowProblem]:
    """Each line's entry, or what is wrong with it; empty lines are passed over."""
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            yield RowProblem(row, "is not JSON; write one object a line, without a comma behind it")
            continue
        if not isinstance(fields, dict):
            yield RowProblem(row, 'is no object; write {"customer": …, "role": …, "at": …, "text": …}')
            continue
        yield entry_of(fields, row, origin)
