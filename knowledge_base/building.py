"""How do the raw values of a file become scripts, with every mistake kept?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.attachments import Attachment, attachment_from_plain
from knowledge_base.hours import Window, parse_window
from knowledge_base.problems import ImportFailed, Problem, ScriptInvalid
from knowledge_base.script import Script


@dataclass(frozen=True, slots=True)
class RawScript:
    """Values of one script as a file gives them, before any check.

    row: where it stands. values: by field name of `Script`. rows: where single fields stand, if known.
    columns: what the file calls a field, if it has its own words.
    """

    row: int
    values: Mapping[str, Any]
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gave. left_out: what it holds and we cannot keep, where it stands."""

    scripts: tuple[Script, ...]
    left_out: tuple[Problem, ...] = ()


def build_all(file: Path, raw: Iterable[RawScript], problems: Iterable[Problem] = ()) -> tuple[Script, ...]:
    """Check every script of a file.

    Raises:
        ImportFailed: any mistake at all, those in `problems` included; nothing is given out then.
    """
    found = list(problems)
    scripts: list[Script] = []
    seen: dict[str, int] = {}
    for entry in raw:
        script = _build(file, entry, found)
        if script is None:
            continue
        if script.id in seen:
            message = f"the id {script.id!r} is used twice, first at {seen[script.id]}; give each script its own"
            found.append(Problem(file, entry.rows.get("id", entry.row), entry.columns.get("id", "id"), message))
        seen.setdefault(script.id, entry.row)
        scripts.append(script)
    if found:
        raise ImportFailed(tuple(sorted(found, key=lambda problem: problem.row)))
    return tuple(scripts)


def script_of(values: Mapping[str, Any]) -> Script:
    """The script of one form: values as in the YAML format, by field name of `Script`.

    Raises:
        ImportFailed: every mistake; the column of each is the field.
    """
    (script,) = build_all(Path("form"), [RawScript(1, values)])
    return script


def _build(file: Path, entry: RawScript, problems: list[Problem]) -> Script | None:
    values: dict[str, Any] = {}
    failed = False
    for name, value in entry.values.items():
        try:
            values[name] = _READERS[name](value) if name in _READERS else _text(value)
        except (ValueError, ScriptInvalid) as error:
            reason = error.reason if isinstance(error, ScriptInvalid) else str(error)
            problems.append(_problem(file, entry, name, reason))
            failed = True
    for name in ("id", "title", "stage", "questions", "answers"):
        if name not in entry.values:
            problems.append(_problem(file, entry, name, "is missing; write it"))
            failed = True
    if failed:
        return None
    values.setdefault("category", ())
    try:
        return Script(**values)
    except ScriptInvalid as error:
        problems += [_problem(file, entry, each.field, each.reason) for each in (error, *error.more)]
        return None


def _problem(file: Path, entry: RawScript, name: str, message: str) -> Problem:
    top = name.partition(".")[0]
    row = entry.rows.get(name, entry.rows.get(top, entry.row))
    return Problem(file, row, entry.columns.get(name, entry.columns.get(top, name)), message)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")  # noqa: TRY004 - one kind of error for a wrong value
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("must be a list of texts")  # noqa: TRY004
    return tuple(_text(entry) for entry in value)


def _answers(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("must be texts by channel, e.g. `default: …`")  # noqa: TRY004
    return {_text(channel): _text(text) for channel, text in value.items()}


def _date(value: Any) -> date | None:
    text = _text(value)
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise ValueError(f"{text[:20]!r} is no date; write it as 2026-01-31") from error


def _optional(value: Any) -> str | None:
    return _text(value) or None


def _hours(value: Any) -> tuple[Window, ...]:
    return tuple(parse_window(text) for text in _texts(value))


def _attachments(value: Any) -> tuple[Attachment, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, Mapping) for each in value):
        raise ValueError("must be a list of attachments, each `kind: picture`, video, link, mini_program or menu")
    made: list[Attachment] = []
    for number, each in enumerate(value, start=1):
        try:
            made.append(attachment_from_plain(each))
        except ScriptInvalid as error:
            raise ValueError(f"number {number}: {error.field}: {error.reason}") from error
    return tuple(made)


_READERS: dict[str, Callable[[Any], object]] = {
    "category": _texts,
    "questions": _texts,
    "related": _texts,
    "channels": _texts,
    "scenes": _texts,
    "tags": _texts,
    "regions": _texts,
    "hours": _hours,
    "attachments": _attachments,
    "answers": _answers,
    "valid_from": _date,
    "valid_until": _date,
    "intent": _optional,
}
