"""How does what was said get into the transcript, once, and how is it read back in order?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.tables import ArchiveTables


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
        is a no-op. who: userid of the person who spoke, "" for customer and bot.
    text: as displayed. body: the parts that are not text (media, menu items). room: the group's id, "" outside of
        groups. id: of its row, where it was read.
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


class Archive:
    """The transcript. Every method works inside the caller's transaction and never commits."""

    def __init__(self, tables: ArchiveTables) -> None:
        self._entries = tables.entries
        # built once a dialect: building the statement costs more than running it
        self._appends = {
            "postgresql": postgresql.insert(tables.entries).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(tables.entries).on_conflict_do_nothing(),
        }

    async def append(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Add utterances; those already there (same source and source_id) stay as they are."""
        if not entries:
            return
        rows = [_row(entry) for entry in entries]
        await connection.execute(self._appends[connection.dialect.name], rows)

    async def transcript(self, connection: AsyncConnection, conversation_id: int, *, limit: int = 200) -> list[Entry]:
        """The last `limit` utterances of a conversation, oldest first."""
        entries = self._entries
        query = (
            select(entries)
            .where(entries.c.conversation_id == conversation_id)
            .order_by(entries.c.at.desc(), entries.c.id.desc())
            .limit(limit)
        )
        return [_entry(row) for row in reversed((await connection.execute(query)).all())]

    async def recall(self, connection: AsyncConnection, source: str, source_id: str) -> bool:
        """Mark an utterance as recalled by who said it; True if it was known."""
        entries = self._entries
        done = await connection.execute(
            update(entries).where(entries.c.source == source, entries.c.source_id == source_id).values(recalled=1)
        )
        return done.rowcount > 0

    async def withdraw(self, connection: AsyncConnection, source: str, source_id: str) -> bool:
        """Remove what the platform took and could not deliver: nobody heard it. True if it was known."""
        entries = self._entries
        done = await connection.execute(
            delete(entries).where(entries.c.source == source, entries.c.source_id == source_id)
        )
        return done.rowcount > 0


def _row(entry: Entry) -> dict[str, object]:
    return {
        "source": entry.source,
        "source_id": entry.source_id,
        "conversation_id": entry.conversation_id,
        "account": entry.account,
        "customer": entry.customer,
        "voice": entry.voice.value,
        "who": _clean(entry.who),
        "kind": entry.kind,
        "text": _clean(entry.text),
        "body": dict(entry.body),
        "recalled": int(entry.recalled),
        "at": entry.at,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        source=row.source,
        source_id=row.source_id,
        conversation_id=row.conversation_id,
        account=row.account,
        customer=row.customer,
        voice=Voice(row.voice),
        kind=row.kind,
        at=row.at,
        text=row.text,
        who=row.who,
        body=row.body or {},
        recalled=bool(row.recalled),
    )


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL in a text; nobody sees one either."""
    return text.replace("\0", "")
