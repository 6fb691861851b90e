"""Does a local account come in over the pages: password, second factor set up, code, and where she wanted to go?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import unquote

import pyotp
import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bot.access import Actor, Role, Wanted
from bot.console import setup_console
from tests.console.browser import Browser
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE

PASSWORD = "x7!kQ9zLp2#v"


@pytest.fixture
async def boss(front: Shopfront, stranger: Browser) -> Browser:
    """A browser in front of the sign-in page, and an account for it."""
    await front.admit("boss", Role.ADMIN)
    await front.access.accounts.set_password("boss", PASSWORD, by=Actor("tests"))
    return stranger


async def enrolled(browser: Browser) -> str:
    """She sets up her second factor; its secret."""
    page = await browser.post("/console/login/password", headers=None, name="boss", password=PASSWORD)
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page.html)
    assert found, page.text
    secret = found[1].replace(" ", "")
    code = pyotp.TOTP(secret).at(browser.front.clock())
    page = await browser.post("/console/login/enrol", headers=None, code=code)
    assert len(re.findall(r"<li><code>", page.html)) == 10
    return secret


async def test_the_whole_way(boss: Browser, front: Shopfront) -> None:
    assert (await boss.get("/console/people?q=zh")).status == 401  # where she wanted to go
    secret = await enrolled(boss)
    assert (await boss.get("/console/people")).status == 200
    await boss.post("/console/logout", headers=None, csrf=(await boss.get("/console/people")).field("csrf"))
    front.clock.forward(minutes=1)

    assert (await boss.get("/console/people?q=zh")).status == 401
    page = await boss.post("/console/login/password", headers=None, name="boss", password=PASSWORD)
    assert page.url == "/console/login/code"
    assert (await boss.get("/console/people?q=zh")).status == 401  # half way is not in
    assert (await boss.post("/console/login/code", headers=None, code="000000")).status == 422
    page = await boss.post("/console/login/code", headers=None, code=pyotp.TOTP(secret).at(front.clock()))
    assert (page.status, unquote(page.url)) == (200, "/console/people?q=zh")
    ways = [each.reason for each in await front.access.log.page(Wanted(action="signed_in"), limit=9)]
    assert ways == ["password", "password"]


async def test_the_picture_is_shown_until_it_was_scanned_and_to_nobody_else(boss: Browser) -> None:
    assert (await boss.get("/console/login/picture.svg")).status == 404
    await boss.post("/console/login/password", headers=None, name="boss", password=PASSWORD)
    response = await boss.client.get("/console/login/picture.svg")
    assert (response.status, response.content_type) == (200, "image/svg+xml")
    assert "style" not in await response.text()
    await enrolled(boss)
    assert (await boss.get("/console/login/picture.svg")).status == 404


async def test_no_step_is_left_out(boss: Browser, front: Shopfront) -> None:
    for path in ("/console/login/code", "/console/login/enrol"):
        assert (await boss.get(path)).status == 401
        assert (await boss.post(path, headers=None, code="123456")).status == 401
    await enrolled(boss)
    await boss.post("/console/login/password", headers=None, name="boss", password=PASSWORD)
    assert (await boss.get("/console/login/enrol")).status == 401  # a second second factor
    front.clock.forward(minutes=10)
    page = await boss.get("/console/login/code")
    assert (page.status, "隔得太久" in page.text) == (401, True)


async def test_what_is_wrong_is_not_told_and_the_name_is_kept(boss: Browser) -> None:
    said = set()
    for name in ("boss", "nobody"):
        page = await boss.post("/console/login/password", headers=None, name=name, password="wrong")
        assert page.status == 422
        assert f'value="{name}"' in page.html
        said.add(page.text)
    assert len(said) == 1
    for _ in range(4):
        await boss.post("/console/login/password", headers=None, name="boss", password="wrong")
    page = await boss.post("/console/login/password", headers=None, name="boss", password=PASSWORD)
    assert (page.status, "以后再试" in page.text) == (429, True)


@pytest.fixture(params=[0, 1])
async def behind(request: pytest.FixtureRequest, front: Shopfront) -> AsyncIterator[tuple[Browser, int]]:
    """A browser that says that it comes from elsewhere, through no proxy and through one."""
    app = web.Application()
    setup_console(app, replace(front.console, access=replace(front.access, proxies=request.param)))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield Browser(client, front), request.param


async def test_only_our_own_proxies_say_where_somebody_comes_from(
    behind: tuple[Browser, int], front: Shopfront
) -> None:
    browser, proxies = behind
    headers = {"X-Forwarded-For": "6.6.6.6, 10.0.0.9"}
    await browser.post("/console/login/password", headers=headers, name="boss", password="wrong")
    (row,) = await front.access.log.page(Wanted(action="sign_in_failed"), limit=9)
    assert row.address == ("10.0.0.9" if proxies else "127.0.0.1")
