"""Do operators find, write, check, submit and approve scripts, so that no approved word changes unnoticed?"""

from __future__ import annotations

import io
import re

import pytest
from aiohttp import FormData

from tests.console.browser import Browser, Page
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.knowledge_base.samples import script
from tests.packs import FEE

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FEE_PAGE = "/console/scripts/s/shipping-fee"


def typed(page: Page, **changed: str) -> dict[str, str]:
    """The form as the page gave it, with some of it typed anew."""
    given = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page.html))
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>([^<]*)</textarea>', page.html)
    return {**given, **dict(areas), "stage": "during", "token": page.field("token"), **changed}


async def upload(browser: Browser, name: str, content: bytes) -> Page:
    data = FormData()
    data.add_field("csrf", await browser.csrf())
    data.add_field("file", io.BytesIO(content), filename=name)
    response = await browser.client.post("/console/scripts/import", data=data)
    return Page(response.status, await response.text(), response.url.path_qs, {})


async def answer_of(front: Shopfront, script_id: str) -> str:
    sheet = await front.console.studio.scripts.sheet(script_id)
    assert sheet is not None
    return sheet.script.answers["default"]


async def test_scripts_are_found_by_characters_pinyin_and_first_letters(operator: Browser) -> None:
    for asked in ("运费", "yunfei", "yfds"):
        page = await operator.get(f"/console/scripts?q={asked}")
        assert FEE_PAGE in page.html, asked
        assert "/console/scripts/s/invoice" not in page.html, asked
    page = await operator.get("/console/scripts?state=draft")
    assert "没有找到话术" in page.text


async def test_a_change_of_a_live_script_waits_beside_it_until_approved(operator: Browser, front: Shopfront) -> None:
    page = await operator.get(FEE_PAGE)
    page = await operator.submit(FEE_PAGE, **typed(page, answer_default="全场包邮。"))
    assert page.url == FEE_PAGE
    assert "改动草稿" in page.text
    assert await answer_of(front, "shipping-fee") == FEE
    page = await operator.submit(f"{FEE_PAGE}/move", to="review", token=page.field("token"))
    page = await operator.submit(f"{FEE_PAGE}/move", to="live", token=page.field("token"), why="双十一")
    assert await answer_of(front, "shipping-fee") == "全场包邮。"
    page = await operator.get(f"{FEE_PAGE}/versions")
    assert FEE in page.text
    assert "双十一" in page.text
    page = await operator.get(f"{FEE_PAGE}/versions?version=1")
    page = await operator.submit(f"{FEE_PAGE}/restore", version="1", token=page.field("token"))
    assert "改动草稿" in page.text
    page = await operator.submit(f"{FEE_PAGE}/discard", token=page.field("token"))
    assert "改动" not in page.text
    assert await answer_of(front, "shipping-fee") == "全场包邮。"


async def test_who_saves_over_a_colleague_sees_both_and_loses_nothing(operator: Browser) -> None:
    mine = await operator.get(FEE_PAGE)
    await operator.submit(FEE_PAGE, **typed(mine, answer_default="同事的话。"))
    page = await operator.submit(FEE_PAGE, **typed(mine, answer_default="我写的话。"))
    assert page.status == 409
    assert "刚才有同事保存过" in page.text
    assert "同事的话。" in page.text
    assert ">我写的话。</textarea>" in page.html
    page = await operator.submit(FEE_PAGE, **typed(page))
    assert page.status == 200
    assert "我写的话。" in page.html


async def test_mistakes_stand_beside_their_fields(operator: Browser) -> None:
    fields = {"question": "", "answer_default": "好", "stage": "before", "token": "", "similar": ""}
    page = await operator.submit("/console/scripts/new", **fields)
    assert page.status == 422
    assert "至少写一种客户的问法" in page.text
    fields |= {"valid_from": "昨天", "a0_kind": "link", "a0_title": "活动", "a0_url": "不是网址"}
    page = await operator.submit("/console/scripts/new", **fields)
    assert "日期请写成 2026-01-31 的样子" in page.text
    assert "网址请写成 https:// 开头的样子" in page.text
    assert 'value="不是网址"' in page.html


