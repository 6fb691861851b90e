"""How is a CSV file from whatever spreadsheet program read, and written so that all of them open it?"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from knowledge_base.problems import ImportFailed, Problem, mistake
from knowledge_base.script import Script
from knowledge_base.table_format import read_rows, to_rows

_BOM = "\ufeff"  # tells Excel that the file is UTF-8


def decode(file: Path, content: bytes) -> str:
    """UTF-8 with or without byte order mark, UTF-16 with one (Excel's "Unicode text"), else GB18030 (Chinese Excel).

    Raises:
        ImportFailed: neither fits.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportFailed((Problem(file, 1, "", mistake("no_encoding")),))


def read_csv(file: Path, content: bytes) -> tuple[Script, ...]:
    """Read scripts; the separator may be comma, semicolon or tab, as the heading row shows.

    Raises:
        ImportFailed: with row and heading of every mistake.
    """
    text = decode(file, content)
    heading = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=heading.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise ImportFailed((Problem(file, 1, "", mistake("not_csv", error=str(error))),)) from error
    return read_rows(file, rows)


def write_csv(scripts: Sequence[Script]) -> bytes:
    """Write scripts as CSV UTF-8 with byte order mark."""
    stream = StringIO(newline="")
    csv.writer(stream).writerows(to_rows(scripts))
    return (_BOM + stream.getvalue()).encode("utf-8")
