"""Which formats of history files are there, and how is one read without holding it in memory?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from archive.entry import Entry
from archive.errors import ArchiveError
from archive.history.jddc import read_jddc
from archive.history.jsonl import read_jsonl
from archive.history.rows import Origin, RowProblem
from archive.history.table import read_csv

FORMATS: Final[dict[str, Callable[[Iterable[str], Origin], Iterator[Entry | RowProblem]]]] = {
    "csv": read_csv,
    "jddc": read_jddc,
    "jsonl": read_jsonl,
}


class HistoryUnreadable(ArchiveError):  # noqa: N818 - reads as the fact it is
    """The file cannot be read as text; what was read before stays."""


def read_history(
    file: Path, form: str, origin: Origin, *, encoding: str = "utf-8-sig", seen: Callable[[int], None] = lambda _: None
) -> Iterator[Entry | RowProblem]:
    """Entries and problems of a file, row by row. form: of FORMATS. seen: is told the characters of each line.

    Raises HistoryUnreadable, OSError.
    """

    def lines() -> Iterator[str]:
        with file.open(encoding=encoding, newline="") as opened:
            for line in opened:
                seen(len(line))
                yield line.replace("\0", "")

    try:
        yield from FORMATS[form](lines(), origin)
    except (UnicodeDecodeError, LookupError) as error:
        raise HistoryUnreadable(
            f"{file}: is not {encoding}; save it as UTF-8, or name its encoding: --encoding gb18030"
        ) from error
