"""Which entities does an annotated example carry? `[上海](city)` and `[北京]{"entity": "city"}` (Rasa 3.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from nlu.problems import MarkInvalid, NotWritable, mistake
from nlu.training_data import Entity, Example

# As Rasa's own (rasa/shared/nlu/training_data/entities_parser.py), except that [微笑][微笑] is no mark: such are the
# emoji codes of WeChat, and Rasa would swallow the second.
_MARK = re.compile(
    r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^:()]+)(?::(?P<value>[^)]+))?\)|(?P<one>\{[^}]+\})|(?P<many>\[\{.+?\}\]))"
)
_SHORT = re.compile(r"[^:()\s\]](?:[^:()\]]*[^:()\s\]])?")


def parse_example(annotated: str) -> tuple[str, tuple[Entity, ...]]:
    """Split an annotated example into its text and its entities; spans count in the text without marks.

    Raises:
        MarkInvalid: a mark in braces is not JSON with the key "entity".
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


def annotate(example: Example) -> str:
    """Write the entities into the text; `parse_example` gives both back.

    Raises:
        NotWritable: entities overlap or are empty, or the text holds brackets that would be read as a mark.
    """
    pieces: list[str] = []
    position = 0
    spans = groupby(sorted(example.entities, key=lambda each: each.start), key=lambda each: (each.start, each.end))
    for (start, end), entities in spans:
        if not position <= start < end <= len(example.text):
            raise NotWritable(mistake("overlapping", text=example.text))
        pieces += [example.text[position:start], f"[{example.text[start:end]}]", _mark(example.text, tuple(entities))]
        position = end
    annotated = "".join([*pieces, example.text[position:]])
    if not _reads_as(annotated, example):
        raise NotWritable(mistake("like_a_mark", text=example.text))
    return annotated


def _reads_as(annotated: str, example: Example) -> bool:
    try:
        return parse_example(annotated) == (example.text, tuple(sorted(example.entities, key=lambda each: each.start)))
    except MarkInvalid:
        return False


def _mark(text: str, entities: tuple[Entity, ...]) -> str:
    if len(entities) == 1:
        (one,) = entities
        is_as_written = one.value == text[one.start : one.end]
        if is_as_written and not one.role and not one.group and _SHORT.fullmatch(one.type):
            return f"({one.type})"
        return _json(one, is_as_written=is_as_written)
    return "[" + ",".join(_json(one, is_as_written=one.value == text[one.start : one.end]) for one in entities) + "]"


def _json(entity: Entity, *, is_as_written: bool) -> str:
    fields = {
        "entity": entity.type,
        **({} if is_as_written else {"value": entity.value}),
        **({"role": entity.role} if entity.role else {}),
        **({"group": entity.group} if entity.group else {}),
    }
    # the end of a mark is found by its braces: none may stand inside; and a block's line has no line ends
    inside = "".join(_escaped(character) for character in json.dumps(fields, ensure_ascii=False)[1:-1])
    return f"{{{inside}}}"


def _escaped(character: str) -> str:
    if character in "{}]" or not (character.isprintable() or ord(character) > 0xFFFF):  # noqa: PLR2004 - the BMP's end
        return f"\\u{ord(character):04x}"
    return character


def _fields(mark: re.Match[str]) -> Iterator[Mapping[str, object]]:
    if mark["entity"]:
        yield {"entity": mark["entity"].strip(), **({"value": mark["value"]} if mark["value"] else {})}
        return
    try:
        found = json.loads(mark["one"] or mark["many"])
    except (ValueError, RecursionError) as error:  # of a number too long, and of brackets too deep, too
        raise MarkInvalid(mistake("mark_not_json", word=mark["text"])) from error
    for entry in found if isinstance(found, list) else [found]:
        fields = entry if isinstance(entry, dict) else {}
        if not isinstance(fields.get("entity"), str):
            raise MarkInvalid(mistake("mark_without_entity", word=mark["text"]))
        yield fields


def _entity(fields: Mapping[str, object], text: str, start: int, end: int) -> Entity:
    value = fields.get("value", text)
    return Entity(
        str(fields["entity"]), start, end, str(value), str(fields.get("role", "")), str(fields.get("group", ""))
    )
