"""What if two are too quick, the line breaks, the login ends or the platform takes no more? Nobody loses a word."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.house import House, fits, ready, works
from tests.screen import PHONE, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_COUNT_GAPS = """hers => {
  const words = hers.querySelector(".words").textContent, log = document.getElementById("log");
  window.gaps = 0;
  const look = () => { if (!log.textContent.includes(words)) gaps += 1; };
  new MutationObserver(look).observe(log, { childList: true, subtree: true });
}"""


async def test_of_two_who_take_the_same_ticket_one_has_it_and_the_other_is_told_who(house: House) -> None:
    lina, wanglei = await house.member("李娜"), await house.member("王磊")
    await ready(lina)
    await ready(wanglei)
    await house.asks_for_a_person("双双")
    for page in (lina, wanglei):
        await page.goto(f"{house.url}/console/?tab=waiting")
        await page.get_by_role("link", name="双双").first.click()
        await page.locator("#thread-head").get_by_role("button", name="接单").wait_for()
    take = [page.locator("#thread-head").get_by_role("button", name="接单").click() for page in (lina, wanglei)]
    await asyncio.gather(*take)
    for page in (lina, wanglei):
        await expect(page.locator("#thread-head .badge", has_text="接待")).to_be_visible()
    hers = await lina.locator("#thread-head").get_by_text("我在接待").count()
    won, lost = (lina, wanglei) if hers else (wanglei, lina)
    await expect(won.locator("#thread-head")).to_contain_text("我在接待")
    await expect(lost.get_by_role("alert")).to_be_visible()
    who = "李娜" if won is lina else "王磊"
    await expect(lost.locator("#thread-head")).to_contain_text(f"{who} 接待中")
    await expect(lost.locator("#composer .hint")).to_contain_text(f"{who} 正在接待这位客户")
    await fits(lost)


async def test_words_typed_while_the_line_is_down_are_kept_and_said_once(house: House) -> None:
    page = await house.serves("李娜", "断断")
    box = page.get_by_label("回复断断，或写备注")
    await page.context.set_offline(True)
    await box.fill("断网时写的话")
    await box.press("Enter")
    failed = page.locator(".said.failed", has_text="断网时写的话")
    await expect(failed).to_contain_text("没有送出")
    await box.fill("下一句还在写")
    await house.act("customer_writes", customer="断断", place=house.kf, text="您还在吗")
    await page.context.set_offline(False)
    await failed.get_by_role("button", name="重试").click()
    await expect(page.locator(".said.customer", has_text="您还在吗")).to_have_count(1)
    await expect(page.locator(".said.agent", has_text="断网时写的话")).to_have_count(1)
    await expect(page.locator(".said.sending, .said.failed, .said.pending")).to_have_count(0)
    await expect(box).to_have_value("下一句还在写")
    assert house.seen("断断").count("断网时写的话") == 1
    house.expected("ERR_INTERNET_DISCONNECTED")


async def test_an_older_look_that_comes_late_takes_no_words_off_her_page(house: House) -> None:
    page = await house.serves("李娜", "慢慢")
    asked, answered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()  # as it was before she wrote
        asked.set()
        await answered.wait()
        await route.fulfill(response=answer)

    await page.route("**/console/fragments/thread/**", late, times=1)
    await house.act("customer_writes", customer="慢慢", place=house.kf, text="我等一下")
    await asked.wait()
    box = page.get_by_label("回复慢慢，或写备注")
    await box.fill("好的，您慢慢来")
    async with page.expect_response(lambda each: each.url.endswith("/say")):
        await box.press("Enter")
    hers = page.locator(".said.agent", has_text="您慢慢来")
    await expect(page.locator(".said.sending")).to_have_count(0)
    await hers.evaluate(_COUNT_GAPS)
    answered.set()
    await expect(page.locator(".said.customer", has_text="我等一下")).to_have_count(1)
    await expect(page.locator(".said.pending")).to_have_count(0)
    await expect(hers).to_have_count(1)
    assert await page.evaluate("gaps") == 0
    assert house.seen("慢慢").count("好的，您慢慢来") == 1


async def test_who_is_signed_out_while_she_writes_finds_her_words_again(house: House) -> None:
    page = await house.serves("李娜", "久久")
    await page.get_by_label("回复久久，或写备注").fill("写到一半，先去开会")
    was = page.url
    await page.context.clear_cookies()  # as where her session was ended elsewhere
    await page.get_by_label("回复久久，或写备注").press("Enter")
    await expect(page.locator("#signed-out")).to_be_visible()
    await page.get_by_role("link", name="重新登录").click()
    await house.through_wecom(page, "李娜")
    await page.goto(was)
    await expect(page.get_by_label("回复久久，或写备注")).to_have_value("写到一半，先去开会")
    house.expected("401")


async def test_a_form_sent_after_the_session_ended_is_filled_in_again(house: House) -> None:
    page = await house.by_link("运营")
    await page.get_by_role("link", name="话术").click()
    await page.get_by_role("link", name="新建话术").click()
    await works(page.get_by_label("标准问题"))
    await page.get_by_label("标准问题").fill("周末能到货吗")
    await page.get_by_label("答案", exact=True).fill("周末也配送。")
    house.clock.forward(hours=3)
    async with page.expect_event("load"):  # of the page of the sign-in, which notes that the form was not taken
        await page.get_by_role("button", name="保存草稿").click()
    await page.goto(house.link("运营"))
    await page.get_by_role("button", name="登录工作台").click()
    await expect(page.get_by_label("标准问题")).to_have_value("周末能到货吗")
    await expect(page.get_by_label("答案", exact=True)).to_have_value("周末也配送。")
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("周末能到货吗")
    house.expected("401")


async def test_what_the_platform_takes_no_more_stays_in_the_box_with_what_else_can_be_done(house: House) -> None:
    page = await house.serves("李娜", "满满")
    box = page.get_by_label("回复满满，或写备注")
    for number in range(1, 4):  # her greeting and the notice were the first two of five
        await box.fill(f"第 {number} 条")
        if number == 3:
            await expect(page.locator("#composer .hint")).to_contain_text("只剩最后一条")
            await page.get_by_role("button", name="发送", exact=True).click()
        else:
            await box.press("Enter")
        await expect(page.locator(".said.agent", has_text=f"第 {number} 条")).to_have_count(1)
    await expect(page.locator("#composer .hint")).to_contain_text("最多回五条")
    await fits(page)
    await page.get_by_text("转到企业微信", exact=True).wait_for()
    late = await house.serves("李娜", "晚晚", PHONE)
    await late.get_by_label("回复晚晚，或写备注").fill("两天以后才想起来")
    house.clock.forward(hours=49)
    await late.reload()  # her session is over, too
    await house.through_wecom(late, "李娜")
    await expect(late.locator("#composer")).to_contain_text("太久")
    await expect(late.locator("#say-text")).to_have_value("两天以后才想起来")
    assert "两天以后才想起来" not in house.seen("晚晚")
    house.expected("401")
