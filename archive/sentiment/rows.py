"""Which texts with a judgement does a file hold, and which line of it is wrong?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TEXTS = ("review", "text", "text_a", "sentence")
_GOODS = ("cat", "category")
_LABELS = {"1": 1, "0": -1, "-1": -1, "neutral": 0, "positive": 1, "negative": -1}
_LONGEST_FIELD = 1_000_000  # characters; a quote that was never closed swallows the file

ADVICE = "a label is 1 or positive (good), 0, -1 or negative (bad), or neutral"


class RowsUnreadable(Exception):  # noqa: N818 - reads as the fact it is
    """A file of judged texts cannot be used; the message names file and line and says what to do."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A text somebody judged.

    label: 1 good, -1 bad, 0 neither. goods: what kind of thing it speaks of, "" unknown. part: texts of one part say
    alike things and are left out together when a model is tried; None where nothing is known of that.
    """

    text: str
    label: int
    goods: str = ""
    part: int | None = None


def read_rows(path: Path) -> list[Judged]:
    """Read CSV (columns label, review; optional cat), TSV (.tsv) or JSON lines (.json, .jsonl).

    The text may also be called text, text_a or sentence. Raises RowsUnreadable.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RowsUnreadable(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise RowsUnreadable(f"{path}: cannot be read ({error.strerror})") from error
    suffix = path.suffix.lower()
    lines = (
        _json_lines(path, content) if suffix in {".json", ".jsonl"} else _table(path, content, tabs=suffix == ".tsv")
    )
    rows = [_judged(path, line, fields) for line, fields in lines]
    if not rows:
        raise RowsUnreadable(f"{path}: holds no rows; expected columns label and review")
    return rows


def _table(path: Path, content: str, *, tabs: bool) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line where each row ends, and its fields. A TSV has no quotes: a tab parts, a line end ends."""
    csv.field_size_limit(_LONGEST_FIELD)
    if tabs:
        reader = csv.reader(content.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(io.StringIO(content, newline=""))
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(path, names)
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(names):
                raise _at(path, reader.line_num, f"{len(fields)} fields where the first line names {len(names)}")
            yield reader.line_num, dict(zip(names, fields, strict=True))
    except csv.Error as error:
        raise _at(path, reader.line_num, f"{error}; is a quote left open?") from error


def _check_names(path: Path, names: Sequence[str]) -> None:
    if "label" not in names or not any(name in names for name in _TEXTS):
        raise RowsUnreadable(f"{path}:1: the first line must name the columns label and review, not {names[:6]}")


def _json_lines(path: Path, content: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _at(path, number, f"no JSON ({error}); expected one object a line") from error
        if not isinstance(fields, dict):
            raise _at(path, number, "no object; expected {" + '"label": 1, "review": "…"}')
        yield number, fields


def _judged(path: Path, line: int, fields: Mapping[str, object]) -> Judged:
    text = _first(fields, _TEXTS)
    if not isinstance(text, str):
        raise _at(path, line, "no text; expected a column review")
    label = _LABELS.get(str(fields.get("label")).strip().lower())
    if label is None:
        raise _at(path, line, f"label {str(fields.get('label'))[:20]!r} is unknown; {ADVICE}")
    return Judged(text, label, str(_first(fields, _GOODS) or ""))


def _first(fields: Mapping[str, object], names: Iterable[str]) -> object:
    return next((fields[name] for name in names if name in fields), None)


def _at(path: Path, line: int, problem: str) -> RowsUnreadable:
    return RowsUnreadable(f"{path}:{line}: {problem}")
