"""Does a supervisor find and read again what her teams said, masked, and nothing else?"""

from __future__ import annotations

import pytest

from archive import Voice
from bot.access import Role
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.console.supervised import Supervised

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
