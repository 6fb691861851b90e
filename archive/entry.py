"""What is one utterance of a transcript, and how does it become a row and come back?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from archive.errors import Unsealable
from archive.sealing import DataKey

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # built once: it is on the hot path


class Voice(StrEnum):
    """Who spoke. SERVICER answers in the WeCom client, AGENT in our workbench."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SERVICER = "servicer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Entry:
    """One utterance of a transcript.

    source, source_id: where it comes from and its id there; the pair is unique, so appending twice
        is a no-op. who: userid of the person who spoke, "" for customer and bot. room: the group's id, "" outside of
        groups. text: as displayed. body: the parts that are not text (media, menu items).
    id, session_id: known of what was read. damaged: it was altered and does not open; text and body are empty.
    """

    source: str
    source_id: str
    conversation_id: int | None
    account: str
    customer: str
    voice: Voice
    kind: str
    at: datetime
    text: str = ""
    who: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    recalled: bool = False
    room: str = ""
    id: int | None = None
    session_id: int | None = None
    damaged: bool = False


def place_of(source: str, source_id: str) -> bytes:
    """The associated data of an entry's sealed text: it opens in this entry only."""
    return f"archive entry\0{source}\0{source_id}".encode()


def sealed_of(key: DataKey, source: str, source_id: str, text: str, body: Mapping[str, object]) -> bytes:
    """Text and body as the archive keeps them."""
    plain = _as_json({"text": text, "body": dict(body)})
    # a lone surrogate has no UTF-8; what a broken platform sent must not stop the turn
    return key.seal(place_of(source, source_id), plain.encode("utf-8", "surrogatepass"))


def opened(key: DataKey, source: str, source_id: str, sealed: bytes) -> tuple[str, Mapping[str, object]]:
    """(text, body). Raises Unsealable."""
    plain = json.loads(key.open(place_of(source, source_id), sealed).decode("utf-8", "surrogatepass"))
    return plain["text"], plain["body"]


def to_row(entry: Entry, key: DataKey, recorded_at: datetime) -> dict[str, object]:
    """The columns of an entry that is new."""
    return {
        "source": entry.source,
        "source_id": entry.source_id,
        "conversation_id": entry.conversation_id,
        "account": entry.account,
        "customer": entry.customer,
        "room": entry.room,
        "voice": entry.voice.value,
        "who": _clean(entry.who),
        "kind": entry.kind,
        "key_id": key.id,
        "sealed": sealed_of(key, entry.source, entry.source_id, entry.text, entry.body),
        "recalled": int(entry.recalled),
        "at": entry.at,
        "recorded_at": recorded_at,
        "session_id": entry.session_id,
    }


def from_row(row: Row[Any], key_of: Callable[[Row[Any]], DataKey]) -> Entry:
    """The entry of a row of `readable`. Raises KeyLost."""
    try:
        text, body = opened(key_of(row), row.source, row.source_id, bytes(row.sealed))
        damaged = False
    except Unsealable:
        text, body, damaged = "", {}, True
    return Entry(
        source=row.source,
        source_id=row.source_id,
        conversation_id=row.conversation_id,
        account=row.account,
        customer=row.customer,
        voice=Voice(row.voice),
        kind=row.kind,
        at=row.at,
        text=text,
        who=row.who,
        body=body,
        recalled=bool(row.recalled),
        room=row.room,
        id=row.entry_id,
        session_id=row.session_id,
        damaged=damaged,
    )


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL in a text; nobody sees one either."""
    return text.replace("\0", "")
