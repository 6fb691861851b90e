"""Does the log only grow, in one order, and say nothing of customers?"""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.access import Access, Action, Actor, Broken, Head, Wanted
from bot.access.tables import audit_log
from tests.console.desk import Clock

BOSS = Actor("boss", "10.0.0.9")


async def test_rows_of_many_transactions_at_once_make_one_chain(access: Access) -> None:
    await asyncio.gather(
        *(access.log.record(Action.WATCHED, by=BOSS, on=f"ticket:{number}", reason="看看") for number in range(12))
    )
    found = await access.log.verify()
    assert isinstance(found, Head)
    assert found.number == 12


async def test_what_is_rolled_back_leaves_no_row_and_no_gap(access: Access, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await access.audit.record(connection, Action.APPROVED, by=BOSS, on="script:refund")
        await connection.rollback()
    await access.log.record(Action.APPROVED, by=BOSS, on="script:refund")
    assert [each.number for each in await access.log.page(Wanted(), limit=9)] == [1]
    assert isinstance(await access.log.verify(), Head)


async def test_no_row_is_changed_or_removed(access: Access, engine: AsyncEngine) -> None:
    await access.log.record(Action.APPROVED, by=BOSS)
    for statement in (update(audit_log).values(who="nobody"), delete(audit_log)):
        with pytest.raises(DBAPIError, match="only grows"):
            async with engine.begin() as connection:
                await connection.execute(statement)
    assert (await access.log.page(Wanted(), limit=1))[0].who == "boss"


async def test_rows_that_were_removed_past_the_triggers_are_missed(access: Access, engine: AsyncEngine) -> None:
    for _ in range(3):
        await access.log.record(Action.APPROVED, by=BOSS)
    drop = {
        "sqlite": "DROP TRIGGER audit_log_no_delete",
        "postgresql": "ALTER TABLE audit_log DISABLE TRIGGER audit_log_only_grows",
    }[engine.dialect.name]
    async with engine.begin() as connection:
        await connection.execute(text(drop))
        await connection.execute(delete(audit_log).where(audit_log.c.number == 2))
        if engine.dialect.name == "postgresql":  # the table serves the tests that follow
            await connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER audit_log_only_grows"))
    assert await access.log.verify() == Broken(2, "gap")


async def test_a_reason_says_nothing_that_must_go_with_the_customer(access: Access) -> None:
    await access.log.record(Action.FIELD_REVEALED, by=BOSS, on="ticket:1#phone", reason="回拨 13812345678\x00")
    (row,) = await access.log.page(Wanted(), limit=1)
    assert "138" not in row.reason
    assert "回拨" in row.reason


def test_a_customer_is_named_by_a_hash_that_tells_her_from_others(access: Access) -> None:
    one, other = access.audit.customer("shop", "customer-1"), access.audit.customer("corp", "customer-1")
    assert one == access.audit.customer("shop", "customer-1")
    assert one != other
    assert "customer-1" not in one


async def test_filters_and_pages(access: Access, clock: Clock) -> None:
    for number in range(5):
        await access.log.record(Action.WATCHED if number % 2 else Action.APPROVED, by=BOSS, on=f"ticket:{number}")
        clock.forward(days=1)
    newest = await access.log.page(Wanted(), limit=2)
    assert [each.number for each in newest] == [5, 4]
    assert [each.number for each in await access.log.page(Wanted(before=4), limit=9)] == [3, 2, 1]
    assert [each.number for each in await access.log.page(Wanted(action="watched"), limit=9)] == [4, 2]
    assert [each.number for each in await access.log.page(Wanted(object="ticket:2"), limit=9)] == [3]
    assert await access.log.page(Wanted(who="nobody"), limit=9) == []
    since = newest[-1].at
    assert [each.number for each in await access.log.page(Wanted(since=since), limit=9)] == [5, 4]
    assert [each.number for each in await access.log.page(Wanted(until=since), limit=9)] == [3, 2, 1]
    assert [each.number async for each in access.log.each(Wanted(action="approved"))] == [5, 3, 1]
