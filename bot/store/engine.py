"""How do we reach the database? One engine factory: the same promises on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from functools import lru_cache
from typing import Final

import aiosqlite
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import greenlet_spawn

from bot.store.postgres import look_before_use
from bot.store.sqlite import READ_ONLY, UNSYNCED, Driver, serve_well

ALL_HOME_S: Final = 5.0  # how long connections on loan may take to come home at shutdown
LOOK_AGAIN_S: Final = 0.005
_ENGINES: Final = 4  # whose variants are kept: a process has one, seldom two, and every transaction asks for one
_log = structlog.get_logger()


def create_store_engine(url: str, pool_size: int) -> AsyncEngine:
    """Build the engine for `url` (sqlite+aiosqlite:///… or postgresql+asyncpg://…); connects lazily.

    pool_size: connections kept open; no more are opened beyond it, callers wait instead.
    On SQLite every transaction starts with BEGIN IMMEDIATE, so that a transaction that reads and
    then writes can never fail half-way because another writer came between.
    An error of the engine never quotes what was bound to its statement: it may be what a customer wrote.
    Raises sqlalchemy.exc.ArgumentError if the url cannot be understood.
    """
    if url.startswith("sqlite"):
        return _create_sqlite_engine(url, pool_size)
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True)
    look_before_use(engine)
    return engine


async def close_store(engine: AsyncEngine) -> None:
    """Close every connection, those too that somebody is just giving back. Who asks for one later gets a new one.

    Disposing of an engine closes what lies in its pool, no more: what a request that was cut off still rolls back
    would come home to a pool that nobody closes again.
    """
    while isinstance(pool := engine.pool, QueuePool):
        await engine.dispose(close=False)  # nobody borrows from the old pool any more
        await _all_home(pool)
        await greenlet_spawn(pool.dispose)
        if isinstance(fresh := engine.pool, QueuePool) and not fresh.checkedin() + fresh.checkedout():
            return  # nobody borrowed meanwhile
    await engine.dispose()


async def _all_home(pool: QueuePool) -> None:
    try:
        async with asyncio.timeout(ALL_HOME_S):
            while pool.checkedout():  # noqa: ASYNC110 - the pool tells nobody when a connection lies in it again
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        _log.error("store.connections_never_came_back", connections=pool.checkedout())


@lru_cache(maxsize=_ENGINES)
def read_only(engine: AsyncEngine) -> AsyncEngine:
    """The same pool for transactions that only read: they never wait for a writer, and cannot write.

    All that one of them reads is of one moment: SQLite's are so by themselves, PostgreSQL's where asked (13.2.2 of its
    manual; one that only reads never fails for it).
    """
    moment = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    return engine.execution_options(**{READ_ONLY: True, "postgresql_readonly": True}, **moment)


@lru_cache(maxsize=_ENGINES)
def unsynced(engine: AsyncEngine) -> AsyncEngine:
    """The same pool for leases and outcomes: on SQLite their commits do not wait for the disk.

    A dead process loses nothing of them. A power cut may undo the latest ones, as if the process had
    died before them, which every reader of a lease or an outcome is prepared for. The next commit
    that waits for the disk takes them along.
    """
    return engine.execution_options(**{UNSYNCED: True})


def _create_sqlite_engine(url: str, pool_size: int) -> AsyncEngine:
    # isolation_level None: the driver keeps its hands off transactions; serve_well opens them.
    in_memory = url in {"sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"}
    pool = {} if in_memory else {"pool_size": pool_size, "max_overflow": 0}
    driver = Driver(aiosqlite, sqlite3)
    engine = create_async_engine(
        url, connect_args={"isolation_level": None}, hide_parameters=True, module=driver, **pool
    )
    serve_well(engine, in_memory=in_memory)
    return engine
