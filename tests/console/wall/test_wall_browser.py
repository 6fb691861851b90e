"""Does the wall stay as it is now, and is a whisper seen at once, in a real browser that can be used by everybody?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.console.login import open_session
from bot.wakeups import Wakeups
from tests.console.chromium import BINARY
from tests.console.desk import SECRET, Shopfront

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BINARY, args=FLAGS)
        yield browser
        await browser.close()


async def opened(browser: Browser, front: Shopfront, server: TestServer, agent: str, path: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    cookie = open_session(SECRET, agent, front.clock())
    await context.add_cookies([{"name": "xiaoer_console", "value": cookie, "url": str(server.make_url("/console"))}])
    page = await context.new_page()
    await page.goto(str(server.make_url(path)))
    return page


async def problems(page: Page) -> list[str]:
    """What axe finds wrong with our part of the page."""
    found = await Axe().run(page, context="main")
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def test_the_wall_hears_of_changes_and_whispers_are_seen_at_once(front: Shopfront, server: TestServer) -> None:
    front.appoint("chenjing", "aftersale")
    ticket = await front.hand_over(1, nickname="小满")
    async with chromium() as browser:
        wall = await opened(browser, front, server, "chenjing", "/console/wall")
        await expect(wall.locator(".waiting b")).to_have_text("1")
        assert await problems(wall) == []
        assert await front.console.workbench.accept(1, "wangfang") is None
        await expect(wall.locator(".waiting b")).to_have_text("0")
        await expect(wall.locator("a.conversation")).to_contain_text("小满")
        hers = await opened(browser, front, server, "wangfang", f"/console/tickets/{ticket.id}")
        await wall.click("a.conversation")
        await expect(wall.locator(".told")).to_contain_text("王芳")
        assert await problems(wall) == []
        await wall.fill("#whisper", "先道歉")
        await wall.click("form.whisper button")
        await expect(hers.locator(".said.whisper")).to_contain_text("先道歉")
        await front.hand_over(2)
        front.wakeups.ring(Wakeups.CONSOLE)
        await wall.goto(str(server.make_url("/console/wall")))
        await wall.set_viewport_size({"width": 390, "height": 844})
        assert await problems(wall) == []
        assert await wall.evaluate("document.documentElement.scrollWidth <= innerWidth")
