"""What does SQLite need to serve many tasks of one process quickly? A queue of writers and few thread hops."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import EMPTY_DICT, await_only
from typing_extensions import override

# How long a SQLite writer waits for the one before it; far above any transaction of ours.
BUSY_TIMEOUT_MS: Final = 10_000
CHECKPOINT_S: Final = 1.0
READ_ONLY: Final = "xiaoer_read_only"
UNSYNCED: Final = "xiaoer_unsynced"
_WRITING: Final = "xiaoer_writing"
_log = structlog.get_logger()

# WAL lets readers go on beside the writer. FULL makes a commit reach the disk before it returns:
# a message is acknowledged to the platform only when it is durable.
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # What is erased is overwritten: a key that lies in a free page is not gone [sqlite.org/pragma, secure_delete].
    "PRAGMA secure_delete = ON",
    # `keep_short` copies the log into the database beside the writers; this bounds it (100 MB) where nobody does.
    "PRAGMA wal_autocheckpoint = 25000",
)


def serve_well(engine: AsyncEngine, *, in_memory: bool) -> None:
    """Listen to a new engine: every transaction that may write starts with BEGIN IMMEDIATE, when it is its turn."""
    event.listen(engine.sync_engine, "connect", _prepare)
    if not in_memory:  # there one connection serves all
        writers = _Writers()
        event.listen(engine.sync_engine, "begin", writers.queue_up)
        event.listen(engine.sync_engine, "checkin", writers.let_go)
    event.listen(engine.sync_engine, "begin", _begin)


async def keep_short(engine: AsyncEngine, ended: asyncio.Event) -> None:
    """Copy the write-ahead log into the database, time and again, until `ended` is set.

    Left to itself SQLite does that inside the commit that fills the log, and whoever waits for that
    commit waits for two flushes of the disk more. PASSIVE makes nobody wait [sqlite.org/pragma, wal_checkpoint].
    """
    outside = engine.execution_options(isolation_level="AUTOCOMMIT")
    while not ended.is_set():
        try:
            async with outside.connect() as connection:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        except SQLAlchemyError as error:  # the database is away: its users say so too
            _log.warning("sqlite.checkpoint_failed", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CHECKPOINT_S):
                await ended.wait()


@contextlib.asynccontextmanager
async def kept_short(engine: AsyncEngine) -> AsyncIterator[None]:
    """The log is tidied beside the body; never cut off in the middle, which would lose a pooled connection."""
    ended = asyncio.Event()
    task = asyncio.create_task(keep_short(engine, ended))
    try:
        yield
    finally:
        ended.set()
        await task


class _Writers:
    """Lets the transactions of this process write one after the other, in the order they came.

    SQLite has no queue of its own: who finds the database locked looks again after up to 100 ms and
    is overtaken meanwhile, so a few writers side by side wait seconds for milliseconds of work.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    def queue_up(self, connection: Connection) -> None:
        """Wait for our turn; beyond SQLite's own patience the transaction may try, and says what is wrong."""
        record = connection.connection.record_info
        if record is None or _WRITING in record or connection.get_execution_options().get(READ_ONLY, False):
            return
        record[_WRITING] = await_only(self._wait())

    def let_go(self, _connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        """The transaction is over: its connection came back."""
        if (entry.record_info or {}).pop(_WRITING, False):
            self._lock.release()

    async def _wait(self) -> bool:
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                return await self._lock.acquire()
        except TimeoutError:
            return False


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":  # VACUUM and the like run outside of transactions
        return
    adapted = cast("_Connection", connection.connection.dbapi_connection)
    mode = _Mode(reading=bool(options.get(READ_ONLY, False)), unsynced=bool(options.get(UNSYNCED, False)))
    adapted.prelude, adapted.mode = mode.pragmas(adapted.mode), mode
    connection.exec_driver_sql("BEGIN" if mode.reading else "BEGIN IMMEDIATE")


@dataclass(frozen=True, slots=True)
class _Mode:
    """What a transaction may do, and whether its commit waits for the disk."""

    reading: bool = False
    unsynced: bool = False

    def pragmas(self, before: _Mode) -> tuple[str, ...]:
        """What must change on a connection whose last transaction was `before`."""
        return (
            *((f"PRAGMA query_only = {int(self.reading)}",) if self.reading != before.reading else ()),
            *((f"PRAGMA synchronous = {self.level}",) if self.level != before.level else ()),
        )

    @property
    def level(self) -> str:
        """Value of the pragma `synchronous`."""
        return "NORMAL" if self.unsynced else "FULL"


# ── one hop to the driver's thread for each statement, where SQLAlchemy's own cursor takes four ──────


@dataclass(frozen=True, slots=True)
class _Done:
    """A statement that was executed, with all its rows."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1
    rows: Sequence[Any] = field(default=())


def _run(
    connection: sqlite3.Connection, prelude: Sequence[str], operation: str, parameters: Any, *, many: bool
) -> _Done:
    cursor = connection.cursor()
    try:
        for statement in prelude:
            cursor.execute(statement)
        (cursor.executemany if many else cursor.execute)(operation, parameters)
        rows = cursor.fetchall() if cursor.description else ()
        return _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows=rows)
    finally:
        cursor.close()


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Opens, executes, fetches and closes in one call on the connection's thread."""

    __slots__ = ()

    def __init__(self, adapt_connection: Any) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001 - the adapter's own protocol
        self._cursor: Any = _Done()
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    @override
    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        return await self._hop(operation, parameters or (), many=False)

    @override
    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        return await self._hop(operation, seq_of_parameters, many=True)

    async def _hop(self, operation: str, parameters: Any, *, many: bool) -> None:
        adapted = cast("_Connection", self._adapt_connection)
        async with adapted._execute_mutex:  # noqa: SLF001
            prelude, adapted.prelude = adapted.prelude, ()
            adapted.unsure = True  # until the thread has answered; it stays so for who is cancelled meanwhile
            try:
                self._cursor = await adapted.on_thread(prelude, operation, parameters, many=many)
            except Exception:
                adapted.unsure = False
                raise
            adapted.unsure = False
            self._rows = deque(self._cursor.rows)

    @override
    async def _async_soft_close(self) -> None:
        """The driver's cursor was closed when its rows were fetched."""

    @override
    def close(self) -> None:
        self._rows.clear()


class _Connection(AsyncAdapt_aiosqlite_connection):
    """mode: of the last transaction. prelude: what the next statement takes along. unsure: one may still run."""

    __slots__ = ("mode", "prelude", "unsure")

    _cursor_cls = _Cursor

    def __init__(self, dbapi: AsyncAdapt_aiosqlite_dbapi, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.prelude: tuple[str, ...] = ()
        self.mode = _Mode()
        self.unsure = False

    async def on_thread(self, prelude: Sequence[str], operation: str, parameters: Any, *, many: bool) -> _Done:
        """Run one statement on the driver's thread, as each of the driver's own methods does."""
        driver: Any = self._connection
        run = driver._execute  # noqa: SLF001 - its public methods take one step of this each
        done: _Done = await run(_run, driver._conn, prelude, operation, parameters, many=many)  # noqa: SLF001
        return done

    @override
    def commit(self) -> None:
        if self._is_under_way():
            super().commit()

    @override
    def rollback(self) -> None:
        if self._is_under_way():
            super().rollback()

    def _is_under_way(self) -> bool:
        driver: Any = self._connection
        unsure, self.unsure = self.unsure, False
        alive = driver._connection  # noqa: SLF001 - as SQLAlchemy's own adapter asks
        return bool(alive and (unsure or driver.in_transaction))


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """The aiosqlite driver with that cursor; `module` of create_async_engine."""

    @override
    def connect(self, *arg: Any, **kw: Any) -> _Connection:
        plain = super().connect(*arg, **kw)
        return _Connection(self, plain._connection)  # noqa: SLF001 - the same driver connection, adapted by us
