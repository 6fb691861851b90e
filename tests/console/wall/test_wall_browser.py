"""Does the wall stay as it is now, and is a whisper seen at once, in a real browser that can be used by everybody?"""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import BrowserContext, Page, expect

from bot.console.session import COOKIE
from bot.wakeups import Wakeups
from tests.console.desk import Shopfront
from tests.screen import PHONE, needs_chromium, screen, violations

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


async def sign_in(context: BrowserContext, front: Shopfront, server: TestServer, agent: str) -> None:
    cookie = await front.session(agent)
    await context.add_cookies([{"name": COOKIE, "value": cookie, "url": str(server.make_url("/console"))}])


async def another(page: Page) -> BrowserContext:
    """A place in the same browser that shares no cookie with the page."""
    assert page.context.browser is not None
    return await page.context.browser.new_context()


async def test_the_wall_hears_of_changes_and_whispers_are_seen_at_once(front: Shopfront, server: TestServer) -> None:
    front.appoint("chenjing", "aftersale")
    ticket = await front.hand_over(1, nickname="小满")
    async with screen() as wall:
        await sign_in(wall.context, front, server, "chenjing")
        await wall.goto(str(server.make_url("/console/wall")))
        await expect(wall.locator(".waiting b")).to_have_text("1")
        assert await violations(wall) == []
        assert await front.console.workbench.accept(1, "wangfang") is None
        await expect(wall.locator(".waiting b")).to_have_text("0")
        await expect(wall.locator("a.conversation")).to_contain_text("小满")
        elsewhere = await another(wall)
        await sign_in(elsewhere, front, server, "wangfang")
        hers = await elsewhere.new_page()
        await hers.goto(str(server.make_url(f"/console/tickets/{ticket.id}")))
        await wall.click("a.conversation")
        await expect(wall.locator(".told")).to_contain_text("王芳")
        assert await violations(wall) == []
        await wall.fill("#whisper", "先道歉")
        await wall.click("form.whisper button")
        await expect(hers.locator(".said.whisper")).to_contain_text("先道歉")
        assert await violations(hers) == []
        await front.hand_over(2)
        front.wakeups.ring(Wakeups.CONSOLE)
        await wall.goto(str(server.make_url("/console/wall")))
        width, height = PHONE
        await wall.set_viewport_size({"width": width, "height": height})
        assert await violations(wall) == []
        assert await wall.evaluate("document.documentElement.scrollWidth <= innerWidth")
