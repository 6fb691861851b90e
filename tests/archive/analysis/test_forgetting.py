"""Does all that was found out about a customer go with her, and nothing of anybody else's?"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from archive.analysis import Forgotten, forget
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.analysis.ground import TABLES, Trial, entry, trial
from tests.archive.analysis.lines import at


async def _forget(shop: Trial, customer: str) -> Forgotten:
    async with shop.engine.begin() as connection:
        return await forget(
            connection, TABLES, ARCHIVE_TABLES.entries, account="shop", customer=customer, now=shop.time
        )


async def test_marks_sessions_and_findings_go(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1), entry(2, customer="xiaowang"))
    await shop.work()
    assert await _forget(shop, "xiaolin") == Forgotten(results=2, sessions=1, findings=1)
    assert {id_ for id_, *_ in await shop.results()} == {2}
    assert [each.customer for each in await shop.sessions()] == ["xiaowang"]
    assert [each.customer for each in await shop.findings()] == ["xiaowang"]
    assert await _forget(shop, "xiaolin") == Forgotten(0, 0, 0)


async def test_a_group_she_spoke_in_is_judged_without_her(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1, room="wr1"), entry(2, room="wr1", customer="xiaowang"))
    await shop.work()
    assert [each.messages for each in await shop.sessions()] == [2]
    await _forget(shop, "xiaolin")
    async with engine.begin() as connection:
        await shop.archive.erase(connection, "shop", "xiaolin")
    await shop.work()
    assert [each.messages for each in await shop.sessions()] == [1]
    assert [each.entry_ids for each in await shop.findings()] == [[2]]
