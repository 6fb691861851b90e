"""What do the archive's tests talk about? An archive on one engine, and messages by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from archive import Archive, Entry, KeyRing, Voice
from bot.bootstrap import open_archive
from tests.archive_keys import TEST_RING

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Shelf:
    """An archive, and one transaction for each thing done with it."""

    engine: AsyncEngine
    ring: KeyRing = TEST_RING
    now: datetime = NOON
    archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        self.archive = open_archive(self.ring, lambda: self.now)

    def under(self, ring: KeyRing) -> Shelf:
        """The same database, seen with another key ring."""
        return Shelf(self.engine, ring)

    async def append(self, *entries: Entry) -> None:
        async with self.engine.begin() as connection:
            await self.archive.append(connection, entries)

    async def fresh(self, connection: AsyncConnection) -> list[Entry]:
        """What is not analysed yet, by id."""
        entries = self.archive.tables.entries
        ids = await connection.scalars(select(entries.c.id).where(entries.c.fresh == 1))
        return await self.archive.entries(connection, list(ids))

    async def transcript(self, conversation: int = 1, **more: Any) -> list[Entry]:
        async with self.engine.begin() as connection:
            return await self.archive.transcript(connection, conversation, **more)

    async def texts(self, conversation: int = 1) -> list[str]:
        return [entry.text for entry in await self.transcript(conversation)]

    async def of_customer(self, *people: tuple[str, str], **more: Any) -> list[Entry]:
        async with self.engine.begin() as connection:
            return await self.archive.of_customer(connection, people, **{"limit": 100, **more})

    async def rows(self, table: Table) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(table).order_by(*table.primary_key))).all()

    async def everything(self) -> str:
        """All that the database holds in the archive's tables, as text and as hexadecimal bytes."""
        found: list[str] = []
        async with self.engine.connect() as connection:
            for table in ("archive_entries", "archive_keys"):
                for row in await connection.execute(text(f"SELECT * FROM {table}")):
                    found.extend(bytes(cell).hex() if isinstance(cell, bytes) else str(cell) for cell in row)
        return "\n".join(found)


def said(
    number: int, words: str = "多久发货", *, customer: str = "amy", minutes: float | None = None, **more: Any
) -> Entry:
    """Message `number`; the same number again is the same message."""
    values: Mapping[str, Any] = {
        "source": "inbox:shop",
        "source_id": f"m{number}",
        "conversation_id": 1,
        "account": "shop",
        "customer": customer,
        "voice": Voice.CUSTOMER,
        "kind": "text",
        "at": NOON + timedelta(minutes=number if minutes is None else minutes),
        "text": words,
        **more,
    }
    return Entry(**values)
