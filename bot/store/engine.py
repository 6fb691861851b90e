"""How do we reach the database? One engine factory: the same promises on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

# How long a SQLite writer waits for the one before it; far above any transaction of ours.
BUSY_TIMEOUT_MS: Final = 10_000
READ_ONLY: Final = "xiaoer_read_only"

# WAL lets readers go on beside the writer. FULL makes a commit reach the disk before it returns:
# a message is acknowledged to the platform only when it is durable.
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def create_store_engine(url: str, pool_size: int) -> AsyncEngine:
    """Build the engine for `url` (sqlite+aiosqlite:///… or postgresql+asyncpg://…); connects lazily.

    pool_size: connections kept open; no more are opened beyond it, callers wait instead.
    On SQLite every transaction starts with BEGIN IMMEDIATE, so that a transaction that reads and
    then writes can never fail half-way because another writer came between.
    Raises sqlalchemy.exc.ArgumentError if the url cannot be understood.
    """
    if url.startswith("sqlite"):
        return _create_sqlite_engine(url, pool_size)
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)


def read_only(engine: AsyncEngine) -> AsyncEngine:
    """The same pool for transactions that only read: they never wait for a writer, and cannot write."""
    return engine.execution_options(**{READ_ONLY: True, "postgresql_readonly": True})


def _create_sqlite_engine(url: str, pool_size: int) -> AsyncEngine:
    # isolation_level None: the driver keeps its hands off transactions; _begin opens them.
    in_memory = url in {"sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"}
    pool = {} if in_memory else {"pool_size": pool_size, "max_overflow": 0}
    engine = create_async_engine(url, connect_args={"isolation_level": None}, **pool)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":  # VACUUM and the like run outside of transactions
        return
    reading = bool(options.get(READ_ONLY, False))
    if connection.info.get("query_only", False) != reading:
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reading)}")
        connection.info["query_only"] = reading
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
