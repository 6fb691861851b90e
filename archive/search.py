"""Which entries say something, found without opening them all?

Candidates come from keyed tokens, by PostgreSQL's GIN or SQLite's FTS5; each is opened and must say it, so nothing
is found that was not said. Why so: docs/adr/0019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Integer, Select, bindparam, column, delete, insert, literal_column, select, table
from sqlalchemy.dialects.postgresql import ARRAY

from archive.entry import Entry, Voice, from_row
from archive.tables import FULL_TEXT
from archive.tokens import Wanted, tokens_of
from archive.vault import SEARCH, Vault

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.tables import ArchiveTables

WINDOW: Final = 500  # candidates that are opened for one page


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for.

    text: words apart must all be said; Chinese anywhere, other words whole, no matter the case. The rest narrows it:
    who: userid of who spoke. since: at or after, until: before. before_id: older than this entry (`Page.before_id`).
    """

    text: str = ""
    account: str = ""
    customer: str = ""
    who: str = ""
    voice: Voice | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first. before_id: where the next page goes on, None after the last; a page may be empty."""

    entries: tuple[Entry, ...]
    before_id: int | None


@dataclass(frozen=True, slots=True)
class Saying:
    """How what says something is found. ids: of the entries that may say it, None: any entry may."""

    wanted: Wanted
    ids: Select[Any] | None

    def is_said_in(self, entry: Entry) -> bool:
        """Whether this one, opened, does."""
        return not entry.damaged and self.wanted.is_said_in(entry.text)


class Index:
    """The search index. Works inside the caller's transaction and never commits."""

    def __init__(self, tables: ArchiveTables, vault: Vault, readable: Select[Any]) -> None:
        self._tokens = tables.tokens
        self._entries = tables.entries
        self._vault = vault
        self._readable = readable
        self._forgets = delete(tables.tokens).where(tables.tokens.c.entry_id.in_(bindparam("ids", expanding=True)))

    async def add(self, connection: AsyncConnection, entries: Sequence[Entry]) -> None:
        """Make entries that were read findable; again replaces what was there. Constant number of statements."""
        if not entries:
            return
        secret = (await self._vault.keys_for(connection, [SEARCH]))[SEARCH].secret
        found = [(entry.id, tokens_of(entry.text, secret)) for entry in entries]
        await self.forget(connection, [number for number, _ in found if number is not None])
        rows = [
            {"entry_id": number, "tokens": self._as_kept(connection, tokens)}
            for number, tokens in found
            if number is not None and tokens
        ]
        if rows:
            await connection.execute(insert(self._tokens), rows)

    async def forget(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        """These entries are found no more."""
        await connection.execute(self._forgets, {"ids": list(ids)})

    async def find(self, connection: AsyncConnection, query: Query) -> Page:
        """The newest entries that say it, at most `limit`. Two statements."""
        wanted = Wanted(query.text)
        key = await self._vault.find(connection, SEARCH)
        tokens = wanted.tokens(key.secret) if key is not None else []
        rows = (await connection.execute(self._candidates(connection, query, tokens))).all()
        found: list[Entry] = []
        for row in rows:
            entry = from_row(row, self._vault.key_of)
            if not entry.damaged and wanted.is_said_in(entry.text):
                found.append(entry)
                if len(found) == query.limit:
                    return Page(tuple(found), entry.id)
        return Page(tuple(found), rows[-1].entry_id if len(rows) == WINDOW else None)

    async def saying(self, connection: AsyncConnection, text: str) -> Saying:
        """How entries that say this are found, for who looks for more than words. One statement."""
        wanted = Wanted(text)
        key = await self._vault.find(connection, SEARCH)
        tokens = wanted.tokens(key.secret) if key is not None else []
        return Saying(wanted, self._with_all(connection, tokens) if tokens else None)

    def _candidates(self, connection: AsyncConnection, query: Query, tokens: Sequence[int]) -> Select[Any]:
        entries = self._entries
        narrowed: list[ColumnElement[bool]] = [
            entries.c[name] == value
            for name, value in (("account", query.account), ("customer", query.customer), ("who", query.who))
            if value
        ]
        if query.voice is not None:
            narrowed.append(entries.c.voice == query.voice.value)
        if query.since is not None:
            narrowed.append(entries.c.at >= query.since)
        if query.until is not None:
            narrowed.append(entries.c.at < query.until)
        if query.before_id is not None:
            narrowed.append(entries.c.id < query.before_id)
        if tokens:
            narrowed.append(entries.c.id.in_(self._with_all(connection, tokens)))
        return self._readable.where(*narrowed).order_by(entries.c.id.desc()).limit(WINDOW)

    def _with_all(self, connection: AsyncConnection, tokens: Sequence[int]) -> Select[Any]:
        """Ids of entries that have all tokens."""
        if connection.dialect.name == "postgresql":
            has_all = self._tokens.c.tokens.op("@>")(bindparam("wanted", list(tokens), ARRAY(Integer)))
            return select(self._tokens.c.entry_id).where(has_all)
        full_text = table(FULL_TEXT, column("rowid"))
        match = literal_column(FULL_TEXT).op("MATCH")(" AND ".join(map(_spelt, tokens)))
        return select(full_text.c.rowid).where(match)

    def _as_kept(self, connection: AsyncConnection, tokens: Sequence[int]) -> object:
        return list(tokens) if connection.dialect.name == "postgresql" else " ".join(map(_spelt, tokens))


def _spelt(token: int) -> str:
    """A token as a word of a full-text table."""
    return f"{token & 0xFFFFFFFF:08x}"
