"""How do secrets stay out of logs and exceptions? Every foreign string passes through here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_CHARS = 6  # shorter values would blank out ordinary words

_NAMES = (
    "access_?token|refresh_?token|(?:provider|suite)_access_token|component_access_token|jsapi_ticket|"
    "(?:corp|app|suite|client)?_?secret|encoding_?aes_?key|aes_?key|authorization|password"
)
_SECRET_NAME = re.compile(rf"(?:.*[_-])?(?:{_NAMES})\Z", re.IGNORECASE)
# a quoted value after the name (JSON, repr of a dict), or a bare one (URL, `name: value`)
_ASSIGNMENT = re.compile(
    rf"""(?P<name>(?<![A-Za-z0-9])(?:{_NAMES})\b["']?\s*[:=]\s*)
         (?: "(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'? | (?:(?:Bearer|Basic)\s+)? [^\s&"'<>,;)\]}}]+ )""",
    re.IGNORECASE | re.VERBOSE,
)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Blank out `name=value` of secret names and every value in `known`, also where it is URL-quoted.

    known: secrets and tokens at hand; values below MIN_SECRET_CHARS characters are left to the names.
    """
    for value in known:
        if len(value) < MIN_SECRET_CHARS:
            continue
        for form in {value, quote(value), quote(value, safe=""), quote_plus(value)}:
            text = text.replace(form, MASK)
    return _ASSIGNMENT.sub(rf"\g<name>{MASK}", text)


def redact_processor(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """A structlog processor: no secret leaves in any value.

    Place it after what formats tracebacks (format_exc_info, dict_tracebacks) and right before the renderer:
    an exc_info that nobody has formatted yet is left as it is.
    """
    for key, value in event.items():
        if key != "exc_info":
            event[key] = _redact_field(key, value)
    return event


def _redact_field(key: str, value: object) -> object:
    return MASK if _SECRET_NAME.match(key) and value else _redact_value(value)


def _redact_value(value: object) -> object:
    match value:
        case str():
            return redact(value)
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case Mapping():
            return {key: _redact_field(str(key), item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redact_value(item) for item in value]
        case BaseException():
            return f"{type(value).__name__}: {redact(str(value))}"
        case _:
            return value
