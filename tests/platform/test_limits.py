"""No minute exceeds the platform's limit, 45009 rests one call only, mark_tag never runs six at a time."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from bot.channels.base import ApiCall
from bot.platform import PlatformClient, RateLimited
from bot.platform.calls import directory, external_contact
from bot.platform.limits import Limits
from bot.platform.shared import SharedStore
from bot.settings import LimitSettings
from tests.platform.conftest import Build, Clock, credentials
from tests.platform.fake_platform import FakePlatform

CALL = directory.get_api_domain_ip()
OTHER = directory.get_callback_ip()
REDIS = pytest.mark.parametrize("with_redis", [True, False])


def redis_if(redis: Redis, *, wanted: bool) -> Redis | None:
    return redis if wanted else None


async def admitted(client: PlatformClient, account: str, call: ApiCall, tries: int) -> int:
    done = await asyncio.gather(
        *(client.call(account, call, max_wait_s=0) for _ in range(tries)), return_exceptions=True
    )
    assert all(isinstance(one, dict | RateLimited) for one in done)
    return sum(isinstance(one, dict) for one in done)


@REDIS
async def test_no_minute_exceeds_the_limit(build: Build, redis: Redis, clock: Clock, *, with_redis: bool) -> None:
    client = build(redis=redis_if(redis, wanted=with_redis), settings=LimitSettings(calls_per_minute=100))
    counts = []
    for _second in range(120):
        counts.append(await admitted(client, "corp", CALL, 12))
        clock.advance(1)

    assert counts[0] == 10  # the burst
    assert max(sum(counts[start : start + 60]) for start in range(61)) <= 100
    assert sum(counts[60:120]) >= 88  # and what is allowed is not wasted


async def test_processes_share_a_bucket(build: Build, redis: Redis) -> None:
    settings = LimitSettings(calls_per_minute=100)
    one, two = build(redis=redis, settings=settings), build(redis=redis, settings=settings)
    assert sum([await admitted(one, "corp", CALL, 8), await admitted(two, "corp", CALL, 8)]) == 10


async def test_what_is_used_is_seen_by_all_processes(build: Build, redis: Redis, clock: Clock) -> None:
    settings = LimitSettings(calls_per_minute=100)
    one, two = build(redis=redis, settings=settings), build(redis=redis, settings=settings)
    assert await admitted(one, "corp", CALL, 8) == 8
    (used,) = [each for each in await two.usage() if (each.account, each.call) == ("corp", CALL.name)]
    assert (used.per_minute, round(used.used, 2), used.resting_s) == (100, 0.8, 0.0)
    assert used.made >= 8  # by whoever called in this process, also in other tests
    clock.advance(60)
    (later,) = [each for each in await two.usage() if (each.account, each.call) == ("corp", CALL.name)]
    assert later.used == 0.0


@REDIS
async def test_buckets_are_by_corp_and_call(build: Build, redis: Redis, *, with_redis: bool) -> None:
    client = build(redis=redis_if(redis, wanted=with_redis), settings=LimitSettings(calls_per_minute=50))
    assert await admitted(client, "corp", CALL, 9) == 5
    assert await admitted(client, "corp", OTHER, 9) == 5
    assert await admitted(client, "shop", CALL, 9) == 5


@REDIS
async def test_all_accounts_share_the_ip(build: Build, redis: Redis, *, with_redis: bool) -> None:
    settings = LimitSettings(calls_per_minute_ip=60)  # burst 6, one of them for the token
    client = build(redis=redis_if(redis, wanted=with_redis), settings=settings)
    assert await admitted(client, "corp", CALL, 4) == 4
    assert await admitted(client, "corp", OTHER, 4) == 1


async def test_an_empty_bucket_is_waited_for_within_reason(build: Build, clock: Clock) -> None:
    client = build(settings=LimitSettings(calls_per_minute=10))  # 9 a minute, burst 1
    await client.call("corp", CALL)
    await client.call("corp", CALL, max_wait_s=7)
    assert clock.slept == [pytest.approx(60 / 9, abs=0.01)]

    with pytest.raises(RateLimited) as caught:
        await client.call("corp", CALL, max_wait_s=6)
    assert caught.value.retry_after_s == pytest.approx(60 / 9, abs=0.01)
    assert caught.value.code is None
    assert len(clock.slept) == 1


@REDIS
@pytest.mark.parametrize("code", [45009, 45011])
async def test_the_breaker_rests_one_call_for_breaker_s(
    build: Build, platform: FakePlatform, redis: Redis, clock: Clock, code: int, *, with_redis: bool
) -> None:
    store = redis_if(redis, wanted=with_redis)
    client = build(redis=store)
    platform.script("get_api_domain_ip", {"errcode": code, "errmsg": "reach max api daily quota limit"})
    with pytest.raises(RateLimited) as caught:
        await client.call("corp", CALL)
    assert (caught.value.code, caught.value.retry_after_s) == (code, 60)

    clock.advance(59.9)
    with pytest.raises(RateLimited):
        await client.call("corp", CALL, max_wait_s=0)
    assert len(platform.calls("get_api_domain_ip")) == 1
    await client.call("corp", OTHER)
    if store is not None:
        with pytest.raises(RateLimited):
            await build(redis=store).call("corp", CALL, max_wait_s=0)

    clock.advance(0.2)
    await client.call("corp", CALL, max_wait_s=0)
    assert len(platform.calls("get_api_domain_ip")) == 2


async def test_a_flushed_redis_does_not_close_our_breaker(
    client: PlatformClient, platform: FakePlatform, redis: Redis
) -> None:
    platform.script("get_api_domain_ip", {"errcode": 45009, "errmsg": "limit"})
    with pytest.raises(RateLimited):
        await client.call("corp", CALL)
    await redis.flushall()
    with pytest.raises(RateLimited):
        await client.call("corp", CALL, max_wait_s=0)


async def test_mark_tag_never_runs_six_at_a_time(client: PlatformClient, platform: FakePlatform) -> None:
    platform.together = asyncio.Barrier(5)  # hangs unless five are let in at a time
    call = external_contact.mark_tag("zhangsan", "wm1", add=["et1"])

    await asyncio.gather(*(client.call("corp", call) for _ in range(30)))

    assert platform.most_running == 5
    assert len(platform.calls("externalcontact/mark_tag")) == 30


async def test_a_sixth_mark_tag_waits_for_one_of_five(clock: Clock, server: TestServer) -> None:
    limits = Limits(SharedStore(None, clock.now), LimitSettings(), clock.now, clock.sleep)
    entered, leave = [], asyncio.Semaphore(0)

    async def mark(number: int) -> None:
        async with limits.slot(credentials(server), "externalcontact/mark_tag", 1.0):
            entered.append(number)
            await leave.acquire()

    async def settle() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for number in range(7):
            group.create_task(mark(number))
        await settle()
        assert entered == [0, 1, 2, 3, 4]
        leave.release()
        await settle()
        assert entered == [0, 1, 2, 3, 4, 5]
        for _ in range(6):
            leave.release()


async def test_processes_share_the_slots(clock: Clock, redis: Redis, server: TestServer) -> None:
    store, call = SharedStore(redis, clock.now), "externalcontact/mark_tag"
    one, other = (Limits(store, LimitSettings(), clock.now, clock.sleep) for _ in range(2))
    async with contextlib.AsyncExitStack() as held:
        for _ in range(5):
            await held.enter_async_context(one.slot(credentials(server), call, 0.0))
        with pytest.raises(RateLimited):
            async with other.slot(credentials(server), call, 1.0):
                raise AssertionError("a sixth runs beside five")
        assert sum(clock.slept) == pytest.approx(1.0, abs=0.06)
        async with other.slot(credentials(server), "media/get", 0.0):
            pass  # no other call is held up
    async with other.slot(credentials(server), call, 0.0):
        pass


async def test_the_slots_of_the_dead_are_free_again(clock: Clock, redis: Redis, server: TestServer) -> None:
    store, call = SharedStore(redis, clock.now), "externalcontact/mark_tag"
    settings = LimitSettings(mark_tag_concurrency=1)
    dead, alive = (Limits(store, settings, clock.now, clock.sleep) for _ in range(2))
    await dead.slot(credentials(server), call, 0.0).__aenter__()
    with pytest.raises(RateLimited):
        await alive.slot(credentials(server), call, 0.0).__aenter__()
    clock.advance(121)
    async with alive.slot(credentials(server), call, 0.0):
        pass


async def test_too_much_concurrency_backs_off_without_a_breaker(
    client: PlatformClient, platform: FakePlatform, clock: Clock
) -> None:
    call = external_contact.mark_tag("zhangsan", "wm1", add=["et1"])
    platform.script("externalcontact/mark_tag", {"errcode": 45033, "errmsg": "concurrency"})
    await client.call("corp", call)
    assert clock.slept == [0.25]

    platform.script("externalcontact/mark_tag", *[{"errcode": 45033, "errmsg": "concurrency"}] * 4)
    with pytest.raises(RateLimited) as caught:
        await client.call("corp", call)
    assert caught.value.code == 45033
    await client.call("corp", call, max_wait_s=0)


async def test_throttled_token_purchases_rest_the_purchase(client: PlatformClient, platform: FakePlatform) -> None:
    platform.token_scripts.append({"errcode": 45009, "errmsg": "limit"})
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            await client.call("corp", CALL)
        assert caught.value.call == "gettoken"
    assert len(platform.token_requests) == 1
