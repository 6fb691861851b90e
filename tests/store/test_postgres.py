"""Is a connection that the server has closed replaced before it is used?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.postgres import IDLE_S, look_before_use

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PID = text("SELECT pg_backend_pid()")


@dataclass
class Clock:
    """Seconds that pass only when told to."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def looking(database_url: str, clock: Clock) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(database_url, pool_size=1, max_overflow=0)
    look_before_use(engine, clock)
    yield engine
    await engine.dispose()


async def backend(engine: AsyncEngine) -> int:
    """Which of the server's processes a transaction was served by."""
    async with engine.begin() as connection:
        pid: int = (await connection.execute(PID)).scalar_one()
    return pid


async def end(url: str, pid: int) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        assert (await connection.execute(text(f"SELECT pg_terminate_backend({pid}, 5000)"))).scalar_one()
    await engine.dispose()


def end_unnoticed(url: str, pid: int) -> None:
    """While our loop stands still: its driver has not heard of it."""
    ending = threading.Thread(target=lambda: asyncio.run(end(url, pid)))
    ending.start()
    ending.join()


async def test_one_connection_serves_one_transaction_after_the_other(looking: AsyncEngine, clock: Clock) -> None:
    pid = await backend(looking)
    assert await backend(looking) == pid
    clock.at += 2 * IDLE_S
    assert await backend(looking) == pid


async def test_one_that_the_driver_knows_to_be_closed_is_replaced(looking: AsyncEngine, database_url: str) -> None:
    pid = await backend(looking)
    await end(database_url, pid)
    assert await backend(looking) != pid


async def test_one_that_broke_unnoticed_is_replaced_after_a_pause(
    looking: AsyncEngine, database_url: str, clock: Clock
) -> None:
    pid = await backend(looking)
    end_unnoticed(database_url, pid)
    clock.at += IDLE_S
    assert await backend(looking) != pid


async def test_one_that_broke_just_now_breaks_one_transaction(looking: AsyncEngine, database_url: str) -> None:
    pid = await backend(looking)
    end_unnoticed(database_url, pid)
    with pytest.raises(DBAPIError):
        await backend(looking)
    assert await backend(looking) != pid
