"""Would the witnesses of the claim bench see an owner passed over, a load above capacity, books that do not add up?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks.claim_child import CountThenClaim, TheDesk
from benchmarks.claim_ground import CAPACITY, TABLES, Seen, agent_id, furnish, look
from bot.store.engine import create_store_engine
from bot.store.tables import conversations

pytestmark = pytest.mark.parametrize("blank_database_url", ["postgresql"], indirect=True)
HERS = [number for number in range(1, 60) if number % 4 == 0]  # of the team of agent000


@pytest.fixture
async def ground(blank_database_url: str) -> AsyncIterator[AsyncEngine]:
    await furnish(blank_database_url, 60)
    engine = create_store_engine(blank_database_url, 1)
    yield engine
    await engine.dispose()


async def seen(engine: AsyncEngine) -> Seen:
    async with engine.connect() as connection:
        return await look(connection)


async def test_who_claims_by_the_desk_is_never_wrong(ground: AsyncEngine) -> None:
    way = TheDesk()
    async with ground.begin() as connection:
        claimed = [await way.claim(connection, number, agent_id(0)) for number in HERS]
    assert len([version for version in claimed if version is not None]) == CAPACITY
    assert await seen(ground) == Seen(double_owners=0, over_capacity=0, off_books=0)


async def test_what_was_let_go_can_be_claimed_again(ground: AsyncEngine) -> None:
    way = TheDesk()
    async with ground.begin() as connection:
        version = await way.claim(connection, 4, agent_id(0))
        assert version is not None
        assert await way.release(connection, 4, version, agent_id(0))
        assert await way.claim(connection, 4, agent_id(4)) is not None
    assert await seen(ground) == Seen(0, 0, 0)


async def test_counting_and_then_claiming_alone_does_as_it_should(ground: AsyncEngine) -> None:
    way = CountThenClaim()
    async with ground.begin() as connection:
        claimed = [await way.claim(connection, number, agent_id(0)) for number in HERS]
        assert len([version for version in claimed if version is not None]) == CAPACITY
        assert await way.release(connection, HERS[0], 0, agent_id(0))
    assert await seen(ground) == Seen(0, 0, 0)


async def test_an_owner_passed_over_is_seen(ground: AsyncEngine) -> None:
    async with ground.begin() as connection:
        await TheDesk().claim(connection, 4, agent_id(0))
        await _write_over(connection, 4, agent_id(4))
    assert (await seen(ground)).double_owners == 1


async def test_a_load_above_capacity_is_seen_and_so_are_wrong_books(ground: AsyncEngine) -> None:
    agents = TABLES.agents
    async with ground.begin() as connection:
        await connection.execute(update(agents).where(agents.c.id == agent_id(1)).values(active=CAPACITY + 1))
    assert await seen(ground) == Seen(double_owners=0, over_capacity=1, off_books=1)


async def _write_over(connection: AsyncConnection, number: int, agent: str) -> None:
    await connection.execute(update(conversations).where(conversations.c.id == number).values(agent=agent))
    for who, change in ((agent_id(0), -1), (agent, 1)):
        await connection.execute(text(f"UPDATE agents SET active = active + {change} WHERE id = '{who}'"))