async def test_the_preview_shows_what_is_typed_on_each_channel(operator: Browser) -> None:
    fields = {"question": "能自提吗", "answer_default": "可以。", "answer_wecom_kf": "可以哦。", "stage": "before"}
    fields |= {"a0_kind": "menu", "a0_head": "还想问", "a0_scripts": "invoice", "of": ""}
    page = await operator.submit("/console/scripts/preview", channel="wecom_kf", **fields)
    assert "可以哦。" in page.text
    assert "怎么开发票" in page.text
    page = await operator.submit("/console/scripts/preview", channel="official_account", **fields)
    assert "可以。" in page.text


async def test_findings_name_the_other_script(operator: Browser) -> None:
    fields = {"question": "能开发票吗", "answer_default": "不能开。", "stage": "before", "token": "", "similar": ""}
    page = await operator.submit("/console/scripts/new", **fields)
    page = await operator.get(f"{page.url}/findings")
    assert 'href="/console/scripts/s/invoice"' in page.html


async def test_a_file_is_shown_first_and_its_mistakes_are_told_by_row(operator: Browser, front: Shopfront) -> None:
    head = "编号,标准问题,答案\n"
    page = await upload(operator, "a.csv", f"{head}shipping-fee,运费多少,都包邮。\nbad id,,没有\n".encode())
    assert page.status == 422
    assert re.search(r"<td>3</td><td>编号</td><td>“bad id”不能用：编号只能用字母、数字", page.html)
    page = await upload(operator, "a.xlsx", b"\x00\x01 no workbook")
    assert "读不出这个文件" in page.text
    page = await upload(operator, "a.csv", f"{head}shipping-fee,运费多少,都包邮。\nnew-one,能自提吗,可以。\n".encode())
    assert "新增 1 条，修改 1 条" in page.text
    assert await answer_of(front, "shipping-fee") == FEE
    found = re.search(r'<textarea name="scripts"[^>]*>([\s\S]*?)</textarea>', page.html)
    assert found
    page = await operator.submit("/console/scripts/import/apply", scripts=found[1], **{"as": "draft"})
    assert "新增 1 条，修改 1 条" in page.text
    assert await answer_of(front, "shipping-fee") == FEE  # it waits as an edit
    page = await operator.get("/console/scripts?state=edited")
    assert FEE_PAGE in page.html


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yaml", "json", "kf.json"])
async def test_every_format_goes_out_and_comes_in_again(operator: Browser, kind: str) -> None:
    response = await operator.client.get(f"/console/scripts/export.{kind}")
    assert response.status == 200
    page = await upload(operator, f"scripts.{kind}", await response.read())
    assert page.status == 200, page.text
    assert "会带来的变化" in page.text
    if kind in ("xlsx", "csv"):
        template = await operator.client.get(f"/console/scripts/template.{kind}")
        assert "会带来的变化" in (await upload(operator, f"t.{kind}", await template.read())).text


async def test_what_excel_cannot_hold_is_said_where_it_is_exported(operator: Browser, front: Shopfront) -> None:
    long = script("long", *[f"{number} 问" * 90 for number in range(150)], title="长")
    await front.console.studio.scripts.save(long, "", by="limei")
    page = await operator.get("/console/scripts/export.xlsx")
    assert (page.status, "没有导出：话术 long 的“相似问题”Excel 的一格最多 32767 个字" in page.text) == (422, True)
    assert (await operator.client.get("/console/scripts/export.csv")).status == 200


async def test_agents_read_and_nobody_else_writes(sign_in: SignIn, front: Shopfront) -> None:
    agent = await sign_in("wangfang")
    page = await agent.get(FEE_PAGE)
    assert FEE in page.text
    assert "保存草稿" not in page.text
    for path in (FEE_PAGE, f"{FEE_PAGE}/move", "/console/scripts/new", "/console/scripts/import/apply"):
        assert (await agent.submit(path, to="retired")).status == 403
    for path in ("/console/gaps", "/console/understanding", "/console/trial", "/console/scripts/export.csv"):
        assert (await agent.get(path)).status == 403
    assert await answer_of(front, "shipping-fee") == FEE
