"""Locks belong to their holders, and an outage of Redis reads as nothing there."""

from __future__ import annotations

from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.platform.shared import Lock, SharedStore
from tests.platform.conftest import Clock


async def test_a_lock_has_one_holder_who_alone_can_release_it(redis: Redis, clock: Clock) -> None:
    store = SharedStore(redis, clock.now)
    assert await store.lock("k", "me", 10) is Lock.OURS
    assert await store.lock("k", "you", 10) is Lock.THEIRS

    await store.delete_if_same("k", "you")
    assert await store.lock("k", "you", 10) is Lock.THEIRS

    await store.delete_if_same("k", "me")
    assert await store.lock("k", "you", 10) is Lock.OURS


async def test_a_lock_ends_with_its_holder(redis: Redis, clock: Clock) -> None:
    await SharedStore(redis, clock.now).lock("k", "me", 10)
    assert 9000 < await redis.pttl("k") <= 10_000


async def test_an_outage_is_nothing_there_and_asked_about_once_a_second(dead_redis: Redis, clock: Clock) -> None:
    store = SharedStore(dead_redis, clock.now)
    with capture_logs() as logs:
        assert await store.read("k") is None
        assert await store.lock("k", "me", 10) is Lock.NO_REDIS
        assert await store.run("return 1", (), ()) is None
        await store.write("k", "v", 10)
        assert len(logs) == 1
        clock.advance(1.1)
        assert await store.read("k") is None
        assert len(logs) == 2
    assert {log["event"] for log in logs} == {"platform_cache_unavailable"}


async def test_without_redis_nothing_is_there(clock: Clock) -> None:
    store = SharedStore(None, clock.now)
    await store.write("k", "v", 10)
    assert await store.read("k") is None
    assert await store.lock("k", "me", 10) is Lock.NO_REDIS
