"""An agent's day: does she get from the offer to the rating, with everything that helps her on the way?"""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.house import House, ends, fits, ready, says, works
from tests.packs import INVOICE, SHIPPING
from tests.screen import needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_from_the_offer_to_the_rating(house: House) -> None:
    lina = await house.member("李娜")
    await ready(lina)
    ajie = await house.customer("小林")
    await says(ajie, "什么时候发货")
    await expect(ajie.locator("#lines")).to_contain_text(SHIPPING)
    await says(ajie, "转人工，我的手机号是13812345678")
    await expect(lina.get_by_role("region", name="派给您的客户")).to_contain_text("小林")
    await lina.get_by_role("button", name="接单：小林").click()
    await she_reads_what_the_bot_did(lina)
    await she_answers(lina, house)
    await she_decides_about_a_tag(lina)
    await she_reveals_the_telephone(lina)
    wanglei = await house.member("王磊")
    await ready(wanglei)
    await lina.reload()
    await lina.get_by_text("转派", exact=True).first.click()
    await lina.get_by_label("转给谁").select_option("agent:wanglei")
    await lina.get_by_role("button", name="转派").click()
    await wanglei.get_by_role("link", name="小林").first.click()
    await expect(wanglei.locator("#log")).to_contain_text(INVOICE)
    await ends(wanglei)
    await ajie.get_by_role("button", name="非常满意").click()
    await expect(ajie.locator("#lines")).to_contain_text("感谢您的评价")
    await wanglei.reload()
    await expect(wanglei.locator("#log")).to_contain_text(INVOICE)


async def she_reads_what_the_bot_did(page: Page) -> None:
    await expect(page.locator("#log")).to_contain_text(SHIPPING)
    await expect(page.locator("#panel")).to_contain_text("店小二答过")
    told = page.locator(".said.bot", has_text=SHIPPING).locator(".why-said")
    await told.get_by_text("为什么").click()
    await expect(told).to_contain_text("什么时候发货")
    await fits(page)


async def she_answers(page: Page, house: House) -> None:
    box = page.get_by_label("回复小林，或写备注")
    await works(box)
    await expect(page.locator("#composer .budget")).to_contain_text("剩")
    await box.fill("/fapiao")
    option = page.get_by_role("option", name="怎么开发票")
    await expect(option).to_be_visible()
    await option.click()
    await expect(box).to_have_value(INVOICE)
    await box.press("Enter")
    await expect(page.locator(".said.agent", has_text=INVOICE)).to_have_count(1)
    await composing(page, "nihao")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(box).to_have_value("nihao")
    await box.fill("")
    await page.locator("label[for=as-note]").click()
    await box.fill("开票抬头已经核对")
    await box.press("Enter")
    await expect(page.locator(".said.note")).to_contain_text("开票抬头已经核对")
    await expect(page.locator(".said.agent.pending, .said.note.sending")).to_have_count(0)
    assert house.seen("小林").count(INVOICE) == 1
    assert not [each for each in house.seen("小林") if "nihao" in each or "抬头已经" in each]


async def composing(page: Page, letters: str) -> None:
    """The letters stand in the box, and the input method has not made a word of them yet."""
    keyboard = await page.context.new_cdp_session(page)
    await keyboard.send(
        "Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
    )


async def she_decides_about_a_tag(page: Page) -> None:
    tags = page.locator("#panel .tags")
    await expect(tags).to_contain_text("等发货")
    await tags.get_by_role("button", name="钉住").click()
    await expect(tags).to_contain_text("李娜 钉住")
    await tags.get_by_role("button", name="交回规则").click()
    await tags.get_by_role("button", name="不是").click()
    await expect(tags).to_contain_text("李娜 说不是")


async def she_reveals_the_telephone(page: Page) -> None:
    facts = page.locator("#panel .facts", has_text="手机号")
    await expect(facts).not_to_contain_text("13812345678")
    await facts.get_by_text("看完整手机号").click()
    await facts.get_by_label("原因").fill("回电核对开票")
    await facts.get_by_role("button", name="查看").click()
    await expect(page.locator("#revealed")).to_have_text("13812345678")
    await fits(page)
    await page.get_by_role("link", name="回去").click()
