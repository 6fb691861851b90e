"""Does the page work in a real browser? Typing, sending, changes coming in, keys; on SQLite, it is the same page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from archive import Voice
from bot.wakeups import Wakeups
from tests.console.chromium import ALT, BINARY, SHIFT, Tab, chromium
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None, reason="no Chromium here"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AREA = "document.getElementById('say-text')"
UNNAMED = (
    "[...document.querySelectorAll('button, a, summary, select, textarea')]"
    ".filter((each) => !(each.textContent.trim() || each.getAttribute('aria-label') || each.labels?.length))"
    ".map((each) => each.outerHTML)"
)
LAST = "document.querySelector('#log > :last-child')"


@pytest.fixture
async def tab(front: Shopfront, server: TestServer, tmp_path: Path) -> AsyncIterator[Tab]:
    """王芳 at her desk, with two conversations she serves and one that waits."""
    for number in (1, 2, 3):
        await front.hand_over(number)
        front.clock.forward(seconds=1)
        if number < 3:
            await front.console.workbench.accept(number, "wangfang")
    cookie = await front.session("wangfang")
    async with chromium(tmp_path / "profile") as tab:
        await tab.call("Network.setCookie", name="xiaoer_console", value=cookie, url=str(server.make_url("/console/")))
        await tab.open(str(server.make_url("/console/tickets/1")))
        await tab.until("document.activeElement.id === 'say-text'")
        yield tab
        assert tab.problems == []


async def test_enter_sends_and_shift_enter_does_not(tab: Tab, front: Shopfront) -> None:
    await tab.write("第一行")
    await tab.press("Enter", modifiers=SHIFT)
    await tab.write("第二行")
    await tab.press("Enter")
    assert await tab.run(f"{AREA}.value") == ""
    assert "第二行" in await tab.run(f"{LAST}.innerText")  # shown before anybody answered
    await tab.until(f"{LAST}.dataset.key.startsWith('unsent-')")
    assert (await front.sends(1))[-1] == "第一行\n第二行"


async def test_the_enter_that_picks_a_word_sends_nothing(tab: Tab, front: Shopfront) -> None:
    before = await front.sends(1)
    await tab.call("Input.imeSetComposition", text="nihao", selectionStart=5, selectionEnd=5)
    await tab.run(
        f"{AREA}.dispatchEvent(new KeyboardEvent('keydown', {{key: 'Enter', isComposing: true, bubbles: true}}))"
    )
    await tab.write("你好")
    assert await tab.run(f"{AREA}.value") == "你好"
    assert await front.sends(1) == before


async def test_what_comes_in_does_not_disturb_what_is_typed(tab: Tab, front: Shopfront) -> None:
    await tab.write("正在打字")
    await front.said(1, Voice.CUSTOMER, "<b>还在吗</b>")
    front.wakeups.ring("conversation:1")
    await tab.until("document.getElementById('log').innerText.includes('<b>还在吗</b>')")
    assert await tab.run(f"{AREA}.value") == "正在打字"
    assert await tab.run("document.activeElement.id") == "say-text"
    await tab.write("呢")
    assert await tab.run(f"{AREA}.value") == "正在打字呢"
    await tab.call("Page.reload")
    await tab.until(f"document.readyState === 'complete' && {AREA}?.value === '正在打字呢'")


async def test_a_changed_composer_keeps_the_words(tab: Tab, front: Shopfront) -> None:
    await tab.write("正在打字")
    await front.spend(1, sends_left=1)
    front.wakeups.ring(Wakeups.CONSOLE)
    await tab.until("document.querySelector('.budget').innerText.includes('剩 1 条')")
    assert await tab.run(f"{AREA}.value + document.activeElement.id") == "正在打字say-text"


async def test_a_colleague_takes_the_waiting_one(tab: Tab, sign_in: SignIn) -> None:
    assert await tab.run("document.getElementById('waiting-count').innerText") == "1"
    await (await sign_in("limei")).submit("/console/tickets/3/accept")
    await tab.until("document.getElementById('waiting-count').innerText === '0'")
    await tab.run("document.querySelector('.tab[href*=waiting]').click()")
    await tab.until("document.getElementById('rows')?.textContent.includes('没有客户在等')")


async def test_words_that_did_not_leave_can_be_sent_again_once(tab: Tab, front: Shopfront) -> None:
    await tab.call("Network.enable")
    cut = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await tab.call("Network.emulateNetworkConditions", offline=True, **cut)
    await tab.write("断网时说的")
    await tab.press("Enter")
    await tab.until(f"{LAST}.matches('.failed')")
    assert "断网时说的" not in await front.sends(1)
    await tab.call("Network.emulateNetworkConditions", offline=False, **cut)
    await tab.run(f"{LAST}.querySelector('.again').click()")
    await tab.until(f"{LAST}.dataset.key.startsWith('unsent-')")
    assert (await front.sends(1)).count("断网时说的") == 1


async def test_keys_lead_through_the_desk(tab: Tab) -> None:
    await tab.run("document.querySelector('#pop-return summary').click()")
    await tab.until("document.activeElement.id === 'return-outcome'")
    await tab.press("Escape")
    assert await tab.run("document.getElementById('pop-return').open") is False
    assert await tab.run("document.activeElement.parentElement.id") == "pop-return"
    await tab.press("j", code="KeyJ", modifiers=ALT)
    await tab.until("location.pathname === '/console/tickets/2'")


async def test_a_form_passes_the_origin_check_of_its_own_page(tab: Tab, front: Shopfront) -> None:
    await tab.run("document.querySelector('.status .is-away').click()")
    await tab.until("document.querySelector('.status .is-away')?.getAttribute('aria-pressed') === 'true'")
    agents = await front.console.workbench.agents()
    assert next(agent.status for agent in agents if agent.id == "wangfang") == "away"


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_is_wider_than_the_screen(tab: Tab, server: TestServer, width: int) -> None:
    await tab.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=740, deviceScaleFactor=1, mobile=width < 600
    )
    for path in ("/console/", "/console/tickets/1", "/console/login?token=x"):
        await tab.open(str(server.make_url(path)))
        assert await tab.run("document.documentElement.scrollWidth <= innerWidth"), path
    await tab.open(str(server.make_url("/console/tickets/1")))
    assert await tab.run(UNNAMED) == []
