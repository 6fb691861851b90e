"""Fixtures: a small world, served over real HTTP, with a shop behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer

from bot.simulator import Customer, Limits, World, create_simulator
from tests.simulator.doubles import KF, Caller, Clock, Shop, corp, official_account


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop() -> Shop:
    return Shop()


@pytest.fixture
def world() -> World:
    # Tokens outlive the days these tests play; test_tokens.py plays with the platform's own two hours.
    made = World(seed=7, limits=Limits(token_s=30 * 86400))
    made.add_official(official_account())
    made.add_corp(corp())
    made.add_customer("xiaolin", "小林")
    made.add_customer("ajie", "阿杰", with_unionid=False)
    return made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def client(  # noqa: PLR0917 - pytest passes fixtures by name
    world: World,
    clock: Clock,
    shop: Shop,
    session: aiohttp.ClientSession,
    aiohttp_server: AiohttpServer,
    aiohttp_client: AiohttpClient,
) -> TestClient[Any, Any]:
    server: TestServer = await aiohttp_server(shop.app())
    world.serve_callbacks_at(str(server.make_url("")))
    return await aiohttp_client(create_simulator(world, session=session, now=clock.now, sleep=clock.sleep))


@pytest.fixture
async def oa(client: TestClient[Any, Any]) -> Caller:
    query = {"grant_type": "client_credential", "appid": "wx0123456789abcdef", "secret": "official-secret"}
    async with client.post("/oa/cgi-bin/stable_token", json=query) as response:
        return Caller(client, "/oa", (await response.json())["access_token"])


@pytest.fixture
async def wecom(client: TestClient[Any, Any]) -> Caller:
    query = {"corpid": "ww0123456789abcdef", "corpsecret": "app-secret"}
    async with client.get("/wecom/cgi-bin/gettoken", params=query) as response:
        return Caller(client, "/wecom", (await response.json())["access_token"])


@pytest.fixture
def xiaolin(world: World) -> Customer:
    return world.customer("xiaolin")


@pytest.fixture
async def talking(world: World, client: TestClient[Any, Any], xiaolin: Customer) -> Customer:
    """小林 just wrote to the kf account."""
    del client
    world.customer_writes(xiaolin, KF, "在吗")
    return xiaolin
