"""How does what was said get into the transcript, once, and how is it read back in order?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Subquery, bindparam, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from archive.entry import Entry, Voice, from_row, sealed_of, to_row
from archive.search import Index, Page, Query, Saying
from archive.tagging.watch import TagWatch
from archive.vault import SEARCH, Vault, subject_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.sealing import DataKey
    from archive.tables import ArchiveTables


class Archive:
    """The transcript, sealed. Every method works inside the caller's transaction and never commits.

    Whoever reads raises KeyLost where the key ring lacks a key. An entry whose key was erased is gone; one that was
    altered comes back damaged.
    """

    def __init__(self, tables: ArchiveTables, vault: Vault, now: Callable[[], datetime]) -> None:
        self.vault = vault
        self.tables = tables
        self._now = now
        entries = tables.entries
        # built once: building a statement costs more than running it
        self._appends = {
            "postgresql": postgresql.insert(entries).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(entries).on_conflict_do_nothing(),
        }
        self._readable = readable(tables)
        self._settles = update(entries).where(entries.c.id.in_(bindparam("ids", expanding=True))).values(fresh=0)
        self._entries = entries
        self._tag_watch = TagWatch(tables.tags)
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

    async def spoken_after(self, connection: AsyncConnection, entry: int, limit: int) -> list[tuple[int, int]]:
        """The next entries behind this one that belong to conversations, by id: (entry, conversation)."""
        c = self._entries.c
        query = select(c.id, c.conversation_id).where(c.id > entry, c.conversation_id.is_not(None))
        return [(row[0], row[1]) for row in await connection.execute(query.order_by(c.id).limit(limit))]

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

    async def last_conversation(self, connection: AsyncConnection, account: str, customer: str) -> int | None:
        """In which conversation something was said with her last; None where in none."""
        c = self._entries.c
        hers = select(c.conversation_id).where(
            c.account == account, c.customer == customer, c.conversation_id.is_not(None)
        )
        return await connection.scalar(hers.order_by(c.at.desc(), c.id.desc()).limit(1))

    async def newest(self, connection: AsyncConnection) -> int:
        """The id of the entry that came last, 0 where there is none."""
        return (await connection.execute(select(func.max(self._entries.c.id)))).scalar_one() or 0

    async def unread(
        self, connection: AsyncConnection, conversations: Collection[int], seen: Subquery
    ) -> Mapping[int, int]:
        """How many messages of the customer's came after an entry, by conversation, where there are any.

        seen: columns conversation_id and entry, the id of the one that was seen last; what is not in it was not seen.
        """
        if not conversations:
            return {}
        e = self._entries.c
        query = (
            select(e.conversation_id, func.count())
            .outerjoin_from(self._entries, seen, seen.c.conversation_id == e.conversation_id)
            .where(e.conversation_id.in_(list(conversations)), e.voice == Voice.CUSTOMER.value)
            .where(e.id > func.coalesce(seen.c.entry, 0))
            .group_by(e.conversation_id)
        )
        return {row[0]: row[1] for row in await connection.execute(query)}

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
        conversation_id: int | None = None,
        limit: int,
    ) -> list[Entry]:
        """The next `limit` entries above an id, said in [since, until) or in one conversation, by id."""
        entries = self._entries
        query = self._readable.where(entries.c.id > after).order_by(entries.c.id).limit(limit)
        if since is not None:
            query = query.where(entries.c.at >= since)
        if until is not None:
            query = query.where(entries.c.at < until)
        if conversation_id is not None:
            query = query.where(entries.c.conversation_id == conversation_id)
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

    async def saying(self, connection: AsyncConnection, text: str) -> Saying:
        """How indexed entries that say this are found, as part of a larger question."""
        return await self._index.saying(connection, text)

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

    async def recall(self, connection: AsyncConnection, source: str, source_ids: Collection[str]) -> set[str]:
        """Mark utterances as recalled by who said them; which of these ids were known.

        What was found out by them is judged again at once, without them: their sessions, and the speakers' tags.
        """
        if not source_ids:
            return set()
        e, now = self._entries, self._now()
        change = update(e).where(e.c.source == source, e.c.source_id.in_(sorted(source_ids))).values(recalled=1)
        rows = (
            await connection.execute(change.returning(e.c.source_id, e.c.session_id, e.c.account, e.c.customer))
        ).all()
        if sessions := {row.session_id for row in rows if row.session_id is not None}:
            s = self.tables.analysis.sessions
            again = update(s).where(s.c.id.in_(sorted(sessions))).values(revision=s.c.revision + 1, due_at=now)
            await connection.execute(again)
            await self._tag_watch.notice(connection, {(row.account, row.customer) for row in rows}, now)
        return {row.source_id for row in rows}

    async def withdraw(self, connection: AsyncConnection, source: str, source_id: str) -> bool:
        """Remove what the platform took and could not deliver: nobody heard it. True if it was known."""
        entries = self._entries
        return bool(await self._remove(connection, entries.c.source == source, entries.c.source_id == source_id))

    async def reword(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Seal text and body of entries that were read as they are now; damaged ones stay as they are."""
        sound = [each for each in entries if not each.damaged]
        if not sound:
            return
        subjects = {each.id: subject_of(each.account, each.customer, each.room) for each in sound}
        keys = await self.vault.keys_for(connection, subjects.values())
        e = self._entries
        change = update(e).where(e.c.id == bindparam("entry"))
        change = change.values(sealed=bindparam("new_sealed"), key_id=bindparam("new_key"))
        rows = []
        for each in sound:
            key = keys[subjects[each.id]]
            sealed = sealed_of(key, each.source, each.source_id, each.text, each.body)
            rows.append({"entry": each.id, "new_sealed": sealed, "new_key": key.id})
        await connection.execute(change, rows)

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
