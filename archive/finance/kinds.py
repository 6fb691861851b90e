"""How does a message look to people, whatever it is made of? Words from a catalogue, nested ones within bounds."""

from __future__ import annotations

import json
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

DEEPEST = 4  # of records in records: the client folds them long before
MOST_ITEMS = 1_000  # of one message, over all levels
_CATALOGUE = tomllib.loads(files("archive.finance").joinpath("kinds.toml").read_text(encoding="utf-8"))
KINDS: Mapping[str, str] = _CATALOGUE["kinds"]
_OBJECTS: Mapping[str, str] = _CATALOGUE["objects"]
_WORDS: Mapping[str, Sequence[str]] = _CATALOGUE["words"]
_DEEPER: str = _CATALOGUE["phrases"]["deeper"]
_TOP_LEVEL = frozenset({"vote"})  # its fields lie at the top, in some clients under its name (§5.3)
_RECORD = "ChatRecord"  # prefix of the types inside a chatrecord

Fields = Mapping[str, object]


@dataclass(slots=True)
class _Reading:
    """What is left of the bounds while one message is read, and the files met on the way."""

    items: int = MOST_ITEMS
    files: list[tuple[str, Fields]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """kind: ours, "unknown" for what we do not know. text: as people see it. files: (msgtype, fields) with a file."""

    kind: str
    text: str
    fields: Fields
    files: tuple[tuple[str, Fields], ...] = ()


def show(msgtype: str, message: Fields) -> Shown:
    """One decrypted message as people see it."""
    if msgtype not in KINDS:
        return Shown("unknown", _say("unknown", {"msgtype": msgtype}), message)
    reading, fields = _Reading(), fields_of(msgtype, message)
    text = "\n".join(_lines(msgtype, fields, reading, DEEPEST))
    return Shown(KINDS[msgtype], text, fields, tuple(reading.files))


def fields_of(msgtype: str, message: Fields) -> Fields:
    """The object that holds what a message of this type says; empty where it is missing."""
    found = message.get(_OBJECTS.get(msgtype, msgtype))
    if isinstance(found, Mapping):
        return found
    return message if msgtype in _TOP_LEVEL else {}


def say_switched() -> str:
    """What is seen of a member who went to another corp."""
    return _say("switch", {})


def _lines(msgtype: str, fields: Fields, reading: _Reading, depth: int) -> Iterator[str]:
    if isinstance(fields.get("sdkfileid"), str):
        reading.files.append((msgtype, fields))
    if said := _say(msgtype if msgtype in _WORDS else "unknown", {"msgtype": msgtype, **fields}):
        yield said
    match msgtype:
        case "chatrecord" | "mixed":
            yield from _nested(fields, reading, depth)
        case "collect":
            yield from _each(fields.get("details"), "ques", reading)
        case "news":
            yield from _each(fields.get("item"), "title", reading)
        case _:
            pass


def _nested(fields: Fields, reading: _Reading, depth: int) -> Iterator[str]:
    items = fields.get("item")
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, Mapping):
            continue
        if depth == 0 or reading.items == 0:
            yield _DEEPER
            return
        reading.items -= 1
        name = str(item.get("type", "")).removeprefix(_RECORD).lower()
        yield from _lines(name, _content(item.get("content"), name), reading, depth - 1)


def _content(content: object, name: str) -> Fields:
    """The fields inside an item: a JSON string (§5.3), in some clients the object itself."""
    if isinstance(content, str):
        try:
            content = json.loads(content, strict=False)
        except (ValueError, RecursionError):
            return {"content": content}
    if not isinstance(content, Mapping):
        return {}
    inner = content.get(name)  # some clients wrap it under its type once more
    return inner if isinstance(inner, Mapping) else content


def _each(items: object, name: str, reading: _Reading) -> Iterator[str]:
    for item in items if isinstance(items, list) else []:
        if isinstance(item, Mapping) and reading.items > 0 and (said := _word(item.get(name))):
            reading.items -= 1
            yield said


def _say(name: str, fields: Fields) -> str:
    return " ".join(part for template in _WORDS[name] if (part := _part(template, fields)))


def _part(template: str, fields: Fields) -> str:
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    words = {name: _word(fields.get(name)) for name in names}
    return template.format(**words) if all(words.values()) else ""


def _word(value: object) -> str:
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case list():
            return "、".join(filter(None, map(_word, value[:MOST_ITEMS])))
        case _:
            return ""
