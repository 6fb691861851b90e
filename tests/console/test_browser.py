"""Does the page work in a real browser? Typing, sending, changes coming in, keys; on SQLite, it is the same page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from archive import Voice
from tests.console.chromium import ALT, BINARY, CTRL, SHIFT, Tab, chromium
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.knowledge_base.samples import script

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
LOSES_ONE_ANSWER = """(() => {
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    const response = await fetched(...asked);
    if (!String(asked[0]).endsWith("/say")) return response;
    window.fetch = fetched;
    throw new TypeError("the line broke");
  };
})()"""
HOLDS_ONE_LOOK = """(() => {
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    if (!String(asked[0]).includes("/thread")) return fetched(...asked);
    window.fetch = fetched;
    await new Promise((resolve) => { window.letGo = resolve; });
    return fetched(...asked);
  };
})()"""
AXE = files("axe_playwright_python") / "axe.min.js"
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


async def test_a_script_is_picked_with_the_keys_and_the_choosing_enter_sends_nothing(
    tab: Tab, front: Shopfront
) -> None:
    refund = script("refund", "退款多久到账", answers={"default": "三天内到账"})
    await front.knowledge.refresh([refund, script("invoice", "可以开发票吗")])
    before = await front.sends(1)
    await tab.write("/")
    await tab.until("document.querySelectorAll('#script-options [role=option]').length === 2")
    await tab.write("tkdj")
    await tab.until("document.querySelectorAll('#script-options [role=option]').length === 1")
    await tab.press("ArrowDown")
    await tab.press("Enter")
    assert await tab.run(f"{AREA}.value") == "三天内到账"
    assert await front.sends(1) == before
    await tab.press("Enter")
    await tab.until(f"{LAST}.dataset.key.startsWith('unsent-')")
    assert (await front.sends(1))[-1] == "三天内到账"


async def test_what_is_refused_comes_back_with_the_reason(tab: Tab, front: Shopfront) -> None:
    await front.spend(1, sends_left=0)  # and this page does not know it yet
    await tab.write("还有一句")
    await tab.press("Enter")
    await tab.until("document.getElementById('say-wrong')?.textContent.includes('最多回五条')")
    assert await tab.run(f"{AREA}.value") == "还有一句"
    assert "还有一句" not in await tab.run("document.getElementById('log').innerText")
    await tab.press("Enter")  # what is left to her is a note
    assert "还有一句" not in await front.sends(1)


async def test_the_reason_stays_where_the_page_was_looking_meanwhile(tab: Tab, front: Shopfront) -> None:
    await tab.run(HOLDS_ONE_LOOK)
    front.wakeups.ring("conversation:1")
    await tab.until("window.letGo")
    await front.spend(1, sends_left=0)
    await tab.write("还有一句")
    await tab.press("Enter")
    reason = "document.getElementById('say-wrong')?.textContent.includes('最多回五条')"
    await tab.until(reason)
    await tab.run("window.letGo()")
    await tab.until("document.querySelector('#say.only-note')")
    await tab.until(reason)
    assert await tab.run(f"{AREA}.value") == "还有一句"


async def test_two_who_click_the_same_ticket_at_once_are_told_who_has_it(
    tab: Tab, server: TestServer, front: Shopfront, sign_in: SignIn
) -> None:
    await tab.open(str(server.make_url("/console/?tab=waiting")))
    colleague = await sign_in("limei")
    csrf = await colleague.csrf()
    _, page = await asyncio.gather(
        tab.run("document.querySelector('#rows button[formaction$=accept]').click()"),
        colleague.post("/console/tickets/3/accept", csrf=csrf),
    )
    await tab.until("location.pathname === '/console/tickets/3' && document.readyState === 'complete'")
    owner = (await front.conversation(3))["agent"]
    hers, theirs = await tab.run("document.querySelector('.owner-agent').innerText"), page.text
    assert ("我在接待" in hers, "我在接待" in theirs) == (owner == "wangfang", owner == "limei")
    loser = theirs if owner == "wangfang" else await tab.run("document.body.innerText")
    assert front.console.say("refusals.not_waiting") in loser


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
    front.wakeups.ring("conversation:1")
    await tab.until("document.querySelector('.budget').innerText.includes('剩 1 条')")
    assert await tab.run(f"{AREA}.value + document.activeElement.id") == "正在打字say-text"


async def test_a_changed_composer_keeps_the_scripts_on_offer(tab: Tab, front: Shopfront) -> None:
    await front.knowledge.refresh([script("refund", "退款多久到账"), script("invoice", "可以开发票吗")])
    offered = "document.querySelectorAll('#script-options:not([hidden]) [role=option]').length"
    await tab.write("/")
    await tab.until(f"{offered} === 2")
    await front.spend(1, sends_left=1)
    front.wakeups.ring("conversation:1")
    await tab.until("document.querySelector('.budget').innerText.includes('剩 1 条')")
    await tab.until(f"{offered} === 2")
    await tab.press("Escape")
    assert await tab.run(offered) == 0
    await front.spend(1, sends_left=2)
    front.wakeups.ring("conversation:1")
    await tab.until("document.querySelector('.budget').innerText.includes('剩 2 条')")
    assert await tab.run(offered) == 0


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


async def test_words_whose_answer_was_lost_on_the_way_are_said_once(tab: Tab, front: Shopfront) -> None:
    await tab.run(LOSES_ONE_ANSWER)
    await tab.write("说到一半断了")
    await tab.press("Enter")
    await tab.until(f"{LAST}.matches('.failed')")
    assert (await front.sends(1)).count("说到一半断了") == 1  # it had arrived
    await tab.run(f"{LAST}.querySelector('.again').click()")
    await tab.until(f"!document.querySelector('.failed') && {LAST}.dataset.key.startsWith('unsent-')")
    assert (await front.sends(1)).count("说到一半断了") == 1


async def test_keys_lead_through_the_desk(tab: Tab) -> None:
    await tab.run("document.querySelector('#pop-return summary').click()")
    await tab.until("document.activeElement.id === 'return-outcome'")
    await tab.press("Escape")
    assert await tab.run("document.getElementById('pop-return').open") is False
    assert await tab.run("document.activeElement.parentElement.id") == "pop-return"
    await tab.press("j", code="KeyJ", modifiers=ALT)
    await tab.until("location.pathname === '/console/tickets/2'")


async def test_notes_have_their_key_and_reach_colleagues_alone(tab: Tab, front: Shopfront) -> None:
    before = await front.sends(1)
    await tab.press("p", code="KeyP", modifiers=ALT)
    assert await tab.run("document.activeElement.id + document.getElementById('as-note').checked") == "say-texttrue"
    await tab.write("上次也是这样")
    await tab.press("Enter")
    await tab.until("document.querySelector('.said.note[data-key^=note-]')?.innerText.includes('上次也是这样')")
    assert await front.sends(1) == before
    await tab.run("document.activeElement.blur()")
    await tab.press("?")
    assert await tab.run("document.getElementById('keys-sheet').open") is True
    await tab.press("Escape")
    await tab.press("k", code="KeyK", modifiers=CTRL)
    await tab.write("2")
    await tab.until("document.querySelector('#command-options [data-href$=\"/tickets/2\"]')")
    await tab.press("Enter")
    await tab.until("location.pathname === '/console/tickets/2'")


async def test_a_key_is_chosen_by_pressing_it_and_a_colleague_by_her_letters(tab: Tab, front: Shopfront) -> None:
    await tab.run("document.activeElement.blur()")
    await tab.press("?")
    await tab.run("document.getElementById('key-note').focus()")
    await tab.press("9", code="Digit9", modifiers=ALT)
    assert await tab.run("document.getElementById('key-note').value") == "Alt+9"
    await tab.run("document.querySelector('.keys-form button').click()")
    await tab.until("location.pathname === '/console/keys' && document.body.innerText.includes('已保存')")
    await tab.run("location.href = '/console/tickets/1'")
    await tab.until("location.pathname === '/console/tickets/1' && document.activeElement?.id === 'say-text'")
    await tab.press("9", code="Digit9", modifiers=ALT)
    assert await tab.run("document.getElementById('as-note').checked") is True
    await tab.write("请看 @lm")
    await tab.until("document.querySelector('#script-options [data-words]')?.dataset.words === '李梅'")
    await tab.press("Enter")
    assert await tab.run(f"{AREA}.value") == "请看 @李梅 "
    await tab.press("Enter")
    await tab.until("document.querySelector('.said.note[data-key^=note-]')?.innerText.includes('@李梅')")
    assert [each.ticket_id for each in await front.console.tickets.mentions_of("limei")] == [1]


async def test_a_form_passes_the_origin_check_of_its_own_page(tab: Tab, front: Shopfront) -> None:
    await tab.run("document.querySelector('.status .is-away').click()")
    await tab.until("document.querySelector('.status .is-away')?.getAttribute('aria-pressed') === 'true'")
    agents = await front.console.workbench.agents()
    assert next(agent.status for agent in agents if agent.id == "wangfang") == "away"


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_is_wider_than_the_screen(tab: Tab, server: TestServer, width: int) -> None:
    await tab.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=740, deviceScaleFactor=1, mobile=width < 600
    )
    for path in ("/console/", "/console/tickets/1", "/console/login?token=x"):
        await tab.open(str(server.make_url(path)))
        assert await tab.run("document.documentElement.scrollWidth <= innerWidth"), path
    await tab.open(str(server.make_url("/console/tickets/1")))
    assert await tab.run(UNNAMED) == []
    panes = "['.side', '.thread', '.panel'].map((each) => document.querySelector(each).checkVisibility()).join()"
    assert await tab.run(panes) == ("true,true,true" if width > 600 else "false,true,false")
    if width < 600:
        await tab.run("document.querySelector('.to-panel').click()")
        await tab.until(f"{panes} === 'false,false,true'")
        await tab.run("document.querySelector('.to-thread').click()")
        await tab.until(f"{panes} === 'false,true,false'")
    await tab.call("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    violations = await tab.run("axe.run().then((found) => found.violations)")
    assert [(each["id"], each["nodes"][0]["target"]) for each in violations] == []
