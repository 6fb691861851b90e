"""An operator's day: is a mistake shown where it is, a message explained, and a rule tried before it decides?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.house import PATIENCE_MS, House, fits, says, works
from tests.screen import needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
UNANSWERED, ANSWER = "可以货到付款吗", "抱歉，暂时不支持货到付款。"
BROKEN = "编号,标准问题,答案\npoints,积分怎么换,\nmember-day,,每月八号\n"


async def test_a_file_with_mistakes_says_where_they_are(house: House, tmp_path: Path) -> None:
    page = await house.by_link("运营")
    await page.get_by_role("link", name="话术", exact=True).click()
    await page.get_by_role("link", name="导入导出").click()
    (tmp_path / "积分.csv").write_text(BROKEN, encoding="utf-8")
    await page.get_by_label("文件", exact=False).first.set_input_files(tmp_path / "积分.csv")
    await page.get_by_role("button", name="查看会改什么").click()
    await expect(page.get_by_role("alert")).to_contain_text("什么都没有导入")
    await expect(page.get_by_role("cell", name="2", exact=True)).to_be_visible()
    await expect(page.get_by_role("cell", name="3", exact=True)).to_be_visible()
    await fits(page)
    house.expected("422")


async def test_a_message_is_explained(house: House) -> None:
    page = await house.by_link("运营")
    await page.get_by_role("link", name="意图").click()
    await page.get_by_role("link", name="试一句话").click()
    await page.get_by_label("客户说").fill("多久能发货")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="候选话术")).to_be_visible()
    await expect(page.get_by_role("link", name="shipping-time")).to_be_visible()


async def test_a_rule_is_tried_then_applied(house: House) -> None:
    await house.asks_for_a_person("发票客户", "怎么开发票")
    page = await house.by_link("运营")
    await page.get_by_role("link", name="规则", exact=True).click()
    await page.get_by_role("link", name="分派文件").click()
    editor = page.get_by_label("handoff.yaml 的内容")
    text = await editor.input_value()
    rule = "rules:\n  - name: 都给售前组\n    when: {signals: [asked_for_person]}\n    team: presale\n    priority: 3\n"
    await editor.fill(text.replace("rules:\n", rule, 1))
    await page.get_by_role("button", name="检查并试算").click()
    await expect(page.get_by_role("status").filter(has_text="张会不一样")).to_be_visible()
    await fits(page)
    await page.get_by_role("button", name="让它生效").click()
    await expect(page.get_by_role("status")).to_contain_text("已经生效")
    await page.get_by_label("handoff.yaml 的内容").fill(text)
    await page.get_by_role("button", name="检查并试算").click()
    await page.get_by_role("button", name="让它生效").click()
    await expect(page.get_by_role("status")).to_contain_text("已经生效")
    await page.get_by_role("link", name="分派规则").click()
    await expect(page.get_by_text("都给售前组")).to_have_count(0)


async def test_a_gap_becomes_an_answer_that_the_next_customer_hears(house: House) -> None:
    for customer in ("问一", "问二"):
        await house.asks_for_a_person(customer, UNANSWERED, UNANSWERED)
    page = await house.by_link("运营")
    await page.get_by_role("link", name="缺口").click()
    gap = page.get_by_role("article").filter(has_text=UNANSWERED)
    async with asyncio.timeout(PATIENCE_MS / 1000):  # the bot may not have answered both of them yet
        while not await gap.count():
            await page.get_by_role("link", name="重新整理").click()
            await page.get_by_text("整理于").wait_for()
    await gap.get_by_role("button", name="写成话术").click()  # one click, and the second saves the answer
    await works(page.get_by_label("答案", exact=True))
    await page.get_by_label("答案", exact=True).fill(ANSWER)
    await expect(page.locator("#preview")).to_contain_text(ANSWER)
    await page.get_by_role("button", name="保存草稿").click()
    await page.get_by_role("button", name="提交审核").click()
    await page.get_by_role("link", name="试运行").click()
    await page.get_by_label("扮演客户说").fill(UNANSWERED)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("草稿", exact=True)).to_contain_text(ANSWER)
    await expect(page.get_by_label("线上", exact=True)).not_to_contain_text(ANSWER)
    await page.get_by_role("link", name="话术", exact=True).click()
    await page.get_by_role("link", name="待审").click()
    await page.get_by_role("link", name=UNANSWERED).first.click()
    await page.get_by_role("button", name="批准上线").click()
    await expect(page.locator(".state-live").first).to_be_visible()
    await house.learned()
    phone = await house.customer("周周")
    await says(phone, UNANSWERED)
    await expect(phone.locator("#lines")).to_contain_text(ANSWER)
