"""What does a platform's XML or JSON body say? Bounded, without DTDs or entities, as plain values."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NoReturn
from xml.parsers import expat

from bot.channels.base import BadPayload

MAX_CALLBACK_BYTES = 262_144  # wechat-platform §8.12: 256 KB is ample for a callback
MAX_XML_DEPTH = 16  # the deepest documented event nests 5 levels (SelectedItems of a template card)
MAX_JSON_DEPTH = 32
EARLIEST_S, LATEST_S = 1_000_000_000, 4_102_444_800  # 2001-09-09 to 2100-01-01: no honest instant lies outside

Form = Literal["xml", "json"]
Fields = Mapping[str, object]

# What XML 1.0 forbids. A customer's stray control character must not cost her the whole message.
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What databases refuse in text, though JSON can spell it: NUL and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """The fields of one body. XML leaves are strings; repeated elements are lists."""

    form: Form
    fields: dict[str, object]


def read_document(body: bytes) -> Document:
    """Read a callback's body, at most 256 KiB of UTF-8, in whichever format the account is set to.

    Raises BadPayload for anything else than `<xml>…</xml>` or a JSON object, for DTDs, entities
    and depth beyond any platform's use.
    """
    if len(body) > MAX_CALLBACK_BYTES:
        raise BadPayload("the body is larger than any callback")
    text = _decoded(body)
    if text.lstrip().startswith(("{", "[")):
        fields = _load_json(text)
        if not isinstance(fields, dict):
            raise BadPayload("the JSON body is not an object")
        return Document("json", fields)
    return Document("xml", _load_xml(text))


def read_json(body: bytes) -> object:
    """Read JSON of any size (an API's response) with every value storable. Raises BadPayload."""
    return _load_json(_decoded(body))


def text_at(fields: Fields, name: str) -> str:
    """The field as text, untouched; "" where it is missing or holds no single value."""
    match fields.get(name):
        case str(value):
            return value
        case bool():
            return ""
        case int(value):
            return str(value)
        case _:
            return ""


def word_at(fields: Fields, name: str) -> str:
    """The field as an identifier or name: text without surrounding white space."""
    return text_at(fields, name).strip()


def group_at(fields: Fields, name: str) -> Fields:
    """The nested fields of that name; empty where there are none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def instant_at(fields: Fields, name: str) -> datetime:
    """The field as seconds since 1970, in UTC. Raises BadPayload for nonsense."""
    value = word_at(fields, name)
    if not (value.isascii() and value.isdigit() and EARLIEST_S <= int(value[:20]) <= LATEST_S):
        raise BadPayload(f"{name} is not a time in seconds")
    return datetime.fromtimestamp(int(value), tz=UTC)


def digest(value: object) -> str:
    """A name for these contents: 40 hex digits, the same for equal values however they were ordered."""
    canonical = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:40]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPayload("the body is not UTF-8") from error


def _load_json(text: str) -> object:
    try:
        return _storable(json.loads(text, parse_constant=_refuse_constant), MAX_JSON_DEPTH)
    except (ValueError, RecursionError) as error:
        raise BadPayload("the body is not JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _storable(value: object, depth: int) -> object:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else None
        case dict() | list() if depth == 0:
            return None
        case dict():
            return {_UNSTORABLE.sub("\ufffd", key): _storable(item, depth - 1) for key, item in value.items()}
        case list():
            return [_storable(item, depth - 1) for item in value]
        case _:
            return value


class _XmlReader:
    """Builds plain values from expat's events.

    Unlike xmltodict it keeps the white space a customer typed, bounds the depth, and refuses a DTD
    before any entity could be declared.
    """

    __slots__ = ("_open", "root")

    def __init__(self) -> None:
        self._open: list[tuple[dict[str, object], list[str]]] = []
        self.root: dict[str, object] = {}

    def read(self, text: str) -> dict[str, object]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(text, True)
        return self.root

    def _refuse_doctype(self, *_declaration: object) -> NoReturn:
        raise BadPayload("document type declarations are refused")

    def _start(self, _name: str, _attributes: object) -> None:
        if len(self._open) == MAX_XML_DEPTH:
            raise BadPayload("the XML is nested too deeply")
        self._open.append(({}, []))

    def _characters(self, data: str) -> None:
        self._open[-1][1].append(data)

    def _end(self, name: str) -> None:
        children, text = self._open.pop()
        value: object = children or "".join(text)
        siblings = self._open[-1][0] if self._open else self.root
        match siblings.get(name):
            case None:
                siblings[name] = value
            case list(values):
                values.append(value)
            case first:
                siblings[name] = [first, value]


def _load_xml(text: str) -> dict[str, object]:
    try:
        root = _XmlReader().read(_ILLEGAL_IN_XML.sub("", text))
    except expat.ExpatError as error:
        raise BadPayload("the body is neither XML nor a JSON object") from error
    fields = root.get("xml")
    if not isinstance(fields, dict):
        raise BadPayload("the XML body has no fields under <xml>")
    return fields
