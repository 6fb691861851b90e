"""How does what was said get into the transcript, once, and how is it read back in order?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.entry import Entry, Voice, from_row, to_row
from archive.search import Index, Page, Query
from archive.vault import SEARCH, Vault, subject_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.sealing import DataKey
    from archive.tables import ArchiveTables


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a person."""

    entries: int
    keys: int


class Archive:
    """The transcript, sealed. Every method works inside the caller's transaction and never commits.

    Whoever reads raises KeyLost where the key ring lacks a key. An entry whose key was erased is gone; one that was
    altered comes back damaged.
    """

    def __init__(self, tables: ArchiveTables, vault: Vault, now: Callable[[], datetime]) -> None:
        self.vault = vault
        self.tables = tables
        self._now = now
        entries, keys = tables.entries, tables.keys
        # built once: building a statement costs more than running it
        self._appends = {
            "postgresql": postgresql.insert(entries).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(entries).on_conflict_do_nothing(),
        }
        self._readable = readable(tables)
        self._settles = update(entries).where(entries.c.id.in_(bindparam("ids", expanding=True))).values(fresh=0)
        self._keys, self._entries = keys, entries
        self._index = Index(tables, vault, self._readable)

    async def append(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Add utterances; those already there (same source and source_id) stay as they are."""
        if not entries:
            return
        now = self._now()
        subjects = [subject_of(entry.account, entry.customer, entry.room) for entry in entries]
        keys = await self.vault.keys_for(connection, subjects)
        rows = [to_row(entry, keys[subject], now) for entry, subject in zip(entries, subjects, strict=True)]
        await connection.execute(self._appends[connection.dialect.name], rows)

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def transcript(self, connection: AsyncConnection, conversation_id: int, *, limit: int = 200) -> list[Entry]:
        """The last `limit` utterances of a conversation, oldest first."""
        entries = self._entries
        query = self._readable.where(entries.c.conversation_id == conversation_id)
        return (await self._newest(connection, query, limit))[::-1]

    async def unanswered(self, connection: AsyncConnection, conversations: Sequence[int]) -> Mapping[int, datetime]:
        """Conversation → when she first wrote since a person last did; those where all is answered are left out."""
        mine, answer = self._entries.c, self._entries.alias("answer")
        answered = exists().where(
            answer.c.conversation_id == mine.conversation_id,
            answer.c.voice.in_([Voice.AGENT.value, Voice.SERVICER.value]),
            tuple_(answer.c.at, answer.c.id) > tuple_(mine.at, mine.id),
        )
        query = select(mine.conversation_id, func.min(mine.at)).where(
            mine.conversation_id.in_(conversations), mine.voice == Voice.CUSTOMER.value, ~answered
        )
        return {row[0]: row[1] for row in await connection.execute(query.group_by(mine.conversation_id))}

    async def of_customer(
        self,
        connection: AsyncConnection,
        people: Sequence[tuple[str, str]],
        *,
        before: tuple[datetime, int] | None = None,
        limit: int,
    ) -> list[Entry]:
        """The last `limit` utterances with a customer across channels, oldest first.

        people: (account, customer) of each of her names. before: (at, id) of the oldest entry of the page after.
        """
        entries = self._entries
        query = self._readable.where(tuple_(entries.c.account, entries.c.customer).in_(list(people)))
        if before is not None:
            query = query.where(tuple_(entries.c.at, entries.c.id) < before)
        return (await self._newest(connection, query, limit))[::-1]

    async def entries(self, connection: AsyncConnection, ids: Sequence[int]) -> list[Entry]:
        """The entries of these ids that are there, by id."""
        entries = self._entries
        query = self._readable.where(entries.c.id.in_(ids)).order_by(entries.c.id)
        return self._read((await connection.execute(query)).all())

    async def following(
        self,
        connection: AsyncConnection,
        after: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> list[Entry]:
        """The next `limit` entries above an id, said in [since, until), by id."""
        entries = self._entries
        query = self._readable.where(entries.c.id > after).order_by(entries.c.id).limit(limit)
        if since is not None:
            query = query.where(entries.c.at >= since)
        if until is not None:
            query = query.where(entries.c.at < until)
        return self._read((await connection.execute(query)).all())

    async def fresh(self, connection: AsyncConnection, *, limit: int) -> list[Entry]:
        """The first `limit` entries that were not analysed yet, by id; other workers pass them over meanwhile."""
        entries = self._entries
        query = (
            self._readable.where(entries.c.fresh == 1)
            .order_by(entries.c.id)
            .limit(limit)
            .with_for_update(of=entries, skip_locked=True)
        )
        return self._read((await connection.execute(query)).all())

    async def settle(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        """These entries are analysed."""
        await connection.execute(self._settles, {"ids": list(ids)})

    # ── search ───────────────────────────────────────────────────────────────────────────────

    async def index(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Make entries that were read findable, many at once; not for the hot path."""
        await self._index.add(connection, entries)

    async def search(self, connection: AsyncConnection, query: Query) -> Page:
        """The newest indexed entries that say it."""
        return await self._index.find(connection, query)

    # ── sealing for others ───────────────────────────────────────────────────────────────────

    async def seal_for(self, connection: AsyncConnection, account: str, customer: str, room: str = "") -> DataKey:
        """The key of a person's (or a group's) texts, for what is derived from them; keep its id beside what it seals.

        One for many people at once: `vault.keys_for`. To open: `keys`.
        """
        subject = subject_of(account, customer, room)
        return (await self.vault.keys_for(connection, [subject]))[subject]

    async def keys(self, connection: AsyncConnection, ids: Sequence[int]) -> Mapping[int, DataKey]:
        """Keys by the id that is kept beside what they sealed; those that were erased are missing."""
        return await self.vault.keys(connection, ids)

    async def note_view(self, connection: AsyncConnection, *, who: str, reason: str, query: str) -> None:
        """Write down that somebody reads unmasked words, and why. query: kept as a keyed digest."""
        key = await self.vault.keys_for(connection, [SEARCH])
        row = {"at": self._now(), "who": who, "reason": reason, "query": key[SEARCH].secret.digest(query).hex()}
        await connection.execute(insert(self.tables.views), row)

    # ── changing ─────────────────────────────────────────────────────────────────────────────

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
        return bool(await self._remove(connection, entries.c.source == source, entries.c.source_id == source_id))

    async def erase(self, connection: AsyncConnection, account: str, customer: str) -> Erased:
        """Remove all that was said with a customer, and the key without which no copy of it opens again.

        Results, tags and the like are their owners' to remove, before: what they sealed with the key opens no more.
        """
        entries, keys = self._entries, self._keys
        # the key first: who is about to write of her has ended then, and who comes later makes a new one
        gone = await connection.execute(delete(keys).where(keys.c.subject == subject_of(account, customer)))
        said = await self._remove(connection, entries.c.account == account, entries.c.customer == customer)
        return Erased(entries=said, keys=gone.rowcount)

    async def remove(self, connection: AsyncConnection, ids: Sequence[int]) -> int:
        """Remove entries and what finds them. Returns how many there were."""
        return await self._remove(connection, self._entries.c.id.in_(ids))

    # ── rows ─────────────────────────────────────────────────────────────────────────────────

    async def _remove(self, connection: AsyncConnection, *which: ColumnElement[bool]) -> int:
        entries = self._entries
        for table in self.tables.of_entries:
            await connection.execute(delete(table).where(table.c.entry_id.in_(select(entries.c.id).where(*which))))
        return (await connection.execute(delete(entries).where(*which))).rowcount

    async def _newest(self, connection: AsyncConnection, query: Select[Any], limit: int) -> list[Entry]:
        entries = self._entries
        newest = query.order_by(entries.c.at.desc(), entries.c.id.desc()).limit(limit)
        return self._read((await connection.execute(newest)).all())

    def _read(self, rows: Sequence[Row[Any]]) -> list[Entry]:
        return [from_row(row, self.vault.key_of) for row in rows]


def readable(tables: ArchiveTables) -> Select[Any]:
    """Entries with the keys that open them, as `from_row` reads them; what has no key any more is not there."""
    entries, keys = tables.entries, tables.keys
    columns = [entries.c.id.label("entry_id"), *(each for each in entries.c if each.name != "id")]
    return select(*columns, keys.c.id, keys.c.subject, keys.c.kek, keys.c.wrapped).join(
        keys, keys.c.id == entries.c.key_id
    )
