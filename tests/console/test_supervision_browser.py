"""Can a supervisor step through a conversation by keyboard, and are the pages fit for everybody? In a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from tests.console.chromium import BINARY, Tab, chromium
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.supervised import Supervised

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FOUND = "axe.run().then((told) => told.violations.map((one) => `${one.id}: ${one.nodes[0].html}`))"
FRAME = "btn-link"  # the rail's own button; its colours are the frame's business


@pytest.fixture
async def past(front: Shopfront) -> Supervised:
    made = Supervised(front)
    await made.fill()
    return made


@pytest.fixture
async def tab(front: Shopfront, server: TestServer, tmp_path: Path) -> AsyncIterator[Tab]:
    """李梅, who leads both teams."""
    cookie = await front.session("limei")
    async with chromium(tmp_path / "profile") as tab:
        await tab.call("Network.setCookie", name="xiaoer_console", value=cookie, url=str(server.make_url("/console/")))
        yield tab
        assert tab.problems == []


async def violations(tab: Tab) -> list[str]:
    await tab.run(f"{AXE}; undefined")
    return [each for each in await tab.run(FOUND) if FRAME not in each]


async def test_a_conversation_is_stepped_through_and_every_page_is_accessible(
    tab: Tab, past: Supervised, server: TestServer, sign_in: SignIn
) -> None:
    await tab.open(str(server.make_url(f"/console/archive/conversation/{past.sessions['amy']}")))
    await tab.until("document.querySelector('[data-curve] svg')")
    for key, place in (("ArrowDown", 1), ("ArrowDown", 2), ("k", 1), ("n", 3), ("Home", 1)):
        await tab.press(key)
        assert await tab.run("document.activeElement.dataset.line") == str(place)
    assert await violations(tab) == []
    # words are loaded once a process, which takes seconds: the browser need not wait for that
    await (await sign_in("limei")).get("/console/reports/said?since=2026-02-20&until=2026-03-01")
    await tab.open(str(server.make_url("/console/reports?since=2026-02-20&until=2026-03-01")))
    await tab.until("document.querySelector('#p-topics')")  # what was said came after the page
    await tab.until("document.querySelector('#p-moods').closest('section').querySelector('svg')")
    assert await violations(tab) == []
    for path in ("/console/archive?q=退款", "/console/reviews/all", "/console/reviews/agreement"):
        await tab.open(str(server.make_url(path)))
        await tab.until("document.querySelector('main h2, main table, main .card')")
        assert await violations(tab) == []
