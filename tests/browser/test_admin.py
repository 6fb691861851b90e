"""An admin's day: can she let programs in, and see that the platforms and we reach each other?"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.house import House, fits
from tests.screen import needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_a_program_gets_a_token_for_one_thing_and_a_webhook(house: House) -> None:
    page = await house.by_link("管理员")
    await page.get_by_role("link", name="接口", exact=True).click()
    await page.get_by_label("给谁用").fill("ERP 同步")
    await page.get_by_role("checkbox", name="看工单").check()
    await page.get_by_role("button", name="新建令牌").click()
    token = await page.locator("code.user-select-all").inner_text()
    api = page.context.request
    allowed = await api.get(f"{house.url}/api/v1/tickets", headers={"Authorization": f"Bearer {token}"})
    assert allowed.ok
    denied = await api.get(f"{house.url}/api/v1/scripts", headers={"Authorization": f"Bearer {token}"})
    assert denied.status == 403
    await page.get_by_label("名称").fill("订单系统")
    await page.get_by_label("地址").fill("https://127.0.0.1/hook")
    await page.get_by_role("button", name="新建推送").click()
    await expect(page.locator("#url-wrong")).to_contain_text("内网")
    await expect(page.get_by_label("名称")).to_have_value("订单系统")
    await fits(page)
    await page.get_by_label("地址").fill("https://hooks.example.com/xiaoer")
    await page.get_by_role("button", name="新建推送").click()
    await page.get_by_role("button", name="停用").click()  # nothing of this house may leave it
    await expect(page.get_by_role("button", name="启用")).to_be_visible()
    house.expected("422")


async def test_the_accounts_are_examined(house: House) -> None:
    page = await house.by_link("管理员")
    await page.get_by_role("link", name="账号").click()
    await page.get_by_role("button", name="检查一遍").click()
    found = page.get_by_role("status").filter(has=page.get_by_role("heading", name="检查结果"))
    await expect(found.get_by_role("listitem").first).to_contain_text("正常")
    await fits(page)
