"""Does a worker's sweep remove what is too old, a bounded amount at a time, and tell only how much?"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from bot.archive_settings import RetentionSettings
from bot.bootstrap import ARCHIVE_TABLES
from bot.keeping import BATCH, BATCHES, Keeping, retention_of
from tests.archive.purged import no_files
from tests.archive.shelf import NOON, Shelf, said
from tests.databases import ON_SQLITE


def keeping(shelf: Shelf, *, days: int) -> Keeping:
    return Keeping(
        shelf.engine,
        shelf.archive,
        retention_of(RetentionSettings(messages_days=1, session_archive_days=2, imports_days=3, views_days=4)),
        no_files,
        lambda: NOON + timedelta(days=days),
    )


@ON_SQLITE
async def test_a_sweep_goes_on_until_nothing_is_due(engine: AsyncEngine) -> None:
    shelf = Shelf(engine)
    await shelf.append(*[said(number, "秘密", minutes=0) for number in range(2 * BATCH + 1)])
    await shelf.append(said(-1, source="import:old", minutes=0))
    with capture_logs() as logs:
        await keeping(shelf, days=2).sweep()
        await keeping(shelf, days=2).sweep()
    assert logs == [
        {
            "event": "archive.expired",
            "log_level": "info",
            "entries": 2 * BATCH + 1,
            "files": 0,
            "results": 0,
            "views": 0,
        }
    ]
    assert [row.source for row in await shelf.rows(ARCHIVE_TABLES.entries)] == ["import:old"]


@ON_SQLITE
async def test_one_sweep_has_an_end(engine: AsyncEngine) -> None:
    shelf = Shelf(engine)
    count = BATCH * BATCHES + 3
    for start in range(0, count, 1_000):
        await shelf.append(*[said(number, "", minutes=0) for number in range(start, min(start + 1_000, count))])
    await keeping(shelf, days=2).sweep()
    assert len(await shelf.rows(ARCHIVE_TABLES.entries)) == 3
