"""I15: does an open page come to the same end in whatever order, how often and how late its news come?

A notice says only what to read again; what a look brings is the state, not a change of it. So the answers are held back
here until the state has moved on, released in another order, and noticed again and again; at last the page must show
what one opened afresh shows. In a real browser, for it is the page's script that keeps the promise.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from archive import Voice
from tests.console.chromium import BINARY, Tab, chromium
from tests.console.desk import Shopfront

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
# Answers come from the server at once, and reach the page when the test says so.
HELD_BACK = """(() => {
  const fetched = window.fetch;
  Object.assign(window, { fetched, held: [], looks: 0, slow: false, notices: 0 });
  window.fetch = async (...asked) => {
    const response = await fetched(...asked);
    if (window.slow) await new Promise((release) => window.held.push(release));
    window.looks += 1;
    return response;
  };
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (kind, heard) {
    listen.call(this, kind, (event) => { window.notices += "data" in event; heard(event); });
  };
})()"""
# Ids of the regions that differ from those of the page as it is served now.
STALE = """(async () => {
  const page = await (await window.fetched(location.href)).text();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  const shown = (region) => [...region.children].map((child) => child.dataset.key).join()
    + region.textContent.replace(/\\s+/g, " ").trim();
  const regions = [...document.querySelectorAll("[data-region]")];
  return regions.filter((each) => shown(each) !== shown(fresh.getElementById(each.id))).map((each) => each.id);
})()"""
Change = Callable[[Shopfront, int], Awaitable[object]]


@pytest.fixture
async def tab(front: Shopfront, server: TestServer, tmp_path: Path) -> AsyncIterator[Tab]:
    """王芳 looks at conversation 1, which waits: no words are under way, for which the page would look again."""
    await front.hand_over(1)
    cookie = await front.session("wangfang")
    async with chromium(tmp_path / "profile") as tab:
        await tab.call("Network.setCookie", name="xiaoer_console", value=cookie, url=str(server.make_url("/console/")))
        await tab.call("Page.addScriptToEvaluateOnNewDocument", source=HELD_BACK)
        await tab.open(str(server.make_url("/console/tickets/1")))
        await tab.until("looks === 2")  # what changed before it listened
        yield tab
        assert tab.problems == []


async def the_customer_writes(front: Shopfront, number: int) -> None:
    await front.said(1, Voice.CUSTOMER, f"第{number}句")


async def another_customer_waits(front: Shopfront, number: int) -> None:
    await front.hand_over(number + 2)


async def words_leave(front: Shopfront, number: int) -> None:
    await front.spend(1, sends_left=number % 3)


CHANGES: tuple[Change, ...] = (the_customer_writes, another_customer_waits, words_leave)


async def told(tab: Tab, front: Shopfront) -> None:
    """The page is told once more that conversation 1, and the tickets of her team, may stand otherwise."""
    notices = await tab.run("notices")
    front.wakeups.ring("conversation:1")
    await tab.until(f"notices > {notices}")


async def test_news_late_repeated_and_out_of_order_end_in_what_is_true(tab: Tab, front: Shopfront) -> None:
    await tab.run("window.slow = true")
    for number, changes in enumerate(itertools.permutations(CHANGES)):
        await told(tab, front)
        await tab.until("held.length >= 1")  # a look at the conversation, at the list perhaps, too old soon
        for change in changes:
            await change(front, number)
            await told(tab, front)
        await told(tab, front)
        await tab.run(f"held.splice(0){'.reverse()' if number % 2 else ''}.forEach((release) => release())")
        await tab.until("held.length >= 1")  # it looks again, for it was told meanwhile
        await tab.run("held.splice(0).reverse().forEach((release) => release())")
    await tab.run("window.slow = false, held.splice(0).forEach((release) => release())")
    async with asyncio.timeout(10):  # less than the page waits to look by itself
        while await tab.run(STALE):
            pass
    bubbles = await tab.run("document.getElementById('log').children.length")
    for _ in range(3):
        looks = await tab.run("looks")
        await told(tab, front)
        await tab.until(f"looks > {looks}")
    assert await tab.run(STALE) == []
    assert await tab.run("document.getElementById('log').children.length") == bubbles
