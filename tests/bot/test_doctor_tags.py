"""Does the doctor say when tags do not reach the platforms?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.tagging import TagWatch
from bot.bootstrap import ARCHIVE_TABLES
from bot.doctor import check_tags
from bot.tagging.tables import tag_catalogues, tag_targets

NOW = datetime(2026, 3, 2, tzinfo=UTC)
WATCH = TagWatch(ARCHIVE_TABLES.tags)


async def target(engine: AsyncEngine, customer: str, state: str, **more: str) -> None:
    row = {"account": "corp", "customer": customer, "channel": "wecom", "next_at": NOW, "changed_at": NOW}
    async with engine.begin() as connection:
        await connection.execute(insert(tag_targets), {**row, "state": state, **more})


async def test_nothing_to_tell_is_nothing_to_say(engine: AsyncEngine) -> None:
    assert await check_tags(engine, WATCH, NOW) is None


async def test_who_was_told_and_who_waits(engine: AsyncEngine) -> None:
    await target(engine, "wm1", "done")
    await target(engine, "wm2", "waiting")
    line = await check_tags(engine, WATCH, NOW)
    assert line is not None
    assert (line.ok, line.detail) == (True, "1 customers told, 1 wait for a follower")


@pytest.mark.parametrize("problem", ["", "企业标签已到上限"])
async def test_what_is_wrong_comes_with_a_remedy(engine: AsyncEngine, problem: str) -> None:
    await target(engine, "wm1", "dead", error="errcode 48002", advice="请开通权限")
    if problem:
        async with engine.begin() as connection:
            await connection.execute(insert(tag_catalogues), {"account": "corp", "problem": problem})
    line = await check_tags(engine, WATCH, NOW)
    assert line is not None
    assert not line.ok
    assert (problem or "请开通权限") in line.advice
