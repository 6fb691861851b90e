"""A token is bought once, renewed early, replaced once when rejected, and never waits for Redis."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis
from typing_extensions import override

from bot.channels.base import ApiCall
from bot.platform import ApiError, Category, Credentials, PlatformClient, Verdict
from bot.platform.calls import directory
from bot.platform.shared import Lock, SharedStore
from bot.platform.tokens import FreshToken, TokenProvider
from tests.platform.conftest import Build, Clock, credentials
from tests.platform.fake_platform import SECRET, Drop, FakePlatform

CALL = directory.get_api_domain_ip()


@pytest.mark.parametrize("account", ["corp", "shop"])
async def test_fifty_callers_buy_one_token(client: PlatformClient, platform: FakePlatform, account: str) -> None:
    await asyncio.gather(*(client.call(account, CALL) for _ in range(50)))

    assert len(platform.token_requests) == 1
    assert len(platform.seen) == 50


async def test_two_processes_buy_one_token(build: Build, platform: FakePlatform) -> None:
    platform.may_sell.clear()
    winner = asyncio.create_task(build().call("corp", CALL))
    await platform.token_asked.wait()

    async def wait_for_the_winner(_seconds: float) -> None:
        platform.may_sell.set()
        await asyncio.wait({winner})

    loser = build(sleep=wait_for_the_winner)
    await asyncio.gather(*(loser.call("corp", CALL) for _ in range(50)))
    await winner

    assert len(platform.token_requests) == 1


async def test_a_buyer_that_died_holds_the_others_up_for_the_lock_only(
    build: Build, platform: FakePlatform, redis: Redis, clock: Clock, server: TestServer
) -> None:
    await redis.set(f"xiaoer:token-lock:{credentials(server).token_key}", "a dead one")

    await build().call("corp", CALL)

    assert len(platform.token_requests) == 1
    assert 20 <= sum(clock.slept) < 21


async def test_apps_of_one_corp_have_their_own_tokens(build: Build, platform: FakePlatform, server: TestServer) -> None:
    other = credentials(server, name="archive", app_id="id-of-corp", secret="another-secret-of-the-corp")
    client = build(accounts=(credentials(server), other))
    await client.call("corp", CALL)

    with pytest.raises(ApiError):
        await client.call("archive", CALL)
    assert [asked["corpsecret"] for asked in platform.token_requests] == [SECRET, "another-secret-of-the-corp"]


async def test_no_part_of_the_secret_is_in_a_redis_key(client: PlatformClient, redis: Redis) -> None:
    await client.call("corp", CALL)
    keys = repr(await redis.keys("*"))
    assert "id-of-corp" in keys
    assert not any(SECRET[start : start + 5] in keys for start in range(len(SECRET) - 4))


async def test_a_token_expires_in_redis_too(client: PlatformClient, redis: Redis, server: TestServer) -> None:
    await client.call("corp", CALL)
    assert 6000 < await redis.ttl(f"xiaoer:token:{credentials(server).token_key}") <= 6900


async def test_a_token_is_renewed_five_minutes_early(
    client: PlatformClient, platform: FakePlatform, clock: Clock
) -> None:
    await client.call("corp", CALL)
    clock.advance(7200 - 300 - 60)
    await client.call("corp", CALL)
    assert len(platform.token_requests) == 1

    clock.advance(60)
    await client.call("corp", CALL)
    assert len(platform.token_requests) == 2


async def test_a_short_token_is_still_used(client: PlatformClient, platform: FakePlatform) -> None:
    platform.lives_s = 240  # what stable_token answers in the last minutes of a token
    await client.call("shop", CALL)
    await client.call("shop", CALL)
    assert len(platform.token_requests) == 1


async def test_a_rejected_token_is_replaced_once_and_the_call_repeated_once(
    client: PlatformClient, platform: FakePlatform
) -> None:
    await client.call("corp", CALL)
    platform.valid = ""  # the platform invalidates it early

    await client.call("corp", CALL)

    assert [seen.query["access_token"] for seen in platform.seen] == ["token-number-1"] * 2 + ["token-number-2"]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_call_that_rejects_every_token_ends_after_one_refresh(
    client: PlatformClient, platform: FakePlatform, code: int
) -> None:
    platform.script("get_api_domain_ip", *[{"errcode": code, "errmsg": "expired"}] * 9)

    with pytest.raises(ApiError) as caught:
        await client.call("corp", CALL)

    assert caught.value.code == code
    assert caught.value.category is Category.TOKEN
    assert len(platform.seen) == 2
    assert len(platform.token_requests) == 2


async def test_stable_token_is_forced_when_it_repeats_the_rejected_one(
    client: PlatformClient, platform: FakePlatform
) -> None:
    await client.call("shop", CALL)
    platform.script("get_api_domain_ip", {"errcode": 40001, "errmsg": "not latest"})

    await client.call("shop", CALL)

    assert [asked["force_refresh"] for asked in platform.token_requests] == [False, False, True]


async def test_forcing_is_rationed(build: Build, platform: FakePlatform) -> None:
    for client in (build(), build()):
        for _ in range(3):
            platform.script("get_api_domain_ip", *[{"errcode": 40001, "errmsg": "no"}] * 2)
            with pytest.raises(ApiError):
                await client.call("shop", CALL)
    assert sum(bool(asked["force_refresh"]) for asked in platform.token_requests) == 1


async def test_the_stale_token_of_one_process_does_not_drop_the_fresh_one(build: Build, platform: FakePlatform) -> None:
    slow, quick = build(), build()
    await slow.call("corp", CALL)
    await quick.call("corp", CALL)
    platform.valid = ""
    await quick.call("corp", CALL)  # buys number 2
    await slow.call("corp", CALL)  # still holds number 1: must take number 2 from Redis

    assert platform.sold == 2
    assert len(platform.token_requests) == 2


@pytest.mark.parametrize("away", ["none", "dead"])
async def test_without_redis_it_still_works(build: Build, platform: FakePlatform, dead_redis: Redis, away: str) -> None:
    client = build(redis=None if away == "none" else dead_redis)
    await asyncio.gather(*(client.call("corp", CALL) for _ in range(50)))
    platform.valid = ""
    await client.call("corp", CALL)
    assert platform.sold == 2
    assert len(platform.token_requests) == 2


async def test_a_flushed_redis_costs_nothing_but_a_purchase(build: Build, platform: FakePlatform, redis: Redis) -> None:
    await build().call("corp", CALL)
    await redis.flushall()
    await build().call("corp", CALL)
    assert len(platform.token_requests) == 2


@pytest.mark.parametrize("kind", ["official_account", "wecom"])
async def test_a_wrong_secret_is_named_and_not_repeated(
    build: Build, platform: FakePlatform, server: TestServer, clock: Clock, kind: str
) -> None:
    wrong = credentials(server, kind, name="shop-b", secret="not-the-right-secret")  # type: ignore[arg-type]
    client = build(accounts=(wrong,))

    for _ in range(3):
        with pytest.raises(ApiError) as caught:
            await client.call("shop-b", CALL)
        assert caught.value.verdict is Verdict.GIVE_UP
        assert caught.value.category is Category.TOKEN
        assert "shop-b" in caught.value.advice
        assert "secret" in caught.value.advice
        assert "not-the-right-secret" not in str(caught.value)
    assert len(platform.token_requests) == 1

    clock.advance(61)
    with pytest.raises(ApiError):
        await client.check_token("shop-b")
    assert len(platform.token_requests) == 2


async def test_a_cancelled_caller_does_not_take_the_others_token(
    client: PlatformClient, platform: FakePlatform
) -> None:
    platform.may_sell.clear()
    impatient = asyncio.create_task(client.call("corp", CALL))
    patient = asyncio.create_task(client.call("corp", CALL))
    await platform.token_asked.wait()
    impatient.cancel()
    await asyncio.wait({impatient})
    platform.may_sell.set()

    assert (await patient)["errcode"] == 0
    assert len(platform.token_requests) == 1


async def test_a_cut_token_request_may_always_be_repeated(client: PlatformClient, platform: FakePlatform) -> None:
    platform.token_scripts.extend([Drop(), {"errcode": -1, "errmsg": "system busy"}])
    careful = ApiCall("message/custom/send", "/cgi-bin/message/custom/send", json={"touser": "o1"}, repeatable=False)
    await client.call("shop", careful)
    assert len(platform.calls("message/custom/send")) == 1
    assert len(platform.token_requests) == 3


@pytest.mark.parametrize("garbage", ["", "|", "x|y", "1e999|t", "nan|t", "token", b"\xff\xfe|t"])
async def test_garbage_in_redis_is_no_token(
    client: PlatformClient, platform: FakePlatform, redis: Redis, server: TestServer, garbage: str | bytes
) -> None:
    await redis.set(f"xiaoer:token:{credentials(server).token_key}", garbage)
    await client.call("corp", CALL)
    assert platform.seen[0].query["access_token"] == "token-number-1"


async def test_a_redis_that_decodes_serves_as_well(build: Build, platform: FakePlatform, valkey_socket: Path) -> None:
    async with Redis(unix_socket_path=str(valkey_socket), decode_responses=True) as redis:
        await redis.flushall()
        await build(redis=redis).call("corp", CALL)
        await build(redis=redis).call("corp", CALL)
    assert len(platform.token_requests) == 1


def provider(store: SharedStore, clock: Clock) -> tuple[TokenProvider, list[str]]:
    bought: list[str] = []

    async def fetch(_credentials: Credentials, _force: bool) -> FreshToken:  # noqa: FBT001
        bought.append(f"t{len(bought) + 1}")
        return FreshToken(bought[-1], 7200)

    return TokenProvider(fetch=fetch, store=store, now=clock.now, sleep=clock.sleep), bought


async def test_a_late_complaint_about_an_old_token_does_not_drop_the_new_one(server: TestServer, clock: Clock) -> None:
    tokens, bought = provider(SharedStore(None, clock.now), clock)
    owner = credentials(server)
    await tokens.invalidate(owner, await tokens.token(owner))
    assert await tokens.token(owner) == "t2"

    await tokens.invalidate(owner, "t1")

    assert await tokens.token(owner) == "t2"
    assert bought == ["t1", "t2"]


class JustBeaten(SharedStore):
    """Another process buys and leaves between our look and our lock."""

    @override
    async def lock(self, key: str, holder: str, ttl_s: float) -> Lock:
        rival, _ = provider(SharedStore(self.redis, self.clock.now), self.clock)
        await rival.token(self.owner)
        return await super().lock(key, holder, ttl_s)

    def __init__(self, redis: Redis, clock: Clock, owner: Credentials) -> None:
        super().__init__(redis, clock.now)
        self.redis, self.clock, self.owner = redis, clock, owner


async def test_the_cache_is_read_again_under_the_lock(server: TestServer, redis: Redis, clock: Clock) -> None:
    owner = credentials(server)
    tokens, bought = provider(JustBeaten(redis, clock, owner), clock)
    assert await tokens.token(owner) == "t1"
    assert bought == []
