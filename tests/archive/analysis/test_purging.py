"""Does all that was found out about a customer go with her, and nothing of anybody else's?"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.archive.analysis.ground import Trial, entry, trial
from tests.archive.analysis.lines import at
from tests.archive.purged import purged


async def _purge(shop: Trial, customer: str) -> dict[str, int]:
    async with shop.engine.begin() as connection:
        return await purged(connection, shop.archive, customer, now=shop.time)


async def test_marks_sessions_and_findings_go(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1), entry(2, customer="xiaowang"))
    await shop.work()
    assert await _purge(shop, "xiaolin") == {"entries": 1, "results": 2, "sessions": 1, "findings": 1, "keys": 1}
    assert {id_ for id_, *_ in await shop.results()} == {2}
    assert [each.customer for each in await shop.sessions()] == ["xiaowang"]
    assert [each.customer for each in await shop.findings()] == ["xiaowang"]
    assert await _purge(shop, "xiaolin") == {}


async def test_a_group_she_spoke_in_is_judged_without_her(engine: AsyncEngine) -> None:
    shop = trial(engine)
    shop.time = at(60)
    await shop.add(entry(1, room="wr1"), entry(2, room="wr1", customer="xiaowang"))
    await shop.work()
    assert [each.messages for each in await shop.sessions()] == [2]
    await _purge(shop, "xiaolin")
    await shop.work()
    assert [each.messages for each in await shop.sessions()] == [1]
    assert [each.entry_ids for each in await shop.findings()] == [[2]]
