"""How long is what was said kept, by where it came from, and what hangs on it, and what goes today?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, exists, not_, or_, select, update

from archive.analysis.progress import write_alone
from archive.finance.media import FETCHED, RemoveFiles
from archive.finance.people import SOURCE as SESSION_ARCHIVE

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.entry import Entry
    from archive.record import Archive
    from archive.tables import ArchiveTables

IMPORT: Final = "import:"  # how sources of files begin
KEPT_UNTIL: Final = "kept_until"  # beside a file in an entry's body: when it was removed


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each class is kept; 0: for good.

    messages: what customers, the bot and agents said through us. session_archive: what WeCom's session archive brought.
    imports: what came from files. files: pictures, voices and the like of the session archive; the words beside them
    stay. results: marks, findings, figures of sessions; the words they rest on stay. views: who read unmasked words.
    """

    messages: int
    session_archive: int
    imports: int
    files: int
    results: int
    views: int


@dataclass(frozen=True, slots=True)
class Expired:
    """How much was removed because its time had passed. results: rows that were made of what was said."""

    entries: int = 0
    files: int = 0
    results: int = 0
    views: int = 0

    def __add__(self, other: Expired) -> Expired:
        return Expired(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


async def expire(
    connection: AsyncConnection,
    archive: Archive,
    retention: Retention,
    now: datetime,
    *,
    limit: int,
    remove_files: RemoveFiles,
) -> Expired:
    """Remove at most `limit` of each class whose time has passed, oldest first, with all that hangs on it.

    remove_files: of (account, row id) of session-archive media, from the disk. Call again while it returns something.
    Keys stay: what else was sealed with them may live longer.
    """
    tables = archive.tables
    entries = 0
    for condition, days in _classes(tables, retention):
        entries += await _expire_entries(connection, archive, condition, now - timedelta(days=days), limit)
    results = views = 0
    if retention.results:
        results = await _expire_results(connection, tables, now - timedelta(days=retention.results), limit)
    files = await _expire_files(connection, archive, retention.files, now, limit=limit, remove_files=remove_files)
    if retention.views:
        before = tables.views.c.at < now - timedelta(days=retention.views)
        views = (await connection.execute(delete(tables.views).where(before))).rowcount
    return Expired(entries, files, results, views)


def _classes(tables: ArchiveTables, retention: Retention) -> Iterator[tuple[ColumnElement[bool], int]]:
    source = tables.entries.c.source
    from_session, from_file = source == SESSION_ARCHIVE, source.startswith(IMPORT, autoescape=True)
    for condition, days in (
        (not_(or_(from_session, from_file)), retention.messages),
        (from_session, retention.session_archive),
        (from_file, retention.imports),
    ):
        if days:
            yield condition, days


async def _expire_entries(
    connection: AsyncConnection, archive: Archive, condition: ColumnElement[bool], before: datetime, limit: int
) -> int:
    """Words, and what was found by them: marks, findings that hang on them, sessions of which nothing is left."""
    e = archive.tables.entries
    due = select(e.c.id, e.c.session_id).where(condition, e.c.at < before).order_by(e.c.at, e.c.id).limit(limit)
    rows = (await connection.execute(due)).all()
    if not rows:
        return 0
    await write_alone(connection)  # an analysis under way writes before or after, and finds them gone then
    f, s = archive.tables.analysis.findings, archive.tables.analysis.sessions
    ids = [row.id for row in rows]
    await connection.execute(delete(f).where(f.c.anchor.in_(ids)))
    gone = await archive.remove(connection, ids)
    sessions = {row.session_id for row in rows if row.session_id is not None}
    empty = and_(s.c.id.in_(sorted(sessions)), not_(exists().where(e.c.session_id == s.c.id)))
    await connection.execute(delete(f).where(f.c.session_id.in_(select(s.c.id).where(empty))))
    await connection.execute(delete(s).where(empty))
    return gone


async def _expire_results(connection: AsyncConnection, tables: ArchiveTables, before: datetime, limit: int) -> int:
    e, analysis = tables.entries, tables.analysis
    r, f, s = analysis.results, analysis.findings, analysis.sessions
    marked = select(e.c.id).where(e.c.at < before, exists().where(r.c.entry_id == e.c.id))
    entries = list(await connection.scalars(marked.order_by(e.c.at, e.c.id).limit(limit)))
    found = list(await connection.scalars(select(f.c.id).where(f.c.at < before).order_by(f.c.at).limit(limit)))
    ended = select(s.c.id).where(s.c.ended_at < before).order_by(s.c.ended_at).limit(limit)
    sessions = list(await connection.scalars(ended))
    if not entries and not found and not sessions:
        return 0
    await write_alone(connection)
    await connection.execute(update(e).where(e.c.session_id.in_(sessions)).values(session_id=None))
    gone = 0
    for table, which in ((r, r.c.entry_id.in_(entries)), (f, f.c.id.in_(found)), (s, s.c.id.in_(sessions))):
        gone += (await connection.execute(delete(table).where(which))).rowcount
    return gone


async def _expire_files(
    connection: AsyncConnection, archive: Archive, days: int, now: datetime, *, limit: int, remove_files: RemoveFiles
) -> int:
    """Files whose time has passed, and those whose message is gone. From the disk first: a row says where to go on."""
    e, m = archive.tables.entries, archive.tables.finance.media
    spoken = and_(e.c.source == SESSION_ARCHIVE, e.c.source_id == m.c.msgid)
    due: ColumnElement[bool] = e.c.id.is_(None)
    if days:
        due = or_(due, e.c.at < now - timedelta(days=days))
    query = select(m.c.id, m.c.account, m.c.part, m.c.state, e.c.id.label("entry")).join_from(
        m, e, spoken, isouter=True
    )
    rows = (await connection.execute(query.where(due).order_by(m.c.id).limit(limit))).all()
    if not rows:
        return 0
    await remove_files([(row.account, row.id) for row in rows])
    await connection.execute(delete(m).where(m.c.id.in_([row.id for row in rows])))
    gone: dict[int, set[int]] = {}
    for row in rows:
        if row.entry is not None and row.state == FETCHED:
            gone.setdefault(row.entry, set()).add(row.part)
    there = await archive.entries(connection, sorted(gone))
    await archive.reword(connection, [_without(each, gone[each.id], now) for each in there if each.id is not None])
    return len(rows)


def _without(entry: Entry, parts: set[int], now: datetime) -> Entry:
    """The same, saying until when these of its files were kept."""
    media = entry.body.get("media")
    listed: list[Mapping[str, Any]] = media if isinstance(media, list) else []
    told = [{**each, KEPT_UNTIL: now.isoformat()} if each.get("part") in parts else each for each in listed]
    return replace(entry, body={**entry.body, "media": told})
