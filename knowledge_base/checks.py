"""Is one value of a script well formed?"""

from __future__ import annotations

import re
from typing import Any

from knowledge_base.problems import ScriptInvalid, mistake, terms

_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no encoding can write it
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,56}")  # with 7 bytes before it fits a menu item's id, 64 [W 94677]


def check_id(value: str, field_name: str = "id") -> None:
    """Raise ScriptInvalid where the id is not of the allowed form."""
    if not _ID.fullmatch(value):
        raise ScriptInvalid(field_name, mistake("no_id", value=value[:40]))


def text_of(name: str, value: Any) -> str:
    """The text without space around it. Raises ScriptInvalid where the value is none."""
    if not isinstance(value, str):
        raise ScriptInvalid(name, mistake("no_text"))
    return value.strip()


def check_text(name: str, value: str, longest: int) -> None:
    """Raise ScriptInvalid for a text that is blank, longer than so many characters or no text at all."""
    if not value.strip():
        raise ScriptInvalid(name, mistake("empty"))
    if len(value) > longest:
        raise ScriptInvalid(name, mistake("too_long", size=len(value), most=longest))
    if "\0" in value or _SURROGATE.search(value):
        raise ScriptInvalid(name, mistake("half_characters"))


def check_bytes(name: str, value: str, most: int) -> None:
    """Raise ScriptInvalid for a text that is blank, no text, or longer than so many bytes of UTF-8."""
    check_text(name, value, most)
    if (size := len(value.encode())) > most:
        raise ScriptInvalid(name, mistake("too_many_bytes", size=size, most=most))


def check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise ScriptInvalid for a value that is not one of those."""
    if value not in allowed:
        raise ScriptInvalid(name, mistake("no_choice", value=value[:40], choices=terms(*allowed)))
