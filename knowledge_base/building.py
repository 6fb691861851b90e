"""How do the raw values of a file become scripts, with every mistake kept?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.attachments import Attachment, attachment_from_plain
from knowledge_base.checks import text_of
from knowledge_base.hours import Window, parse_window
from knowledge_base.problems import ImportFailed, Mistake, Problem, ScriptInvalid, Term, mistake
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
            found.append(_problem(file, entry, "id", mistake("id_twice", id=script.id, row=seen[script.id])))
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
            values[name] = _READERS.get(name, text_of)(name, value)
        except ScriptInvalid as error:
            problems.append(_problem(file, entry, name, error.mistake))
            failed = True
    for name in ("id", "title", "stage", "questions", "answers"):
        if name not in entry.values:
            problems.append(_problem(file, entry, name, mistake("missing")))
            failed = True
    if failed:
        return None
    values.setdefault("category", ())
    try:
        return Script(**values)
    except ScriptInvalid as error:
        problems += [_problem(file, entry, each.field, each.mistake) for each in (error, *error.more)]
        return None


def _problem(file: Path, entry: RawScript, name: str, wrong: Mistake) -> Problem:
    top = name.partition(".")[0]
    row = entry.rows.get(name, entry.rows.get(top, entry.row))
    return Problem(file, row, entry.columns.get(name, entry.columns.get(top, name)), wrong)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ScriptInvalid(name, mistake("no_texts"))
    return tuple(text_of(name, entry) for entry in value)


def _answers(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ScriptInvalid(name, mistake("no_answers"))
    return {text_of(name, channel): text_of(name, text) for channel, text in value.items()}


def _date(name: str, value: Any) -> date | None:
    text = text_of(name, value)
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise ScriptInvalid(name, mistake("no_date", value=text[:20])) from error


def _optional(name: str, value: Any) -> str | None:
    return text_of(name, value) or None


def _hours(name: str, value: Any) -> tuple[Window, ...]:
    return tuple(parse_window(text) for text in _texts(name, value))


def _attachments(name: str, value: Any) -> tuple[Attachment, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, Mapping) for each in value):
        raise ScriptInvalid(name, mistake("no_attachments"))
    made: list[Attachment] = []
    for number, each in enumerate(value, start=1):
        try:
            made.append(attachment_from_plain(each))
        except ScriptInvalid as error:
            wrong = mistake("attachment", number=number, part=Term(error.field), mistake=error.mistake)
            raise ScriptInvalid(name, wrong) from error
    return tuple(made)


_READERS: dict[str, Callable[[str, Any], object]] = {
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
