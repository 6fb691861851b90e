"""Which entities does an annotated example carry? `[上海](city)` and `[北京]{"entity": "city"}` (Rasa 3.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from nlu.training_data import Entity

_MARK = re.compile(
    r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^:()]+)(?::(?P<value>[^()]+))?\)|(?P<one>\{[^{}]+\})|(?P<many>\[\{.+?\}\]))"
)


def parse_example(annotated: str) -> tuple[str, tuple[Entity, ...]]:
    """Split an annotated example into its text and its entities; spans count in the text without marks.

    Raises:
        ValueError: a mark in braces is not JSON with the key "entity".
    """
    plain: list[str] = []
    entities: list[Entity] = []
    length = position = 0
    for mark in _MARK.finditer(annotated):
        before = annotated[position : mark.start()]
        start = length + len(before)
        end = start + len(mark["text"])
        plain += [before, mark["text"]]
        entities += [_entity(fields, mark["text"], start, end) for fields in _fields(mark)]
        length, position = end, mark.end()
    plain.append(annotated[position:])
    return "".join(plain), tuple(entities)


def _fields(mark: re.Match[str]) -> list[Mapping[str, object]]:
    if mark["entity"]:
        return [{"entity": mark["entity"].strip(), **({"value": mark["value"]} if mark["value"] else {})}]
    try:
        found = json.loads(mark["one"] or mark["many"])
    except json.JSONDecodeError as error:
        raise ValueError(f'the mark after [{mark["text"]}] is not JSON: write {{"entity": "name"}}') from error
    entries = found if isinstance(found, list) else [found]
    if not all(isinstance(entry, dict) and isinstance(entry.get("entity"), str) for entry in entries):
        raise ValueError(f'the mark after [{mark["text"]}] names no entity: write {{"entity": "name"}}')
    return entries


def _entity(fields: Mapping[str, object], text: str, start: int, end: int) -> Entity:
    value = fields.get("value", text)
    return Entity(
        str(fields["entity"]), start, end, str(value), str(fields.get("role", "")), str(fields.get("group", ""))
    )
