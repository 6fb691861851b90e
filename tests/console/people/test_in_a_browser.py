"""Does the admin's day work in a real browser, on a desk and on a phone, with nothing that keeps anybody out?"""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

from bot.access import Role
from tests.console.chromium import BINARY
from tests.console.desk import Shopfront

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.timeout(180),  # a browser starts, and each page is looked at twice
]
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
PAGES = ("login", "people", "people/~new", "people/zhao", "me", "audit", "audit/chain")


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found.response["violations"]]


async def test_an_admin_lets_an_auditor_in_who_sees_it(front: Shopfront, server: TestServer, tmp_path: Path) -> None:
    await front.admit("boss", Role.ADMIN, Role.AUDITOR)
    base = str(server.make_url("/console/"))
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=BINARY, args=FLAGS, downloads_path=tmp_path)
        context = await browser.new_context()
        await context.add_cookies([{"name": "xiaoer_console", "value": await front.session("boss"), "url": base}])
        page = await context.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(f"{base}people/~new")
        await page.fill("#id", "zhao")
        await page.fill("#name", "赵磊")
        await page.check("input[value=auditor]")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{base}people/zhao")
        await page.goto(f"{base}audit")
        assert "person:zhao" in await page.inner_text("table")
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            for each in PAGES:
                await page.goto(base + each)
                assert await violations(page) == [], each
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, each
        assert problems == []
        await browser.close()
