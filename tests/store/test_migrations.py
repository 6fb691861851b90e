"""Does the history of the schema end where the tables stand, whoever runs it and however often?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

import bot.bootstrap  # noqa: F401 - defines every package's tables in METADATA
from bot.migrations import migrate, pending
from bot.store.engine import create_store_engine, read_only
from bot.store.tables import METADATA

NEWEST = "0023"


@pytest.fixture
async def blank(blank_database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_store_engine(blank_database_url, 4)
    yield engine
    await engine.dispose()


def _differences(connection: Connection) -> list[Any]:
    on_sqlite = connection.dialect.name == "sqlite"

    def is_compared(_item: object, name: str | None, *_more: object) -> bool:
        """SQLite has a full-text table, with tables behind it, where PostgreSQL has an index."""
        return not (on_sqlite and str(name).startswith(("archive_search", "ix_archive_tokens_tokens")))

    context = MigrationContext.configure(
        connection, opts={"compare_server_default": not on_sqlite, "include_object": is_compared}
    )
    return list(compare_metadata(context, METADATA))


def _checks(connection: Connection) -> dict[str, list[str]]:
    """What the comparison above does not look at."""
    inspector = inspect(connection)
    return {
        table: sorted(str(each["name"]) for each in inspector.get_check_constraints(table))
        for table in inspector.get_table_names()
        if inspector.get_check_constraints(table)
    }


async def test_from_empty_to_exactly_our_tables(blank: AsyncEngine) -> None:
    assert await pending(blank)
    assert await migrate(blank) == NEWEST
    assert not await pending(blank)
    async with blank.connect() as connection:
        assert await connection.run_sync(_differences) == []
        assert await connection.run_sync(_checks) == {
            "agent_channels": ["ck_agent_channels_active_not_negative"],
            "agents": ["ck_agents_active_not_negative"],
        }


async def test_again_changes_nothing(blank: AsyncEngine) -> None:
    await migrate(blank)
    assert await migrate(blank) == NEWEST


async def test_two_that_start_at_once_do_not_migrate_twice(blank: AsyncEngine) -> None:
    """On PostgreSQL by an advisory lock, on SQLite by BEGIN IMMEDIATE."""
    other = create_store_engine(blank.url.render_as_string(hide_password=False), 1)
    assert list(await asyncio.gather(migrate(blank), migrate(other))) == [NEWEST, NEWEST]
    await other.dispose()


async def test_asking_whether_it_is_behind_writes_nothing(blank: AsyncEngine) -> None:
    assert await pending(read_only(blank))
    async with blank.connect() as connection:
        assert await connection.run_sync(lambda each: inspect(each).get_table_names()) == []
