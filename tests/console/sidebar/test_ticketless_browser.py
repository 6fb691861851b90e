"""Does the sidebar work in a browser for a customer without a ticket? With a client of WeCom's that only names her."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Route, async_playwright

from bot.domain import ChannelKind
from bot.insight import Question
from bot.mind import Mind
from knowledge_base import Passage
from tests.console.chromium import BINARY
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.timeout(120),  # a browser starts
    ON_SQLITE,
]
CLIENT = """
export const env = { isWeCom: true }, isWeixinJSBridgeReady = true;
export const register = () => {}, ensureConfigReady = async () => {};
export const getContext = async () => ({ entry: "single_kf_tools" });
export const getCurExternalContact = async () => ({ userId: "customer-1" });
"""


async def suggest(question: Question, _: int) -> list[Passage]:
    return [Passage("ship", "发货时间", question.text, "四十八小时内发出", 0.9, {})]


async def test_she_gets_what_the_rights_allow_and_no_error(
    front: Shopfront, server: TestServer, tmp_path: Path
) -> None:
    await front.write(1, "多久发货", channel=ChannelKind.WECOM_KF, nickname="小满")
    front.console.window.scripts.mind = lambda: cast("Mind", SimpleNamespace(suggest=suggest))
    base = str(server.make_url("/console/"))

    async def client(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=CLIENT)

    async with async_playwright() as play:
        flags = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        browser = await play.chromium.launch(executable_path=BINARY, args=flags, downloads_path=tmp_path)
        problems: list[str] = []
        for person, sees in (("wangfang", False), ("limei", True)):
            context = await browser.new_context()
            await context.add_cookies([{"name": "xiaoer_console", "value": await front.session(person), "url": base}])
            page = await context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            await page.route("**/vendor/wecom.prod.js", client)
            await page.goto(f"{base}sidebar/corp")
            await page.locator("[data-part=who]", has_text="小满").wait_for()
            await page.locator("#search").wait_for()
            if sees:
                await page.locator("#suggested [data-send]").wait_for()
                assert "四十八小时内发出" in await page.inner_text("#suggested")
            assert ("多久发货" in await page.inner_text("#customer")) is sees
            assert await page.inner_text("#problem") == ""
            await context.close()
        assert problems == []
        await browser.close()
