"""Do the operator's pages work in a real browser, with nothing that keeps anybody out?"""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, async_playwright

from tests.console.chromium import BINARY
from tests.console.desk import Shopfront
from tests.packs import FEE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.timeout(180),  # a browser starts, and eleven pages are looked at
]
PAGES = (
    "scripts", "scripts?state=draft", "scripts/new", "scripts/s/shipping-fee", "scripts/s/shipping-fee/versions",
    "scripts/import", "gaps", "understanding?intent=urge", "understanding/try", "trial", "trial/batch",
)  # fmt: skip


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found.response["violations"]]


async def test_an_operator_writes_previews_and_tries(front: Shopfront, server: TestServer, tmp_path: Path) -> None:
    base = str(server.make_url("/console/"))
    async with async_playwright() as play:
        flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        browser = await play.chromium.launch(executable_path=BINARY, args=flags, downloads_path=tmp_path)
        context = await browser.new_context()
        cookie = await front.session("limei")
        await context.add_cookies([{"name": "xiaoer_console", "value": cookie, "url": base}])
        page = await context.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(f"{base}scripts/s/shipping-fee")
        await page.fill("#f-answer_default", "全场包邮。")
        await page.locator("#preview", has_text="全场包邮。").wait_for()
        await page.locator("#script-form .card-footer button").click()
        await page.locator("text=和线上的差别").wait_for()
        await page.goto(f"{base}trial")
        await page.fill("#text", "运费多少钱")
        await page.keyboard.press("Enter")
        await page.locator("text=回答不同").wait_for()
        assert FEE in await page.inner_text(".trial")
        assert await violations(page) == []
        for each in PAGES:
            await page.goto(base + each)
            assert await violations(page) == [], each
        await page.goto(f"{base}understanding/try")
        await page.fill("#text", "运费多少钱，转人工")
        await page.keyboard.press("Enter")
        await page.locator("text=候选话术").first.wait_for()
        assert await violations(page) == []
        await page.set_viewport_size({"width": 390, "height": 800})
        for each in PAGES:
            await page.goto(base + each)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390, each
        assert problems == []
        await the_gaps_that_do_not_come(page, base)
        await browser.close()


async def the_gaps_that_do_not_come(page: Page, base: str) -> None:
    """Broken, too slow, cut off: each is said with a way on, and asking again brings them without starting anew."""
    asked: list[str] = []

    async def broken(route: Route) -> None:
        await route.fulfill(
            status=500, content_type="text/html", body="<title>500</title><p>Server got itself in trouble"
        )

    async def silent(route: Route) -> None:
        asked.append(route.request.url.removeprefix(base))

    again, part = page.get_by_role("button", name="再试一次"), "**/console/gaps/list*"
    await page.route(part, broken)
    await page.goto(f"{base}gaps?anew=1")
    await page.locator("[role=alert]", has_text="店小二这里出了错").wait_for()
    assert "正在整理" not in await page.inner_text("main")
    assert "got itself" not in await page.inner_text("main")
    assert await violations(page) == []
    await page.unroute(part)
    await page.route(part, silent)
    await page.evaluate("htmx.config.defaultTimeout = 20")
    await again.click()
    await page.locator("[role=alert]", has_text="还没有结果").wait_for()
    assert asked == ["gaps/list"]
    await page.unroute(part)
    await page.route(part, lambda route: route.abort())
    await page.evaluate("htmx.config.defaultTimeout = 60000")
    await again.click()
    await page.locator("[role=alert]", has_text="没有连上店小二").wait_for()
    await page.unroute(part)
    cookies = await page.context.cookies()
    await page.context.clear_cookies()
    await again.click()
    await page.locator("[role=alert]", has_text="登录已经过期").wait_for()
    await page.context.add_cookies([{"name": each["name"], "value": each["value"], "url": base} for each in cookies])
    await again.click()
    await page.locator("main", has_text="整理于").wait_for()
    assert await page.locator("main [role=alert]:visible").count() == 0
