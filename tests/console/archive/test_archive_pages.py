"""Does a supervisor find and read again what her teams said, masked, and nothing else?"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from archive import Voice
from bot.access import Role
from bot.bootstrap import ARCHIVE_TABLES
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.supervised import SHEET, Supervised

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_supervisor_searches_and_reads_masked_words(sign_in: SignIn, front: Shopfront) -> None:
    past = Supervised(front)
    await past.fill()
    browser = await sign_in("limei")
    page = await browser.get("/console/archive?q=退款")
    assert all(f"/console/archive/conversation/{each}" in page.html for each in past.sessions.values())
    assert "13812345678" not in page.html
    assert "<mark>退款</mark>" in page.html
    assert "<b>到底" not in page.html
    page = await browser.get("/console/archive?agent=chenjing&rule=没有回答&feeling=good")
    assert page.html.count("/console/archive/conversation/") == 1
    assert "没有符合的会话" in (await browser.get("/console/archive?q=从来没说过")).text
    assert "没有符合的会话" in (await browser.get("/console/archive?topic=none")).text

    page = await browser.get(f"/console/archive/conversation/{past.sessions['bob']}")
    assert "〔电话〕" in page.text
    assert "没有回答" in page.text
    assert page.html.count('data-line="') == 3
    assert page.html.count("data-findings") == 1
    assert "data-curve=" in page.html
    assert "<b>到底" not in page.html


async def test_a_finding_is_dismissed_and_found_no_more(sign_in: SignIn, front: Shopfront) -> None:
    past = Supervised(front)
    await past.fill()
    boss, path = await sign_in("limei"), f"/console/archive/conversation/{past.sessions['bob']}"
    finding = (await boss.get(path)).field("finding")
    assert "已驳回" in (await boss.submit(f"{path}/finding", finding=finding, state="dismissed")).text
    assert (await boss.get("/console/archive?rule=没有回答&agent=chenjing")).html.count("/archive/conversation/") == 0
    assert (await boss.submit(f"{path}/finding", finding=finding, state="nonsense")).status == 400
    assert (await boss.submit(f"{path}/finding", finding="99999", state="open")).status == 404
    front.appoint("wangfang", "aftersale")  # bob was served by the other team
    lead = await sign_in("wangfang")
    assert (await lead.submit(f"{path}/finding", finding=finding, state="open")).status == 404


async def test_a_wrong_period_is_said_beside_the_field_and_keeps_what_was_typed(
    sign_in: SignIn, front: Shopfront
) -> None:
    page = await (await sign_in("limei")).get("/console/archive?q=发货&since=2026-03-05&until=2026-03-01")
    assert (page.status, 'value="发货"' in page.html) == (422, True)
    assert "结束日期早于开始日期" in page.text


async def test_a_lead_sees_her_team_and_an_agent_no_archive(sign_in: SignIn, front: Shopfront) -> None:
    past = Supervised(front)
    await past.fill()
    front.appoint("wangfang", "aftersale")
    browser = await sign_in("wangfang")
    page = await browser.get("/console/archive")
    shown = {who for who, each in past.sessions.items() if f"/conversation/{each}" in page.html}
    assert shown == {"amy", "cid"}
    assert (await browser.get(f"/console/archive/conversation/{past.sessions['bob']}")).status == 404
    assert (await browser.get("/console/archive?team=presale")).html.count("/console/archive/conversation/") == 0
    agent = await sign_in("chenjing")
    assert (await agent.get("/console/archive")).status == 403
    assert (await agent.get(f"/console/archive/conversation/{past.sessions['bob']}")).status == 403


async def test_a_conversation_of_another_teams_ticket_is_that_teams(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, team="presale")
    await front.said(1, Voice.AGENT, "您好", who="limei")
    past = Supervised(front)
    await past.fill()
    session = past.sessions[ticket.customer]
    assert (
        f"/console/tickets/{ticket.id}"
        in (await (await sign_in("limei")).get(f"/console/archive/conversation/{session}")).html
    )
    front.appoint("wangfang", "aftersale")
    assert (await (await sign_in("wangfang")).get(f"/console/archive/conversation/{session}")).status == 404


async def test_the_auditor_sees_all_and_who_is_bound_to_teams_or_regions_no_more(
    sign_in: SignIn, front: Shopfront
) -> None:
    past = Supervised(front)
    await past.fill()
    await front.admit("zhao", Role.AUDITOR)
    await front.admit("qian", Role.AUDITOR, teams=frozenset({"aftersale"}))
    await front.admit("sun", Role.AUDITOR, regions=frozenset({"广东/深圳"}))
    seen = {}
    for name in ("zhao", "qian", "sun"):
        page = await (await sign_in(name)).get("/console/archive")
        assert page.status == 200
        seen[name] = {who for who, each in past.sessions.items() if f"/conversation/{each}" in page.html}
    assert seen["zhao"] == set(past.sessions)
    assert seen["qian"] < seen["zhao"]
    assert seen["sun"] == set()


async def test_who_is_bound_to_regions_sees_what_was_said_there_and_what_she_served(
    sign_in: SignIn, front: Shopfront
) -> None:
    past = Supervised(front)
    await past.fill()
    s = ARCHIVE_TABLES.analysis.sessions
    async with front.engine.begin() as connection:
        for customer, region in (("amy", "/广东/深圳/"), ("bob", "/浙江/杭州/"), ("cid", "")):
            await connection.execute(update(s).where(s.c.customer == customer).values(region=region))
    both = frozenset({"presale", "aftersale"})
    await front.admit("zhou", Role.SUPERVISOR, regions=frozenset({"深圳"}))
    await front.admit("chen", Role.SUPERVISOR, agent="chenjing", teams=both, regions=frozenset({"广东"}))
    boss, zhou, chen = [await sign_in(each) for each in ("limei", "zhou", "chen")]
    fields = {"since": "2026-02-27", "until": "2026-03-01", "each": "3", "second": "0", "sheet": SHEET.name}
    await boss.submit("/console/reviews/draw", **fields, reviewers="limei")
    reviews = re.findall(r"/console/reviews/(\d+)", (await boss.get("/console/reviews/all")).html)
    assert len(reviews) == 2  # of amy and bob; nobody reviews her own

    for browser, sees in ((zhou, {"amy"}), (chen, {"amy", "bob"})):  # bob was served by chenjing herself
        page = await browser.get("/console/archive?q=退款")
        found = {
            customer
            for customer, session in past.sessions.items()
            if f"/console/archive/conversation/{session}" in page.html
        }
        opened = {
            customer
            for customer, session in past.sessions.items()
            if (await browser.get(f"/console/archive/conversation/{session}")).status == 200
        }
        assert (found, opened) == (sees, sees)
    listed = re.findall(r"/console/reviews/(\d+)", (await zhou.get("/console/reviews/all")).html)
    assert len(listed) == 1
    statuses = {each: (await zhou.get(f"/console/reviews/{each}")).status for each in reviews}
    assert statuses == {each: 200 if each in listed else 404 for each in reviews}
    report = await zhou.get("/console/reports?since=2026-02-27&until=2026-03-01")
    assert report.status == 200
