"""Does what was kept long enough go, by class, a batch at a time, with all that hangs on it?"""

from __future__ import annotations

from datetime import timedelta

from archive import Expired, Retention, expire
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.purged import no_files
from tests.archive.shelf import NOON, Shelf, said

RETENTION = Retention(messages=10, session_archive=20, imports=0, files=0, results=0, views=5)
DAY = 24 * 60


async def _expire(shelf: Shelf, *, days: float, limit: int = 100, retention: Retention = RETENTION) -> Expired:
    async with shelf.engine.begin() as connection:
        return await expire(
            connection, shelf.archive, retention, NOON + timedelta(days=days), limit=limit, remove_files=no_files
        )


async def _left(shelf: Shelf) -> list[str]:
    return [row.source_id for row in await shelf.rows(ARCHIVE_TABLES.entries)]


async def test_each_class_has_its_time(shelf: Shelf) -> None:
    await shelf.append(
        said(1, minutes=0),
        said(2, minutes=0, source="outbox"),
        said(3, minutes=0, source="wecom_archive"),
        said(4, minutes=0, source="import:history"),
        said(5, minutes=9 * DAY),
    )
    assert await _expire(shelf, days=10) == Expired()  # the day itself still counts
    assert await _expire(shelf, days=10.1) == Expired(entries=2)
    assert await _left(shelf) == ["m3", "m4", "m5"]
    assert await _expire(shelf, days=20.1) == Expired(entries=2)
    assert await _left(shelf) == ["m4"]
    assert await _expire(shelf, days=9999) == Expired()


async def test_oldest_first_in_batches(shelf: Shelf) -> None:
    await shelf.append(*[said(number, minutes=-number) for number in range(5)])
    gone = []
    while (done := await _expire(shelf, days=11, limit=2)).entries:
        gone.append((done.entries, await _left(shelf)))
    assert gone == [(2, ["m0", "m1", "m2"]), (2, ["m0"]), (1, [])]


async def test_with_its_tokens_and_the_log_of_views(shelf: Shelf) -> None:
    await shelf.append(said(1, "发货了吗"))
    async with shelf.engine.begin() as connection:
        await shelf.archive.index(connection, await shelf.fresh(connection))
        await shelf.archive.note_view(connection, who="chenjing", reason="客诉", query="发货")
    [view] = await shelf.rows(ARCHIVE_TABLES.views)
    assert (view.who, view.reason, len(view.query)) == ("chenjing", "客诉", 64)
    assert await _expire(shelf, days=6) == Expired(views=1)
    assert await _expire(shelf, days=11) == Expired(entries=1)
    assert await shelf.rows(ARCHIVE_TABLES.tokens) == []


async def test_for_good_is_for_good(shelf: Shelf) -> None:
    await shelf.append(said(1))
    kept = Retention(messages=0, session_archive=0, imports=0, files=0, results=0, views=0)
    assert await _expire(shelf, days=99_999, retention=kept) == Expired()
