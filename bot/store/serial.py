"""How do our frozen values become JSON for the store, and values again?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from bot.domain import Content, Inbound
from bot.store.views import NOTHING_COLLECTED, Collected, Owed, Stretch

_INBOUND: TypeAdapter[Inbound] = TypeAdapter(Inbound)
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
_COLLECTED: TypeAdapter[Collected] = TypeAdapter(Collected)
_STRETCH: TypeAdapter[Stretch] = TypeAdapter(Stretch)
_OWED: TypeAdapter[Owed] = TypeAdapter(Owed)


def inbound_to_json(message: Inbound) -> dict[str, Any]:
    """An Inbound as JSON values, without NUL characters: PostgreSQL takes none in a text, so no turn could commit."""
    if "\x00" in message.text or "\x00" in message.scene:
        message = replace(message, text=message.text.replace("\x00", ""), scene=message.scene.replace("\x00", ""))
    return _INBOUND.dump_python(message, mode="json")  # type: ignore[no-any-return] # a dataclass dumps to a dict


def inbound_from_json(value: object) -> Inbound:
    """An Inbound back from the store."""
    return _INBOUND.validate_python(value)


def content_to_json(content: Content) -> dict[str, Any]:
    """A Content as JSON values; its `kind` tells which."""
    return _CONTENT.dump_python(content, mode="json")  # type: ignore[no-any-return] # a dataclass dumps to a dict


def content_from_json(value: object) -> Content:
    """A Content back from the store."""
    return _CONTENT.validate_python(value)


def collected_to_json(collected: Collected) -> dict[str, Any] | None:
    """What a customer told us, as JSON values; None where she told nothing."""
    if collected == NOTHING_COLLECTED:
        return None
    return _COLLECTED.dump_python(collected, mode="json")  # type: ignore[no-any-return] # a dataclass dumps to a dict


def collected_from_json(value: object) -> Collected:
    """What a customer told us, back from the store; None where she told nothing."""
    return NOTHING_COLLECTED if value is None else _COLLECTED.validate_python(value)


def stretch_to_json(stretch: Stretch) -> dict[str, Any]:
    """The last time a person had a conversation, as JSON values."""
    return _STRETCH.dump_python(stretch, mode="json")  # type: ignore[no-any-return] # a dataclass dumps to a dict


def stretch_from_json(value: object) -> Stretch | None:
    """The last time a person had a conversation, back from the store; None if there was none."""
    return None if value is None else _STRETCH.validate_python(value)


def owed_to_json(owed: Owed) -> dict[str, Any]:
    """An answer that a customer is owed, as JSON values."""
    return _OWED.dump_python(owed, mode="json")  # type: ignore[no-any-return] # a dataclass dumps to a dict


def owed_from_json(value: object) -> Owed | None:
    """An answer that a customer is owed, back from the store; None if there is none."""
    return None if value is None else _OWED.validate_python(value)


def texts_from_json(value: object) -> tuple[str, ...]:
    """A list of texts, back from the store; () where there is none."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
