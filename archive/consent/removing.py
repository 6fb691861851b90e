"""What does the archive keep of a person, and how is a batch of it removed?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, not_, or_, select, true, update

from archive.analysis.progress import write_alone
from archive.consent.purges import Target
from archive.consent.purging import PurgeStep, Serving
from archive.consent.values import ARCHIVE_SOURCE, party_of
from archive.finance.media import RemoveFiles
from archive.reviews import forget_reviews
from archive.tagging import TagWatch
from archive.vault import subject_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.record import Archive
    from archive.tables import ArchiveTables


@dataclass(frozen=True, slots=True)
class ArchiveTraces:
    """Removes what the archive knows. remove_files: of (account, row id) of session-archive media, from the disk."""

    tables: ArchiveTables
    archive: Archive
    remove_files: RemoveFiles
    now: Callable[[], datetime]

    def steps(self) -> tuple[PurgeStep, ...]:
        """In order: what is derived of an entry goes with it, the key last."""
        return (
            PurgeStep(self._entries, partly=True),
            PurgeStep(self._files),
            PurgeStep(self._reviews),
            PurgeStep(self._findings),
            PurgeStep(self._sessions),
            PurgeStep(self._asks),
            PurgeStep(self._key),
        )

    async def _entries(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        e, analysis, media = self.tables.entries, self.tables.analysis, self.tables.finance.media
        await write_alone(connection)  # an analysis under way writes before or after, and finds them gone then
        rows = await (
            self._said_with(connection, target, limit)
            if target.counterpart
            else self._all_said(connection, target, serving, limit)
        )
        if not rows:
            return {}
        ids = [id_ for id_, _, _ in rows]
        msgids = [source_id for _, source_id, _ in rows]
        files = await self._drop_files(connection, and_(media.c.account == target.account, media.c.msgid.in_(msgids)))
        results = await connection.execute(delete(analysis.results).where(analysis.results.c.entry_id.in_(ids)))
        findings = await connection.execute(delete(analysis.findings).where(analysis.findings.c.anchor.in_(ids)))
        r = self.tables.reviews.reviews
        reviews = await forget_reviews(connection, self.tables.reviews, r.c.anchor.in_(ids), limit)
        entries = await self.archive.remove(connection, ids)
        sessions = sorted({session for _, _, session in rows if session is not None})
        dropped = await self._judge_anew(connection, sessions, e)
        # her tags rest on what is left
        await TagWatch(self.tables.tags).notice(connection, [(target.account, target.customer)], self.now())
        return {
            "entries": entries,
            "results": results.rowcount,
            "findings": findings.rowcount + dropped[1],
            "reviews": reviews,
            "sessions": dropped[0],
            "files": files,
        }

    async def _all_said(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> list[tuple[int, str, int | None]]:
        e = self.tables.entries
        query = (
            select(e.c.id, e.c.source_id, e.c.session_id)
            .where(_hers(e, target), _not_served(e, serving))
            .order_by(e.c.id)
            .limit(limit)
        )
        return [(row.id, row.source_id, row.session_id) for row in await connection.execute(query)]

    async def _said_with(
        self, connection: AsyncConnection, target: Target, limit: int
    ) -> list[tuple[int, str, int | None]]:
        """With one counterpart: to whom she spoke stands in what is sealed."""
        e, after = self.tables.entries, 0
        found: list[tuple[int, str, int | None]] = []
        ours = and_(_hers(e, target), e.c.source == ARCHIVE_SOURCE)
        near = or_(e.c.room == target.counterpart, and_(e.c.room == "", e.c.who.in_(["", target.counterpart])))
        while len(found) < limit:
            query = select(e.c.id).where(ours, near, e.c.id > after).order_by(e.c.id).limit(limit)
            ids = list(await connection.scalars(query))
            if not ids:
                break
            after = ids[-1]
            found += [
                (entry.id, entry.source_id, entry.session_id)
                for entry in await self.archive.entries(connection, ids)
                if entry.id is not None and party_of(entry).counterpart == target.counterpart
            ]
        return found

    async def _judge_anew(self, connection: AsyncConnection, sessions: Sequence[int], e: Table) -> tuple[int, int]:
        """Sessions of which nothing is left go, with their findings; the others are to be judged again."""
        if not sessions:
            return 0, 0
        s, f = self.tables.analysis.sessions, self.tables.analysis.findings
        left = set(await connection.scalars(select(e.c.session_id).where(e.c.session_id.in_(sessions)).distinct()))
        empty = [each for each in sessions if each not in left]
        again = update(s).where(s.c.id.in_(sorted(left))).values(revision=s.c.revision + 1, due_at=self.now())
        await connection.execute(again)
        findings = await connection.execute(delete(f).where(f.c.session_id.in_(empty)))
        gone = await connection.execute(delete(s).where(s.c.id.in_(empty)))
        return gone.rowcount, findings.rowcount

    async def _files(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        del serving
        media = self.tables.finance.media
        some = select(media.c.id).where(_hers(media, target)).limit(limit)
        return _counted("files", await self._drop_files(connection, media.c.id.in_(some)))

    async def _drop_files(self, connection: AsyncConnection, which: ColumnElement[bool]) -> int:
        """From the disk first: a row that is left tells where to go on."""
        media = self.tables.finance.media
        rows = (await connection.execute(select(media.c.id, media.c.account).where(which))).all()
        if rows:
            await self.remove_files([(row.account, row.id) for row in rows])
            await connection.execute(delete(media).where(media.c.id.in_([row.id for row in rows])))
        return len(rows)

    async def _reviews(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        """Also those of what is still being said: a reviewer's words are no part of serving her."""
        del serving
        hers = _hers(self.tables.reviews.reviews, target)
        return _counted("reviews", await forget_reviews(connection, self.tables.reviews, hers, limit))

    async def _findings(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        await write_alone(connection)
        f, s = self.tables.analysis.findings, self.tables.analysis.sessions
        served = select(s.c.id).where(s.c.conversation_id.in_(serving.conversations))
        kept = not_(f.c.session_id.in_(served)) if serving.conversations else true()
        return await _drop(connection, f, "findings", and_(_hers(f, target), kept), limit)

    async def _sessions(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        s = self.tables.analysis.sessions
        return await _drop(connection, s, "sessions", and_(_hers(s, target), _not_served(s, serving)), limit)

    async def _asks(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        del serving
        asks = self.tables.consent.asks
        return await _drop(connection, asks, "consent_asks", _hers(asks, target), limit)

    async def _key(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        """Without it no copy of what was sealed opens again, in a backup neither."""
        if not serving.is_over:
            return {}
        keys = self.tables.keys
        ours = keys.c.subject == subject_of(target.account, target.customer)
        return await _drop(connection, keys, "keys", ours, limit)


async def _drop(
    connection: AsyncConnection, table: Table, name: str, which: ColumnElement[bool], limit: int
) -> Mapping[str, int]:
    some = select(table.c.id).where(which).limit(limit)
    return _counted(name, (await connection.execute(delete(table).where(table.c.id.in_(some)))).rowcount)


def _counted(name: str, count: int) -> Mapping[str, int]:
    return {name: count} if count else {}


def _hers(table: Table, target: Target) -> ColumnElement[bool]:
    return and_(table.c.account == target.account, table.c.customer == target.customer)


def _not_served(table: Table, serving: Serving) -> ColumnElement[bool]:
    if not serving.conversations:
        return true()
    open_ = table.c.conversation_id.in_(serving.conversations)
    return or_(table.c.conversation_id.is_(None), not_(open_))
