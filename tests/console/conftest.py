"""A running console, and browsers signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.console import setup_console
from tests.console.browser import Browser
from tests.console.desk import Shopfront

SignIn = Callable[[str], Awaitable[Browser]]


@pytest.fixture
async def front(engine: AsyncEngine) -> Shopfront:
    front = Shopfront(engine)
    await front.open_doors()
    return front


@pytest.fixture
async def server(front: Shopfront) -> AsyncIterator[TestServer]:
    app = web.Application()
    setup_console(app, front.console)
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def stranger(front: Shopfront, server: TestServer) -> AsyncIterator[Browser]:
    """A browser that is not signed in."""
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        yield Browser(client, front)


@pytest.fixture
async def sign_in(front: Shopfront, server: TestServer) -> AsyncIterator[SignIn]:
    """Open a browser and sign in as this agent."""
    browsers: list[Browser] = []

    async def signed_in(agent: str) -> Browser:
        client: TestClient[web.Request, web.Application] = TestClient(server, cookie_jar=CookieJar(unsafe=True))
        await client.start_server()
        browser = Browser(client, front)
        browsers.append(browser)
        await browser.sign_in(agent)
        return browser

    yield signed_in
    for browser in browsers:
        await browser.client.session.close()
