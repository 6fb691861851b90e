"""How do we reach the database? One engine factory: the same promises on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.postgres import look_before_use
from bot.store.sqlite import READ_ONLY, UNSYNCED, Driver, serve_well


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


def read_only(engine: AsyncEngine) -> AsyncEngine:
    """The same pool for transactions that only read: they never wait for a writer, and cannot write."""
    return engine.execution_options(**{READ_ONLY: True, "postgresql_readonly": True})


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
