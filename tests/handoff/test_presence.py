"""Is an agent there when we think she is, and what becomes of her conversations when she is not?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import AgentLoad, AgentStatus, Calendar, Claimed, Offered, OfferPolicy, Queued, Refused, StatusChanged
from tests.handoff.policies import sample_policy
from tests.handoff.shop import START, TABLES, Shop

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = Calendar("days", SHANGHAI, weekly=(((time(9), time(18)),),) * 7)  # START is 17:00 in Shanghai


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    policy = sample_policy()
    shop = Shop(
        engine,
        policy=replace(
            policy,
            agents=tuple(replace(each, shift="days" if each.id == "limei" else "") for each in policy.agents),
            calendars={"days": DAYS},
            offers=OfferPolicy(wrap_up_s=30, grace_s=60),
        ),
    )
    await shop.open_doors(customers=4)
    return shop


async def set_status(shop: Shop, agent: str, status: AgentStatus, lease_until: datetime | None = None) -> StatusChanged:
    async with shop.engine.begin() as connection:
        changed = await shop.desk.set_status(connection, agent, status, by=agent, lease_until=lease_until)
    assert isinstance(changed, StatusChanged)
    return changed


async def renew(shop: Shop, agent: str, seconds: int) -> bool:
    async with shop.engine.begin() as connection:
        return await shop.desk.renew_presence(connection, agent, shop.clock() + timedelta(seconds=seconds))


async def end_shifts(shop: Shop) -> list[tuple[str, AgentStatus, AgentStatus]]:
    async with shop.engine.begin() as connection:
        changed = await shop.desk.end_shifts(connection)
    return [(each.agent.id, each.before, each.agent.status) for each in changed]


async def agent(shop: Shop, agent_id: str) -> AgentLoad:
    async with shop.engine.connect() as connection:
        return next(each for each in await shop.desk.agents(connection) if each.id == agent_id)


async def states(shop: Shop, agent_id: str) -> list[tuple[str, str]]:
    table = TABLES.agent_states
    async with shop.engine.connect() as connection:
        rows = await connection.execute(select(table).where(table.c.agent_id == agent_id).order_by(table.c.id))
        return [(row.status, row.by) for row in rows]


async def due(shop: Shop) -> datetime | None:
    async with shop.engine.connect() as connection:
        return await shop.desk.next_due(connection)


async def test_each_change_is_written_down_with_who_made_it(shop: Shop) -> None:
    assert (await set_status(shop, "wangfang", AgentStatus.BUSY)).before is AgentStatus.READY
    await set_status(shop, "wangfang", AgentStatus.BUSY)
    assert await states(shop, "wangfang") == [("ready", "wangfang"), ("busy", "wangfang")]


async def test_a_renewal_extends_a_lease_and_changes_nothing_else(shop: Shop) -> None:
    await set_status(shop, "wangfang", AgentStatus.BUSY, shop.clock() + timedelta(seconds=30))
    assert await renew(shop, "wangfang", 60)
    assert not await renew(shop, "wangfang", 10)  # never shorter
    found = await agent(shop, "wangfang")
    assert (found.status, found.lease_until) == (AgentStatus.BUSY, START + timedelta(seconds=60))
    assert not await renew(shop, "chenjing", 60)  # she asked for no lease


async def test_a_lease_that_ran_out_means_off_and_no_stale_tab_brings_her_back(shop: Shop) -> None:
    await set_status(shop, "wangfang", AgentStatus.READY, shop.clock() + timedelta(seconds=30))
    assert await due(shop) == START + timedelta(seconds=30)
    shop.clock.forward(30)
    assert await due(shop) == shop.clock()
    assert not await renew(shop, "wangfang", 60)
    assert await end_shifts(shop) == [("wangfang", AgentStatus.READY, AgentStatus.OFF)]
    assert await end_shifts(shop) == []
    assert not await renew(shop, "wangfang", 60)
    assert (await states(shop, "wangfang"))[-1] == ("off", "presence")
    found = await agent(shop, "wangfang")
    assert (found.lease_until, found.leaves_at) == (None, START + timedelta(seconds=90))


async def test_a_shift_ends_once_and_what_she_says_afterwards_holds(shop: Shop) -> None:
    assert await end_shifts(shop) == []
    assert await due(shop) == START + timedelta(hours=1)  # 18:00
    shop.clock.forward(3600)
    assert await due(shop) == shop.clock()
    assert await end_shifts(shop) == [("limei", AgentStatus.READY, AgentStatus.OFF)]
    assert (await states(shop, "limei"))[-1] == ("off", "shift")
    shop.clock.forward(60)
    await set_status(shop, "limei", AgentStatus.READY)  # overtime
    assert await end_shifts(shop) == []
    shop.clock.forward(24 * 3600)
    assert await end_shifts(shop) == [("limei", AgentStatus.READY, AgentStatus.OFF)]


async def test_who_comes_early_is_not_sent_home_before_her_shift(shop: Shop) -> None:
    shop.clock.at = datetime(2026, 3, 2, 8, 50, tzinfo=SHANGHAI)
    await set_status(shop, "limei", AgentStatus.READY)
    shop.clock.forward(300)
    assert await end_shifts(shop) == []


async def test_after_a_conversation_she_has_time_for_her_notes_and_is_ready_again_by_herself(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    async with shop.engine.begin() as connection:
        await shop.desk.return_to_bot(connection, 1, 3, agent_id="wangfang", outcome="solved")
    assert (await agent(shop, "wangfang")).status is AgentStatus.WRAPPING_UP
    await set_status(shop, "limei", AgentStatus.AWAY)
    await shop.open(2)
    async with shop.engine.begin() as connection:
        assert await shop.desk.offer_waiting(connection) == ()
    assert await due(shop) == START + timedelta(seconds=30)
    shop.clock.forward(30)
    async with shop.engine.begin() as connection:
        (offered,) = await shop.desk.offer_waiting(connection)
    assert isinstance(offered, Offered)
    assert offered.offer.agent == "wangfang"
    assert await end_shifts(shop) == [("wangfang", AgentStatus.WRAPPING_UP, AgentStatus.READY)]


async def test_a_busy_one_is_not_made_ready_by_her_notes(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    await set_status(shop, "wangfang", AgentStatus.BUSY)
    async with shop.engine.begin() as connection:
        await shop.desk.close(connection, 1, 3, by="wangfang", outcome="solved")
    assert (await agent(shop, "wangfang")).status is AgentStatus.BUSY


async def test_who_goes_off_has_a_minute_then_her_conversations_go_to_a_colleague(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    await set_status(shop, "wangfang", AgentStatus.OFF)
    shop.clock.forward(59)
    async with shop.engine.begin() as connection:
        assert await shop.desk.absences(connection) == ()
    assert await due(shop) == START + timedelta(seconds=60)
    shop.clock.forward(1)
    async with shop.engine.begin() as connection:
        (absence,) = await shop.desk.absences(connection)
        assert (absence.agent.id, [each.conversation_id for each in absence.tickets]) == ("wangfang", [1])
        assert await shop.desk.best_colleague(connection, absence.tickets[0], excluding=["wangfang"]) == "limei"
        moved = await shop.desk.relieve(connection, 1, 3, agent_id="wangfang", cause="absent")
    assert isinstance(moved, Queued)
    async with shop.engine.begin() as connection:
        assert await shop.desk.absences(connection) == ()
        (offered,) = await shop.desk.offer_waiting(connection)
        events = await shop.desk.events(connection, moved.ticket.id)
    assert isinstance(offered, Offered)
    assert offered.offer.agent == "limei"
    assert [(event.kind, event.by, event.cause) for event in events][-2:] == [
        ("queued", "system", "absent"), ("offered", "system", "least_loaded"),
    ]  # fmt: skip


async def test_an_absence_that_nobody_helped_is_told_again_after_a_while(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    await set_status(shop, "wangfang", AgentStatus.OFF)
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        assert len(await shop.desk.absences(connection)) == 1
        assert await shop.desk.absences(connection) == ()
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        assert len(await shop.desk.absences(connection)) == 1


async def test_who_comes_back_within_the_minute_keeps_them(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    await set_status(shop, "wangfang", AgentStatus.OFF)
    shop.clock.forward(30)
    await set_status(shop, "wangfang", AgentStatus.READY)
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        assert await shop.desk.absences(connection) == ()


async def test_who_was_relieved_gets_it_back_if_she_returns_first(shop: Shop) -> None:
    await set_status(shop, "limei", AgentStatus.OFF)
    await shop.assign(1, "wangfang")
    await set_status(shop, "wangfang", AgentStatus.OFF)
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        await shop.desk.absences(connection)
        await shop.desk.relieve(connection, 1, 3, agent_id="wangfang", cause="absent")
    await set_status(shop, "wangfang", AgentStatus.READY)
    async with shop.engine.begin() as connection:
        (offered, *_) = await shop.desk.offer_waiting(connection)
        assert isinstance(offered, Offered)
        claimed = await shop.desk.claim(
            connection, 1, 4, expected_team=None, agent_id=offered.offer.agent, cause="card"
        )
    assert offered.offer.agent == "wangfang"
    assert isinstance(claimed, Claimed)


async def test_nobody_unknown_is_there(shop: Shop) -> None:
    async with shop.engine.begin() as connection:
        refused = await shop.desk.set_status(connection, "nobody", AgentStatus.READY, by="nobody")
    assert isinstance(refused, Refused)
