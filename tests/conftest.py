"""What holds in every test? The databases' fixtures, and that nothing of ours blocks the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec, module_from_spec

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from tests.databases import (
    blank_database_url,
    database_url,
    engine,
    postgres_database,
    postgres_server,
    sqlite_template,
)

__all__ = [
    "blank_database_url",
    "database_url",
    "engine",
    "postgres_database",
    "postgres_server",
    "sqlite_template",
]

OURS = ("archive", "bot", "handoff", "knowledge_base", "nlu")


@pytest.fixture(scope="session", autouse=True)
def never_block_the_loop() -> Iterator[BlockBuster]:
    """A blocking call (file, lock, socket, sleep) made by our code inside a running loop is an error."""
    specs = [spec for spec in map(find_spec, OURS) if spec is not None]
    with blockbuster_ctx([module_from_spec(spec) for spec in specs]) as guard:
        # Making the path absolute is not I/O; building the engine does no more.
        guard.functions["os.path.abspath"].can_block_in("bot/store/engine.py", {"_create_sqlite_engine"})
        yield guard
