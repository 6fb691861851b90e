"""Can rules be read in words, tried before they hold, applied as a version, and taken back?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.access import Role, Wanted
from bot.console.rules.files import mark
from bot.content.pack import read_pack
from tests.console.browser import Browser, Page
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.packs import write_pack

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HANDOFF, TAGS = "/console/rules/files/handoff.yaml", "/console/rules/files/tags.yaml"
AFTERNOON = """\
groups: {习惯: {}}
tags:
  - name: 下午来的
    group: 习惯
    clues: [{hours: "12:00-18:00", weight: 0.9}]
"""


@pytest.fixture
async def operator(front: Shopfront, sign_in: SignIn, tmp_path: Path) -> Browser:
    """lina, who may change rules, over a shop whose content is in the database."""
    pack = await asyncio.to_thread(lambda: read_pack(write_pack(tmp_path / "pack")))
    async with front.engine.begin() as connection:
        await front.console.wall_side.rules.content.apply(connection, pack, at=front.clock(), by="setup")
    front.shop = pack.shop
    await front.admit("lina", Role.AGENT, Role.LEAD, Role.OPERATOR, agent="lina")
    return await sign_in("lina")


async def file_text(front: Shopfront, name: str = "handoff.yaml") -> str:
    return (await front.console.wall_side.rules.file(name)).text


async def applied(browser: Browser, path: str, text: str) -> Page:
    """Tried, then let hold."""
    tried = await browser.submit(f"{path}/try", text=text)
    assert tried.status == 200, tried.text
    fields = {"tried": tried.field("tried"), "based_on": tried.field("based_on")}
    return await browser.submit(f"{path}/apply", text=text, **fields)


async def test_the_list_says_rules_in_words_with_what_they_took(operator: Browser, front: Shopfront) -> None:
    await front.hand_over(1, rule="其余给售后组")
    page = await operator.get("/console/rules")
    assert "出现“客户在投诉” 或 “客户提到维权或法律途径”" in page.text
    assert "其余全部" in page.text
    assert '<p class="count"><b>1</b>' in page.html
    assert "王磊" in (await operator.get("/console/rules/teams")).text


async def test_mistakes_stand_beside_the_editor_with_their_line_and_nothing_is_lost(
    operator: Browser, front: Shopfront
) -> None:
    before = await file_text(front)
    wrong = before.replace("team: aftersale\n    priority: 3", "team: nowhere\n    priority: 3")
    page = await operator.submit(f"{HANDOFF}/try", text=wrong)
    assert page.status == 422
    line = wrong.splitlines().index("    team: nowhere") + 1
    assert f'data-line="{line}"' in page.html
    assert "team: nowhere" in page.text
    assert "没有团队“nowhere”，请用 aftersale、presale 之一，或在 teams 里加上它" in page.text
    assert "there is no" not in page.text
    assert await file_text(front) == before


async def test_a_change_is_tried_on_yesterdays_tickets_before_it_holds_and_can_be_taken_back(
    operator: Browser, front: Shopfront
) -> None:
    ticket = await front.hand_over(1, rule="其余给售后组", facts={"channel": "official_account"})
    before = await file_text(front)
    changed = before.replace("team: aftersale\n    priority: 3", "team: presale\n    priority: 3")
    untried = await operator.submit(f"{HANDOFF}/apply", text=changed, tried="", based_on="1")
    assert untried.status == 422
    tried = await operator.submit(f"{HANDOFF}/try", text=changed)
    assert "1 张会不一样" in tried.text.replace("： ", "").replace("  ", " ")
    assert f"#{ticket.id}" in tried.text
    assert await file_text(front) == before  # a trial changes nothing
    page = await applied(operator, HANDOFF, changed)
    assert "第 2 版已经生效" in page.text
    assert await file_text(front) == changed
    assert "lina" in page.text or "李娜" in page.text
    late = await operator.submit(f"{HANDOFF}/apply", text=before, tried=mark(before), based_on="1")
    assert late.status == 409
    old = await operator.get(f"{HANDOFF}?version=1")
    assert "第 1 版的内容" in old.text
    assert "第 3 版已经生效" in (await applied(operator, HANDOFF, before)).text
    rows = await front.access.log.page(Wanted(action="rules_changed"), limit=9)
    assert [(row.who, row.object) for row in rows] == [("lina", f"rules:handoff.yaml:{version}") for version in (3, 2)]
    assert await file_text(front) == before


async def test_agents_read_no_rules_and_leads_change_none(operator: Browser, sign_in: SignIn, front: Shopfront) -> None:
    del operator
    front.appoint("lina", "presale")
    agent = await sign_in("wanglei")
    assert (await agent.get("/console/rules")).status == 403
    assert (await agent.submit(f"{HANDOFF}/try", text="x")).status == 403


async def test_tag_rules_say_who_would_gain_which_tag(operator: Browser, front: Shopfront) -> None:
    await front.hand_over(1, says="多久发货")  # at 14:20
    async with front.engine.begin() as connection:
        (said,) = await front.archive.transcript(connection, 1)
        assert said.id is not None
        await front.archive.settle(connection, [said.id])
    page = await operator.submit(f"{TAGS}/try", text=AFTERNOON)
    assert page.status == 200, page.text
    assert '<th scope="row">下午来的</th><td>1</td><td>0</td><td>客户 er-1</td>' in page.html
    page = await operator.submit(f"{TAGS}/try", text=AFTERNOON.replace("12:00-18:00", "20:00-22:00"))
    assert "标签都不变" in page.text


async def test_facts_are_explained_and_a_wrong_one_stands_beside_its_field(operator: Browser) -> None:
    page = await operator.submit("/console/rules/explain", text="我要投诉你们")
    assert "转人工" in page.text
    assert "投诉优先 用这条" in page.text
    wrong = await operator.submit("/console/rules/explain", text="你好", sentiment="7")
    assert wrong.status == 422
    assert 'id="wrong-sentiment"' in wrong.html
    assert "不能大于 1" in wrong.text
    assert "你好" in wrong.text
