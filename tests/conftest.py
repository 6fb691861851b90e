"""What holds in every test? The fixtures of databases and models, and that nothing of ours blocks the event loop."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from importlib.util import find_spec, module_from_spec
from types import FrameType

import pytest
from aiohttp import web_app
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import settings

from tests.databases import (
    blank_database_url,
    database_folder,
    database_url,
    engine,
    postgres_database,
    postgres_migrated,
    postgres_server,
    sqlite_migrated,
    sqlite_template,
)
from tests.learned import learned
from tests.statements import compile_once

__all__ = [
    "blank_database_url",
    "database_folder",
    "database_url",
    "engine",
    "learned",
    "postgres_database",
    "postgres_migrated",
    "postgres_server",
    "sqlite_migrated",
    "sqlite_template",
]

# deadline: the tests' time-out names a hang; a slow machine is none. Every run plays other examples: half as many as
# hypothesis would are enough, and a test whose examples are dear says how many it plays.
settings.register_profile("ours", deadline=None, max_examples=50)
settings.load_profile("ours")
# Much lives as long as the run (models, tables, templates): looking through it for garbage again and again is dear.
gc.set_threshold(20_000, 20, 10)
compile_once()

OURS = ("archive", "bot", "handoff", "knowledge_base", "nlu")


@pytest.fixture(scope="session", autouse=True)
def interrupts_are_ours() -> Iterator[None]:
    """Ctrl-C ends the run as ever, by a handler that asyncio leaves where it is.

    Python's own it replaces whenever something is run, and the signal module then takes the repr of the replacement:
    in it is the repr of all that a task returned, such as a whole product with its tables.
    """
    before = signal.signal(signal.SIGINT, _interrupt)
    yield
    signal.signal(signal.SIGINT, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def no_application_is_remembered() -> Iterator[None]:
    """aiohttp keeps the last thousand pairs of a handler and its applications: of ours, whole products."""
    yield
    web_app._cached_build_middleware.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def never_block_the_loop() -> Iterator[BlockBuster]:
    """A blocking call (file, lock, socket, sleep) made by our code inside a running loop is an error."""
    specs = [spec for spec in map(find_spec, OURS) if spec is not None]
    with blockbuster_ctx([module_from_spec(spec) for spec in specs]) as guard:
        # Making the path absolute is not I/O; building the engine does no more.
        guard.functions["os.path.abspath"].can_block_in("bot/store/engine.py", {"_create_sqlite_engine"})
        for blocking in guard.functions.values():
            # asyncpg looks for ~/.pgpass and certificates when it opens a connection: not ours, and once a connection.
            blocking.can_block_in("asyncpg/connect_utils.py", {"_parse_connect_dsn_and_args"})
            # redis-py looks for its own version whenever a client is made.
            blocking.can_block_in("redis/utils.py", {"get_lib_version"})
            # Alembic reads its revisions from files, in the migrating connection; nobody is served yet.
            blocking.can_block_in("bot/migrations/__init__.py", {"_upgrade", "_downgrade", "pending"})
        yield guard
