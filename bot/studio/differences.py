"""What is different between two versions of a script, field by field and line by line?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from knowledge_base import Script, to_plain

Mark = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a field, in one version or in both."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs. name: as in the YAML format, "answers.wecom_kf" for one of several."""

    name: str
    lines: Sequence[Line]


def differences(before: Script | None, after: Script) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the format; before: None where there was nothing."""
    old = _fields(to_plain(before)) if before else {}
    new = _fields(to_plain(after))
    names = [name for name in (*new, *(each for each in old if each not in new)) if old.get(name) != new.get(name)]
    return tuple(FieldChange(name, tuple(_lines(old.get(name, ()), new.get(name, ())))) for name in names)


def _fields(plain: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in plain.items():
        match value:
            case dict():
                found |= {f"{name}.{key}": tuple(str(each).splitlines()) for key, each in value.items()}
            case list() if name == "category":
                found[name] = ("/".join(value),)
            case list():
                found[name] = tuple(_in_a_line(each) for each in value)
            case _:
                found[name] = tuple(str(value).splitlines())
    return found


def _in_a_line(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    parts = ("、".join(each) if isinstance(each, list) else str(each) for each in value.values())
    return " | ".join(parts)


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Line("same", text) for text in old[first:last])
        else:
            yield from (Line("gone", text) for text in old[first:last])
            yield from (Line("new", text) for text in new[start:end])
