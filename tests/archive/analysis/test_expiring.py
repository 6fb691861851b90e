"""Does what was found out go when its time has passed, with the words or before them, and nothing that is younger?"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Expired, Retention, expire
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import Trial, entry, trial
from tests.archive.analysis.lines import at
from tests.archive.purged import no_files

FOR_GOOD = Retention(messages=0, session_archive=0, imports=0, files=0, results=0, views=0)
DAY = 24 * 60
OLD, YOUNG = 0, 9 * DAY  # minutes at which the two sessions begin
AFTER = at(10 * DAY + 120)  # ten days after the older one


async def _analysed(engine: AsyncEngine) -> Trial:
    """A session of each customer with a question that nobody answered."""
    shop = trial(engine)
    shop.time = AFTER
    await shop.add(entry(1, "在吗", minute=OLD), entry(2, minute=OLD + 1), entry(3, customer="xiaowang", minute=YOUNG))
    await shop.work()
    assert [each.anchor for each in await shop.findings()] == [1, 3]
    return shop


async def _expire(shop: Trial, retention: Retention, limit: int = 100) -> Expired:
    async with shop.engine.begin() as connection:
        return await expire(connection, shop.archive, retention, AFTER, limit=limit, remove_files=no_files)


async def test_results_go_and_the_words_they_rest_on_stay(engine: AsyncEngine) -> None:
    shop = await _analysed(engine)
    marks = [id_ for id_, *_ in await shop.results()]
    gone = await _expire(shop, replace(FOR_GOOD, results=10))
    assert gone == Expired(results=sum(id_ < 3 for id_ in marks) + 2)  # marks, a finding, a session
    assert {id_ for id_, *_ in await shop.results()} == {3}
    assert [each.anchor for each in await shop.findings()] == [3]
    assert [each.customer for each in await shop.sessions()] == ["xiaowang"]
    e = ARCHIVE_TABLES.entries
    assert [row.session_id is None for row in await shop.rows(select(e.c.session_id).order_by(e.c.id))] == [
        True, True, False
    ]  # fmt: skip
    await shop.work()  # and they do not come back
    assert [each.anchor for each in await shop.findings()] == [3]
    assert await _expire(shop, replace(FOR_GOOD, results=10)) == Expired()


async def test_results_go_in_batches(engine: AsyncEngine) -> None:
    shop, steps = await _analysed(engine), 0
    while await _expire(shop, replace(FOR_GOOD, results=1), limit=1) != Expired():
        steps += 1
    assert steps == 3  # entries with marks; findings and sessions are fewer
    assert (await shop.results(), await shop.findings(), await shop.sessions()) == (set(), [], [])


async def test_with_the_words_goes_what_was_made_of_them(engine: AsyncEngine) -> None:
    shop = await _analysed(engine)
    kept = replace(FOR_GOOD, messages=10)
    assert await _expire(shop, kept, limit=1) == Expired(entries=1)
    assert [each.customer for each in await shop.sessions()] == ["xiaolin", "xiaowang"]  # something of it is left
    assert await _expire(shop, kept, limit=1) == Expired(entries=1)
    assert {id_ for id_, *_ in await shop.results()} == {3}
    assert [each.anchor for each in await shop.findings()] == [3]
    assert [each.customer for each in await shop.sessions()] == ["xiaowang"]
    assert await _expire(shop, kept) == Expired()
