"""Can an agent who is out serve a customer from the card in her WeCom, on a screen of a hand's width?"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.house import House, fits, ready, works
from tests.screen import PHONE, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_the_card_opens_the_ticket_and_she_answers(house: House) -> None:
    lina = await house.member("李娜", PHONE)
    await ready(lina)
    await house.asks_for_a_person("Mandy 妈妈", "怎么退货")
    await lina.goto(f"{house.running.simulator_url}/wecom")
    await lina.get_by_label("选择成员").select_option("lina")
    await lina.get_by_role("button", name="应用消息").click()
    async with lina.context.expect_page() as opening:
        await lina.get_by_role("article").filter(has_text="Mandy").last.get_by_role("link", name="查看详情").click()
    ticket = await opening.value
    await ticket.locator("#thread-head").get_by_role("button", name="接单").click()
    box = ticket.locator("#say-text")
    await works(box)
    await box.fill("您好，我在外面，马上帮您处理")
    await ticket.get_by_role("button", name="发送", exact=True).click()
    await expect(ticket.locator(".said.agent", has_text="马上帮您处理")).to_have_count(1)
    await expect(ticket.locator(".said.sending, .said.pending")).to_have_count(0)
    assert house.seen("Mandy 妈妈").count("您好，我在外面，马上帮您处理") == 1
    await fits(ticket)
    await ticket.get_by_role("link", name="资料").click()
    await expect(ticket.get_by_role("heading", name="客户", exact=True)).to_be_visible()
    await ticket.get_by_role("link", name="回到对话").click()
    await expect(box).to_be_visible()
