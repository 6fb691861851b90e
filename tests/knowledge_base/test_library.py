"""Do scripts in SQL change only where they differ, and keep their history? On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.tables import Instant
from knowledge_base import Changes, Library, define, revision_of
from tests.knowledge_base.samples import SHOP, script

AT = datetime(2026, 3, 1, tzinfo=UTC)
METADATA = MetaData()
TABLES = define(METADATA, Instant())
IDS = tuple(sorted(entry.id for entry in SHOP))


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as opened:
        await opened.run_sync(METADATA.create_all)
        for table in METADATA.sorted_tables:
            await opened.execute(table.delete())
        yield opened


@pytest.fixture
def library() -> Library:
    return Library(TABLES)


async def test_what_is_applied_is_loaded_and_again_changes_nothing(
    library: Library, connection: AsyncConnection
) -> None:
    assert await library.apply(connection, SHOP, at=AT, by="tests") == Changes(added=IDS)
    assert {entry.id: entry for entry in await library.load(connection)} == {entry.id: entry for entry in SHOP}
    again = await library.apply(connection, SHOP, at=AT + timedelta(days=1), by="tests")
    assert again == Changes(unchanged=IDS)
    assert again.nothing
    assert await library.history(connection, "refund") == ((1, AT, "tests"),)


async def test_a_change_makes_a_version_and_a_diff_does_not(library: Library, connection: AsyncConnection) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    changed = [replace(SHOP[0], title="新标题"), script("new", "新的问题")]
    expected = Changes(added=("new",), changed=(SHOP[0].id,))
    assert await library.diff(connection, changed) == expected
    assert (await library.load(connection))[-1].title == SHOP[0].title
    later = AT + timedelta(hours=1)
    assert await library.apply(connection, changed, at=later, by="someone") == expected
    assert await library.history(connection, SHOP[0].id) == ((1, AT, "tests"), (2, later, "someone"))


async def test_a_pack_retires_what_it_no_longer_holds_and_can_bring_it_back(
    library: Library, connection: AsyncConnection
) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    changes = await library.apply(connection, SHOP[1:], at=AT, by="tests", prune=True)
    assert changes.retired == (SHOP[0].id,)
    states = {entry.id: entry.state for entry in await library.load(connection)}
    assert states[SHOP[0].id] == "retired"
    assert (await library.apply(connection, SHOP[1:], at=AT, by="tests", prune=True)).nothing
    assert (await library.apply(connection, SHOP, at=AT, by="tests", prune=True)).changed == (SHOP[0].id,)
    assert len(await library.history(connection, SHOP[0].id)) == 3


async def test_the_revision_follows_the_live_scripts_only(library: Library, connection: AsyncConnection) -> None:
    assert await library.revision(connection) == revision_of(())
    await library.apply(connection, SHOP, at=AT, by="tests")
    before = await library.revision(connection)
    assert before == revision_of(SHOP)
    await library.apply(connection, [script("another", "草稿", state="draft")], at=AT, by="tests")
    assert await library.revision(connection) == before
    await library.apply(connection, [replace(SHOP[0], owner="运营")], at=AT, by="tests")
    assert await library.revision(connection) != before


async def test_two_scripts_of_one_id_are_refused(library: Library, connection: AsyncConnection) -> None:
    with pytest.raises(ValueError, match="one id"):
        await library.apply(connection, [SHOP[0], SHOP[0]], at=AT, by="tests")
    assert await library.load(connection) == ()


def test_defining_twice_gives_the_same_tables() -> None:
    assert define(METADATA, Instant()).scripts is TABLES.scripts
