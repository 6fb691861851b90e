"""Does who waits hear what was rung, here and in other processes, once, and at the price of few publications?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from structlog.testing import capture_logs

from bot.cli.storage import wake
from bot.settings import RedisSettings, Settings
from bot.wakeups import CHANNEL, Wakeups, announce

HERE, THERE = "turn:1", "turn:2"
PATIENCE_S = 30.0


@asynccontextmanager
async def process(redis: Redis) -> AsyncIterator[Wakeups]:
    """The wake-ups of a process that hears the others already."""
    before = (await redis.pubsub_numsub(CHANNEL))[0][1]
    wakeups = Wakeups(redis)
    await wakeups.start()
    async with asyncio.timeout(PATIENCE_S):
        while (await redis.pubsub_numsub(CHANNEL))[0][1] == before:
            pass
    try:
        yield wakeups
    finally:
        await wakeups.aclose()


@pytest.fixture
async def ear(redis: Redis) -> AsyncIterator[PubSub]:
    """Hears what is published."""
    async with redis.pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL)
        assert (await pubsub.get_message(timeout=PATIENCE_S))["type"] == "subscribe"
        yield pubsub


async def test_others_hear_it_and_we_not_twice(redis: Redis) -> None:
    async with (
        process(redis) as here,
        process(redis) as there,
        here.listening(HERE) as ours,
        here.listening(THERE) as theirs,
        there.listening(HERE) as heard,
        asyncio.timeout(PATIENCE_S),
    ):
        here.ring(HERE)
        assert ours.is_set()
        ours.clear()
        await heard.wait()
        there.ring(THERE)
        await theirs.wait()  # what is published comes in its order: our own words have come back before
        assert not ours.is_set()


async def test_a_command_wakes_who_is_running(redis: Redis, valkey_socket: Path, tmp_path: Path) -> None:
    settings = Settings(redis=RedisSettings(url=f"unix://{valkey_socket}"), data_dir=tmp_path)
    async with process(redis) as there, there.listening(Wakeups.CONTENT) as heard:
        await wake(settings, Wakeups.CONTENT)
        async with asyncio.timeout(PATIENCE_S):
            await heard.wait()


async def test_what_is_rung_together_is_published_together(redis: Redis, ear: PubSub) -> None:
    wakeups = Wakeups(redis)
    for topic in ("outbox", "console", "outbox", "turn:7"):
        wakeups.ring(topic)
    said = json.loads((await ear.get_message(timeout=PATIENCE_S))["data"])
    await wakeups.aclose()
    assert said["topics"] == ["console", "outbox", "turn:7"]


async def test_what_is_not_understood_is_passed_over(redis: Redis) -> None:
    async with process(redis) as wakeups, wakeups.listening("inbox") as rung:
        with capture_logs() as logs:
            for words in ("inbox", "[]", '{"topics": ["inbox"]}'):
                await redis.publish(CHANNEL, words)
            await announce(redis, ["inbox"])
            async with asyncio.timeout(PATIENCE_S):
                await rung.wait()
        assert [each["event"] for each in logs] == ["wakeups.not_understood"] * 3


async def test_without_redis_it_rings_here() -> None:
    wakeups = Wakeups(None)
    await wakeups.start()
    async with wakeups.listening("inbox") as rung:
        wakeups.ring("inbox")
        assert rung.is_set()
    await wakeups.aclose()
