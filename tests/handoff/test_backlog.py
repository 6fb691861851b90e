"""Is everything that is owed counted, once?"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import Backlog, read_backlog
from tests.handoff.promises import Promises
from tests.handoff.shop import TABLES


async def test_queues_and_promises(engine: AsyncEngine) -> None:
    promises = Promises(engine)

    async def backlog() -> Backlog:
        async with engine.connect() as connection:
            return await read_backlog(connection, TABLES)

    await promises.open()
    assert await backlog() == Backlog({"aftersale": 1, "presale": 0}, running=2, paused=0, warned=0, breached=0)
    promises.time.forward(3000)
    await promises.tell()
    await promises.open(2)
    assert await backlog() == Backlog({"aftersale": 2, "presale": 0}, running=3, paused=0, warned=1, breached=0)
    promises.time.forward(1000)
    await promises.tell()
    await promises.do(lambda c: promises.clocks.pause(c, 2))
    assert await backlog() == Backlog({"aftersale": 2, "presale": 0}, running=1, paused=2, warned=0, breached=1)
    await promises.do(lambda c: promises.clocks.finish(c, 1))
    await promises.change(state="assigned")
    assert await backlog() == Backlog({"aftersale": 0, "presale": 0}, running=0, paused=2, warned=0, breached=0)
