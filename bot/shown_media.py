"""Which bytes are behind a picture, voice, video or file of a transcript? Fetched from a customer, or sent by us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from archive import Archive, Entry
from bot.platform.media import MAGIC_BYTES, recognise
from bot.store.engine import read_only
from bot.store.pack_files import file_named
from bot.store.sent_files import sent_file, sent_id
from bot.store.tables import media
from knowledge_base import is_file

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A customer's file in our own store."""

    path: Path
    content_type: str


@dataclass(frozen=True, slots=True)
class InMemory:
    """A file that we sent. name: what the customer saw of it."""

    data: bytes
    content_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It lies at an address of others."""

    url: str


Shown = OnDisk | InMemory | Elsewhere


def kinds_of(entry: Entry) -> tuple[str, ...]:
    """What there is to show of an entry, in order: image | voice | video | file; () for words alone."""
    kept, content = entry.body.get("media"), entry.body.get("content")
    if isinstance(kept, list):
        return tuple(str(each.get("kind", "")) for each in kept if isinstance(each, Mapping))
    if isinstance(content, Mapping) and content.get("kind") == "media":
        return (str(content.get("media", "")),)
    return ()


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """Finds them."""

    engine: AsyncEngine
    archive: Archive

    async def of(self, conversation_id: int, entry_id: int, place: int) -> Shown | None:
        """The file at this place of an entry of this conversation; None where it is not (or no longer) there."""
        async with read_only(self.engine).connect() as connection:
            entry = next(iter(await self.archive.entries(connection, [entry_id])), None)
            if entry is None or entry.conversation_id != conversation_id or place >= len(kinds_of(entry)):
                return None
            kept, content = entry.body.get("media"), entry.body.get("content")
            if isinstance(kept, list):
                return await _fetched(connection, entry.account, str(kept[place].get("media_id", "")))
            return await _sent(connection, content if isinstance(content, Mapping) else {})


async def _fetched(connection: AsyncConnection, account: str, media_id: str) -> OnDisk | None:
    query = select(media.c.path, media.c.content_type).where(
        media.c.account == account, media.c.media_id == media_id, media.c.path.is_not(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else OnDisk(Path(row.path), row.content_type or "application/octet-stream")


async def _sent(connection: AsyncConnection, content: Mapping[str, Any]) -> Shown | None:
    source = str(content.get("source", ""))
    if not source:
        return None
    if not is_file(source):
        return Elsewhere(source)
    if sent_id(source) is not None:
        file = await sent_file(connection, source)
        return None if file is None else InMemory(file.data, file.content_type, file.name)
    data = await file_named(connection, source)
    return None if data is None else InMemory(data, recognise(data[:MAGIC_BYTES])[1], source.rsplit("/", 1)[-1])
