"""How long is what was said kept, by where it came from, and what goes today?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, not_, or_, select

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.record import Archive
    from archive.tables import ArchiveTables

SESSION_ARCHIVE: Final = "wecom_archive"  # source of what the Finance SDK brings
IMPORT: Final = "import:"  # how sources of files begin


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that each class is kept; 0: for good.

    messages: what customers, the bot and agents said through us. session_archive: what WeCom's session archive brought.
    imports: what came from files. views: who read unmasked words.
    """

    messages: int
    session_archive: int
    imports: int
    views: int


@dataclass(frozen=True, slots=True)
class Expired:
    """What was removed because its time had passed."""

    entries: int
    views: int


async def expire(
    connection: AsyncConnection, archive: Archive, retention: Retention, now: datetime, *, limit: int
) -> Expired:
    """Remove at most `limit` entries of each class whose time has passed, oldest first, with all that hangs on them.

    Call again while it returns something. Keys stay: what else was sealed with them may live longer.
    """
    gone = 0
    for condition, days in _classes(archive.tables, retention):
        entries = archive.tables.entries
        due = (
            select(entries.c.id)
            .where(condition, entries.c.at < now - timedelta(days=days))
            .order_by(entries.c.at, entries.c.id)
            .limit(limit)
        )
        ids = (await connection.execute(due)).scalars().all()
        if ids:
            gone += await archive.remove(connection, ids)
    views = archive.tables.views
    seen = 0
    if retention.views:
        before = now - timedelta(days=retention.views)
        seen = (await connection.execute(delete(views).where(views.c.at < before))).rowcount
    return Expired(entries=gone, views=seen)


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
