"""A supervisor's day: does she stand by an agent today, and judge tomorrow what was said, so that all can be traced?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, expect

from tests.browser.house import House, appears, ends, fits, ready, works
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
    await they_review_it(boss, house)
    await she_exports(boss, tmp_path)
    auditor = await house.by_link("审计员")
    await auditor.get_by_role("link", name="审计", exact=True).click()
    for action in ("旁听", "悄悄提醒", "加入会话", "接管会话", "交还会话", "质检", "导出数据"):
        await expect(auditor.get_by_role("table")).to_contain_text(action)
    await auditor.get_by_role("link", name="检查完整性").click()
    await expect(auditor.get_by_role("status")).to_contain_text("完整")


async def she_stands_by(lina: Page, wanglei: Page, house: House) -> None:
    await lina.get_by_role("link", name="监控").click()
    await lina.get_by_role("link", name="慢慢").click()
    await works(lina.locator(".told"))
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
    found = boss.locator(".found a", has_text="中转站").filter(has_text="李娜")  # it was judged: it knows who served
    await appears(boss, found)
    await found.first.click()
    await expect(boss.locator("[data-curve] svg")).to_be_visible()
    await boss.keyboard.press("ArrowDown")
    await expect(boss.locator("[data-line='1']")).to_be_focused()
    await expect(boss.get_by_role("region", name="对话")).to_contain_text("转人工")


async def they_review_it(boss: Page, house: House) -> None:
    """Two look at what he did in the same conversation, though a colleague had taken it over."""
    await boss.get_by_role("link", name="质检", exact=True).click()
    await she_draws(boss)
    await boss.get_by_role("link", name="待我评分").click()
    await she_scores(boss, "0 分", "没有说什么时候能到", house)
    wanglei, lina = await house.member("王磊"), await house.member("李娜")
    await he_appeals(wanglei)
    await lina.get_by_role("link", name="质检").click()
    await lina.get_by_role("link", name="待我评分").click()
    await she_scores(lina, "1 分", "查到了，没有说时间", house)
    await boss.get_by_role("link", name="待我评分").click()
    await boss.get_by_role("link", name="申诉").click()
    await expect(boss.get_by_role("row", name="王磊")).to_contain_text("申诉中")
    await boss.get_by_role("link", name="一致性").click()
    pair = boss.get_by_role("row", name="主管 与 李娜")
    for shown in ("50%", "0.33"):  # one of two marks alike: (0.5 - 0.25) / (1 - 0.25), Cohen's
        await expect(pair.get_by_role("cell", name=shown, exact=True)).to_be_visible()
    await fits(boss)


async def she_draws(boss: Page) -> None:
    await boss.get_by_role("link", name="全部与抽样").click()
    await boss.get_by_text("抽样并分配评分任务").click()
    await boss.get_by_label("每人每周抽几个").fill("20")
    await boss.get_by_label("每几个里有一个两人评").fill("1")
    await boss.get_by_label("李娜").check()
    await boss.get_by_role("button", name="抽样并分配").click()
    await expect(boss.get_by_role("status")).to_contain_text("份新的评分任务")


async def she_scores(reviewer: Page, answer: str, comment: str, house: House) -> None:
    """The newest of his conversations that is given to her; first without one of the marks."""
    await reviewer.get_by_role("row", name="王磊").first.get_by_role("link").click()
    await fits(reviewer)
    said = reviewer.get_by_role("listitem").filter(has_text="中转站")
    await said.get_by_text("写评语").click()
    await said.get_by_role("textbox").fill(comment)
    await reviewer.get_by_role("group", name="开场问候").get_by_label("做到", exact=True).check()
    house.expected("422")
    await reviewer.get_by_role("button", name="保存评分").click()
    await expect(reviewer.locator(".is-wrong .invalid-feedback")).to_be_visible()
    await reviewer.get_by_role("group", name="回答正确").get_by_label(answer).check()
    await reviewer.get_by_label("总评").fill("问候到位")
    await reviewer.get_by_role("button", name="保存评分").click()
    await expect(reviewer.get_by_role("status")).to_contain_text("已保存")
    await expect(reviewer.locator(".comment")).to_contain_text(comment)


async def he_appeals(wanglei: Page) -> None:
    await wanglei.get_by_role("link", name="质检", exact=True).click()
    await wanglei.get_by_role("row", name="不合格").first.get_by_role("link").click()
    await expect(wanglei.locator(".comment")).to_contain_text("没有说什么时候能到")
    await wanglei.get_by_label("不同意的地方和理由").fill("物流信息当时还没有更新")
    await wanglei.get_by_role("button", name="提交申诉").click()
    await expect(wanglei.get_by_label("评分", exact=True)).to_contain_text("物流信息当时还没有更新")


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
