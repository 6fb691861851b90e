"""A supervisor's day: does she stand by an agent today, and judge tomorrow what was said, so that all can be traced?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from tests.browser.house import House, appears, ends, fits, ready
from tests.screen import needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]


async def test_from_the_wall_to_the_audit_log(house: House, tmp_path: Path) -> None:
    wanglei, lina = await house.serves("王磊", "慢慢"), await house.member("李娜")
    await ready(lina)
    await she_stands_by(lina, wanglei, house)
    await expect(wanglei.locator("#others")).to_be_empty()
    await expect(wanglei.locator("#composer .hint")).to_contain_text("最多回五条")  # her words counted, too
    await house.act("customer_writes", customer=house.key("慢慢"), place=house.kf, text="那到哪里了")
    box = wanglei.get_by_label("回复慢慢，或写备注")
    await box.fill("您好，包裹已经到了中转站")
    await box.press("Enter")
    await expect(wanglei.locator(".said.agent", has_text="中转站")).to_have_count(1)
    await ends(wanglei)
    await house.leave()
    house.clock.forward(days=1)
    boss = await house.by_link("主管")
    await she_finds_and_plays_it_back(boss, house)
    await she_exports(boss, tmp_path)
    auditor = await house.by_link("审计员")
    await auditor.get_by_role("link", name="审计", exact=True).click()
    for action in ("旁听", "悄悄提醒", "加入会话", "接管会话", "交还会话", "导出数据"):
        await expect(auditor.get_by_role("table")).to_contain_text(action)
    await auditor.get_by_role("link", name="检查完整性").click()
    await expect(auditor.get_by_role("status")).to_contain_text("完整")


async def she_stands_by(lina: Page, wanglei: Page, house: House) -> None:
    await lina.get_by_role("link", name="监控").click()
    await lina.get_by_role("link", name="慢慢").click()
    await expect(lina.locator(".told")).to_contain_text("王磊 的页面上写着您在旁听")
    await expect(wanglei.locator("#others")).to_contain_text("李娜")
    await lina.get_by_label("悄悄提醒 王磊").fill("先安抚，再查")
    await lina.get_by_role("button", name="悄悄说").click()
    await expect(wanglei.locator(".said.whisper")).to_contain_text("先安抚，再查")
    await lina.get_by_label("插话").fill("我是主管，正在帮您看物流")
    await lina.get_by_role("button", name="发给客户").click()
    await expect(wanglei.locator("#log")).to_contain_text("我是主管，正在帮您看物流")
    await lina.get_by_role("button", name="接管会话").click()
    await expect(wanglei.locator("#thread-head")).to_contain_text("李娜 接待中")
    await lina.get_by_role("button", name="交还给 王磊").click()
    await expect(wanglei.locator("#thread-head")).to_contain_text("我在接待")
    await lina.get_by_role("button", name="结束旁听").click()
    await expect(lina.get_by_role("heading", name="监控")).to_be_visible()
    assert sum("我是主管，正在帮您看物流" in each for each in house.seen("慢慢")) == 1
    assert not [each for each in house.seen("慢慢") if "先安抚" in each]


async def she_finds_and_plays_it_back(boss: Page, house: House) -> None:
    await boss.get_by_role("link", name="会话", exact=True).click()
    await boss.get_by_label("说过的话").fill("中转站")
    await boss.get_by_role("button", name="查找").click()
    found = boss.locator(".found a", has_text="中转站")
    await appears(boss, found)
    await found.first.click()
    await expect(boss.locator("[data-curve] svg")).to_be_visible()
    await boss.keyboard.press("ArrowDown")
    await expect(boss.locator("[data-line='1']")).to_be_focused()
    await expect(boss.get_by_role("region", name="对话")).to_contain_text("转人工")


async def she_exports(boss: Page, folder: Path) -> None:
    await boss.get_by_role("link", name="报表").click()
    await expect(boss.locator("[data-chart] svg").first).to_be_visible()
    async with boss.expect_download() as coming:
        await boss.get_by_role("link", name="导出 CSV").click()
    await (await coming.value).save_as(folder / "report.csv")
    text = (folder / "report.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))) > 5
    async with boss.expect_download() as coming:
        await boss.get_by_role("link", name="导出 Excel").click()
    await (await coming.value).save_as(folder / "report.xlsx")
    assert load_workbook(folder / "report.xlsx").sheetnames
    await fits(boss)
