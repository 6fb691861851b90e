"""Is a newer version never overwritten, even where everything else looks as it did?"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import conversations
from handoff import Owner
from handoff.ownership import Ownership, Place
from tests.handoff.shop import TABLES, Shop


async def test_a_move_from_an_old_version_does_nothing(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(1)
    await shop.assign(1, "limei")
    ownership = Ownership(conversations, TABLES)
    async with engine.begin() as connection:
        old = await ownership.read(connection, 1)
        assert old is not None
        await shop.desk.release(connection, 1, 3, agent_id="limei")
        await shop.desk.claim(connection, 1, 4, expected_team=None, agent_id="limei", cause="again")
    before = await shop.conversation(1)  # same owner, agent and team as in `old`; only the version is newer
    async with engine.begin() as connection:
        assert await ownership.move(connection, old, Place(Owner.BOT), shop.clock(), {}) is None
    assert await shop.conversation(1) == before
