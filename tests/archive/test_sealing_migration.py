"""Are the transcripts of an older version sealed when it is upgraded, and plain again when it goes back?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import KeyRing
from bot.migrations import downgrade, migrate
from bot.store.engine import create_store_engine
from tests.archive.shelf import Shelf
from tests.archive_keys import KEYS, TEST_RING

BEFORE = "0010"
OLD_ROWS = 2_345  # more than two batches
INSERT = text(
    "INSERT INTO archive_entries (source, source_id, conversation_id, account, customer, voice, kind, text, body, at)"
    " VALUES ('inbox:shop', :source_id, :conversation, 'shop', :customer, 'customer', 'text', :text, :body, :at)"
)
SELECT = text("SELECT source_id, customer, text, body, at FROM archive_entries ORDER BY id")


@pytest.fixture
async def old(blank_database_url: str) -> AsyncIterator[AsyncEngine]:
    """A database as the version before left it, without a row."""
    engine = create_store_engine(blank_database_url, 2)
    await migrate(engine)
    await downgrade(engine, BEFORE)
    yield engine
    await engine.dispose()


async def _fill(engine: AsyncEngine, count: int) -> None:
    as_kept = "CAST(:body AS JSON)" if engine.dialect.name == "postgresql" else ":body"
    rows = [
        {
            "source_id": f"m{number}",
            "conversation": number % 7,
            "customer": f"c{number % 5}",
            "text": f"第{number}句 手机13812345678",
            "body": json.dumps({"n": number}) if number % 2 else None,
            "at": 1_000_000 + number // 3,  # several in one millisecond
        }
        for number in range(count)
    ]
    async with engine.begin() as connection:
        await connection.execute(text(INSERT.text.replace(":body", as_kept)), rows)


async def _old_rows(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [
            (*row[:3], json.loads(row.body) if isinstance(row.body, str) else row.body, row.at)
            for row in await connection.execute(SELECT)
        ]


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("blank.db*"))


async def test_old_texts_are_sealed_and_come_back(old: AsyncEngine, database_folder: Path) -> None:
    await _fill(old, OLD_ROWS)
    before = await _old_rows(old)
    await migrate(old, TEST_RING)
    shelf = Shelf(old)
    found = await shelf.transcript(3, limit=OLD_ROWS)
    numbers = [number for number in range(OLD_ROWS) if number % 7 == 3]
    assert [line.text for line in found] == [f"第{number}句 手机13812345678" for number in numbers]
    assert [line.body for line in found] == [{"n": number} if number % 2 else {} for number in numbers]
    async with old.begin() as connection:
        assert len(await shelf.fresh(connection)) == OLD_ROWS
    assert "13812345678" not in await shelf.everything()
    await old.dispose()
    assert b"13812345678" not in _bytes(database_folder)

    await downgrade(old, BEFORE, TEST_RING)
    after = await _old_rows(old)
    assert [(*row[:3], row[3] or None, row[4]) for row in after] == before


async def test_nothing_is_sealed_under_a_key_that_was_not_given(old: AsyncEngine) -> None:
    await _fill(old, 3)
    with pytest.raises(Exception, match="migrate with the key ring"):
        await migrate(old)
    assert len(await _old_rows(old)) == 3  # all or nothing


async def test_nothing_goes_back_that_does_not_open(old: AsyncEngine) -> None:
    await _fill(old, 3)
    await migrate(old, TEST_RING)
    with pytest.raises(Exception, match="'k1'"):
        await downgrade(old, BEFORE, KeyRing.of({"k2": KEYS["k2"]}, "k2"))
    assert len(await Shelf(old).transcript(1)) == 1
