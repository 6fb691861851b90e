"""Does the engine keep its promises on both databases?"""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import close_store, create_store_engine, read_only
from bot.store.tables import account_facts, inbox

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _fact(name: str) -> dict[str, object]:
    return {"account": "shop", "fact": name, "value": "1", "at": NOW}


async def _count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(account_facts))).scalar_one()


async def test_a_rolled_back_transaction_leaves_nothing(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(account_facts.insert().values(_fact("a")))
        await connection.rollback()
    assert await _count(engine) == 0


async def test_a_rolled_back_savepoint_leaves_the_rest(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(account_facts.insert().values(_fact("a")))
        savepoint = await connection.begin_nested()
        await connection.execute(account_facts.insert().values(_fact("b")))
        await savepoint.rollback()
    assert await _count(engine) == 1


async def test_read_then_write_loses_no_update(engine: AsyncEngine) -> None:
    """Eight tasks read a number and write one more; on SQLite BEGIN IMMEDIATE makes them queue."""
    async with engine.begin() as connection:
        await connection.execute(account_facts.insert().values({**_fact("n"), "value": "0"}))

    async def add_one() -> None:
        async with engine.begin() as connection:
            found = await connection.execute(select(account_facts.c.value).with_for_update())
            await connection.execute(account_facts.update().values(value=str(int(found.scalar_one()) + 1)))

    await asyncio.gather(*(add_one() for _ in range(24)))
    async with engine.connect() as connection:
        assert (await connection.execute(select(account_facts.c.value))).scalar_one() == "24"


async def test_foreign_keys_hold(engine: AsyncEngine) -> None:
    row = {
        "account": "a", "message_id": "m", "address_id": 99, "body": {}, "sent_at": NOW, "received_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(inbox.insert().values(row))


async def test_the_read_only_engine_reads_and_cannot_write(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(account_facts.insert().values(_fact("a")))
    assert await _count(read_only(engine)) == 1
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        async with read_only(engine).begin() as connection:
            await connection.execute(account_facts.insert().values(_fact("b")))
    async with engine.begin() as connection:  # the pooled connection is not spoilt
        await connection.execute(account_facts.insert().values(_fact("c")))
    assert await _count(engine) == 2


async def test_readers_do_not_wait_for_the_writer(engine: AsyncEngine) -> None:
    async with engine.begin() as writer:
        await writer.execute(account_facts.insert().values(_fact("a")))
        assert await _count(read_only(engine)) == 0


async def test_sqlite_is_durable_before_it_acknowledges(tmp_path: Path) -> None:
    engine = create_store_engine(f"sqlite+aiosqlite:///{tmp_path}/x.db", 2)
    async with engine.connect() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await close_store(engine)
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


async def test_an_error_does_not_quote_what_a_customer_wrote(engine: AsyncEngine) -> None:
    row = {
        "account": "a", "message_id": "m", "address_id": 99, "body": {"text": "我的手机号是 13800000000"},
        "sent_at": NOW, "received_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError) as raised:
        async with engine.begin() as connection:
            await connection.execute(inbox.insert().values(row))
    assert "13800000000" not in "".join(traceback.format_exception(raised.value))


async def test_a_pool_opens_no_more_connections_than_it_may(tmp_path: Path) -> None:
    engine = create_store_engine(f"sqlite+aiosqlite:///{tmp_path}/x.db", 2)
    async with engine.connect(), engine.connect():
        waiting = asyncio.create_task(engine.connect().start())
        done, _ = await asyncio.wait({waiting}, timeout=0.05)
        assert not done
    await (await waiting).close()
    await close_store(engine)


async def test_closing_waits_for_connections_that_are_just_given_back(database_url: str) -> None:
    engine = create_store_engine(database_url, 4)
    opened: list[Any] = []
    event.listen(engine.sync_engine, "close", lambda connection, _: opened.remove(connection))
    event.listen(engine.sync_engine, "connect", lambda connection, _: opened.append(connection))
    holding = asyncio.Event()

    async def hold() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT 1"))
            holding.set()
            await asyncio.Event().wait()

    cut_off = asyncio.create_task(hold())
    await holding.wait()
    cut_off.cancel()  # as a server does with a request at its end; nobody waits for it
    await close_store(engine)
    assert opened == []
    with pytest.raises(asyncio.CancelledError):
        await cut_off


async def test_what_is_read_over_one_connection_is_of_one_moment(engine: AsyncEngine) -> None:
    """Else what moves from one table to another while a page is read would be in neither."""
    facts = select(func.count()).select_from(account_facts)
    async with read_only(engine).connect() as connection:
        before = (await connection.execute(facts)).scalar_one()
        async with engine.begin() as other:
            await other.execute(account_facts.insert().values(_fact("a")))
        assert (await connection.execute(facts)).scalar_one() == before
    assert await _count(read_only(engine)) == before + 1
