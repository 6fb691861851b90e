"""Do the desk's moves start, stop and pause the clocks, each of them, without being told to?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.tables import conversations
from handoff import AgentStatus, Claimed, Clock, Metric, Queued, Ticket, ToTeam
from handoff.parts import Parts
from handoff.sla_store import SlaClocks
from handoff.steps import enqueue
from tests.handoff.promises import promising
from tests.handoff.shop import TABLES, Shop

FIRST, NEXT, RESOLUTION = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    """小王's shop, where the 售后组 promises; conversation 1 waits for it."""
    shop = Shop(engine, policy=promising())
    await shop.open_doors(1)
    await shop.open(1)
    return shop


async def clocks(shop: Shop) -> dict[Metric, Clock]:
    of = SlaClocks(TABLES, shop.clock, lambda: shop.policy)
    async with shop.engine.connect() as connection:
        return {each.metric: each for each in await of.of(connection, 1)}


async def take(shop: Shop) -> Claimed:
    async with shop.engine.begin() as connection:
        claimed = await shop.desk.claim(connection, 1, 2, expected_team=None, agent_id="wangfang", cause="test")
    assert isinstance(claimed, Claimed)
    return claimed


async def test_a_ticket_that_is_opened_begins_its_promises(shop: Shop) -> None:
    assert {name: each.running_since for name, each in (await clocks(shop)).items()} == {
        FIRST: shop.clock(),
        RESOLUTION: shop.clock(),
    }


async def test_her_first_words_keep_the_first_and_each_message_promises_the_next(shop: Shop) -> None:
    await take(shop)
    shop.clock.forward(10)
    async with shop.engine.begin() as connection:
        assert await shop.desk.responded(connection, 1, by="wangfang")
        await shop.desk.asked(connection, 1)
    found = await clocks(shop)
    assert found[FIRST].kept
    assert found[NEXT].running_since == shop.clock()
    async with shop.engine.begin() as connection:
        assert not await shop.desk.responded(connection, 1, by="wangfang")
    assert (await clocks(shop))[NEXT].kept


async def test_waiting_for_the_customer_stops_them_and_her_words_start_them(shop: Shop) -> None:
    await take(shop)
    async with shop.engine.begin() as connection:
        assert isinstance(await shop.desk.pend(connection, 1, by="wangfang", until=None, reason="waits"), Ticket)
    assert (await clocks(shop))[RESOLUTION].running_since is None
    async with shop.engine.begin() as connection:
        await shop.desk.asked(connection, 1)
    assert (await clocks(shop))[RESOLUTION].running_since == shop.clock()


async def test_whoever_gets_it_next_does_not_wait_for_the_customer(shop: Shop) -> None:
    claimed = await take(shop)

    async def release(connection: AsyncConnection) -> None:
        await shop.desk.pend(connection, 1, by="wangfang", until=None, reason="waits")

    async with shop.engine.begin() as connection:
        await release(connection)
    async with shop.engine.begin() as connection:
        await shop.desk.release(connection, 1, claimed.version, agent_id="wangfang")
    assert (await clocks(shop))[RESOLUTION].running_since == shop.clock()


async def test_another_teams_promises_hold_from_then_on(shop: Shop) -> None:
    teams = tuple(replace(each, sla="") if each.id == "presale" else each for each in shop.policy.teams)
    shop.policy = replace(shop.policy, teams=teams)
    async with shop.engine.begin() as connection:
        await shop.desk.transfer(connection, 1, 2, to=ToTeam("presale"), by="wangfang")
    assert {each.ended_at for each in (await clocks(shop)).values()} == {shop.clock()}


async def test_closing_ends_and_reopening_begins_anew(shop: Shop) -> None:
    claimed = await take(shop)
    async with shop.engine.begin() as connection:
        await shop.desk.return_to_bot(connection, 1, claimed.version, agent_id="wangfang", outcome="solved")
    assert (await clocks(shop))[RESOLUTION].kept
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        await shop.desk.set_status(connection, "wangfang", AgentStatus.READY, by="wangfang")
        reopened = await shop.desk.reopen(connection, 1, 1, claimed.version + 1, by="wangfang", reason="again")
    assert isinstance(reopened, Ticket)
    assert (await clocks(shop))[RESOLUTION].running_since == shop.clock()


async def test_one_made_to_wait_since_it_was_read_does_not_wait_for_the_customer_either(shop: Shop) -> None:
    """To wait for the customer changes no version: what the desk read of the ticket is old, and it must notice."""
    await take(shop)
    parts = Parts.over(TABLES, conversations, shop.clock, lambda: shop.policy)
    async with shop.engine.begin() as connection:
        seen = await parts.ownership.read(connection, 1)
        assert seen is not None
        await shop.desk.pend(connection, 1, by="wangfang", until=None, reason="waits")
        queued = await enqueue(parts, connection, seen, "aftersale", by="wangfang", cause="release")
    assert isinstance(queued, Queued)
    assert (await clocks(shop))[RESOLUTION].running_since == shop.clock()
