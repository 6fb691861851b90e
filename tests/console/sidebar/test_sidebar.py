"""What does an agent get beside a chat? The customer within her rights, and pages signed for nobody else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from archive import Voice
from bot.access import Role, Wanted
from bot.console import setup_console
from bot.domain import ChannelKind
from bot.insight import Question
from bot.js_signing import sign
from bot.mind import Mind
from bot.platform import TicketKind, Unreachable
from bot.platform.errors import refusal
from knowledge_base import Passage
from tests.console.browser import Browser, Page
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import ON_SQLITE

pytestmark = ON_SQLITE

ROOT = "/console/sidebar/corp"
HERE = "http://127.0.0.1:8080/console/sidebar/corp"
CLIENT = "Mozilla/5.0 wxwork/4.1.36 MicroMessenger/7.0.1"


async def open_chat(browser: Browser, customer: str = "customer-1") -> Page:
    return await browser.submit(f"{ROOT}/customer", id=customer)


async def asked_to_sign(browser: Browser, **fields: str) -> tuple[int, dict[str, Any]]:
    form = {"csrf": await browser.csrf(), "kind": "agent", "url": HERE} | fields
    answer = await browser.client.post(f"{ROOT}/signature", data=form)
    return answer.status, await answer.json() if answer.content_type == "application/json" else {}


async def test_whoever_is_not_signed_in_goes_to_wecom_at_once_and_comes_back(stranger: Browser) -> None:
    answer = await stranger.client.get(ROOT, headers={"User-Agent": CLIENT}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/console/login/wecom/corp")
    assert answer.cookies["xiaoer_console_next"].value == ROOT
    assert (await stranger.get(ROOT)).status == 401  # elsewhere she chooses how
    assert (await stranger.get(f"{ROOT}/scripts?q=a")).status == 401


async def test_the_page_asks_wecom_and_lets_nobody_else_frame_it(sign_in: SignIn) -> None:
    browser = await sign_in("wangfang")
    page = await browser.get("/console/sidebar")
    assert page.url == ROOT
    assert 'data-corp="ww1" data-agent="1"' in page.html
    assert "sidebar_frame.js" not in page.html
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self';" in policy
    assert "frame-ancestors 'self';" in policy
    assert (await browser.get("/console/sidebar/elsewhere")).status == 404


async def test_a_customer_is_shown_with_what_she_asked_her_tickets_and_her_masked_fields(
    sign_in: SignIn, front: Shopfront
) -> None:
    ticket = await front.hand_over(1, channel=ChannelKind.WECOM_KF, nickname="小满", says="粉底液多久发货")
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    page = await open_chat(browser)
    assert page.status == 200
    for words in ("小满", "粉底液多久发货", f"#{ticket.id}", "接待中", "王芳", "····er-1"):
        assert words in page.text
    assert "customer-1" not in page.text
    assert f"{ROOT}/tickets/{ticket.id}/suggestions" in page.html


async def test_what_a_colleague_promised_is_said_to_the_next(sign_in: SignIn, front: Shopfront) -> None:
    first = await front.hand_over(1, channel=ChannelKind.WECOM_KF)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{first.id}/accept")
    await browser.submit(f"/console/tickets/{first.id}/return", outcome="follow_up", promises="周五前补发小样")
    page = await open_chat(browser)
    assert "周五前补发小样" in page.text
    assert "需要后续跟进" in page.text


async def test_other_teams_and_strangers_read_why_and_what_to_do(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1, team="presale", channel=ChannelKind.WECOM_KF, nickname="小满")
    outsider = await sign_in("wangfang")
    closed = await open_chat(outsider)
    assert closed.status == 403
    assert "只有接待她的同事、所属团队和主管可以看到" in closed.text
    assert "请正在接待的同事把会话转给您" in closed.text
    assert "小满" not in closed.text
    unknown = await open_chat(outsider, "wmNobody")
    assert unknown.status == 404
    assert "还不认识这位客户" in unknown.text
    assert (await open_chat(outsider, "not an id")).status == 400


async def test_of_a_customer_without_a_ticket_an_agent_sees_her_name_and_no_word(
    sign_in: SignIn, front: Shopfront
) -> None:
    await front.write(1, "粉底液多久发货", channel=ChannelKind.WECOM_KF, nickname="小满")
    await front.write(2, "口红还有吗", channel=ChannelKind.WECOM_KF)  # no platform told who she is
    await front.write(3, "眼影还有吗", channel=ChannelKind.OFFICIAL_ACCOUNT, nickname="小夏")
    agent = await sign_in("wangfang")
    page = await open_chat(agent)
    assert page.status == 200
    for words in ("小满", "微信客服", "没有工单", "话术照样可以找"):
        assert words in page.text
    assert "发货" not in page.text
    assert "data-suggest" not in page.html
    assert "customer-1" not in page.text
    nameless = await open_chat(agent, "customer-2")
    assert (nameless.status, "er-2" in nameless.text, "口红" in nameless.text) == (200, True, False)
    assert (await open_chat(agent, "customer-3")).status == 404  # of another account: of this corp she is not known
    assert (await agent.submit(f"{ROOT}/suggestions", id="customer-1")).status == 403
    assert (await agent.get(f"{ROOT}/scripts?q=发货")).status == 200


async def test_who_may_read_what_the_bot_answered_anyway_reads_it_masked_and_gets_suggestions(
    sign_in: SignIn, front: Shopfront
) -> None:
    await front.write(1, "我的电话13812345678，多久发货", channel=ChannelKind.WECOM_KF, nickname="小满")
    asked: list[str] = []

    async def suggest(question: Question, _: int) -> list[Passage]:
        asked.append(question.text)
        return [Passage("ship", "发货时间", "多久发货", "四十八小时内发出", 0.9, {})]

    front.console.window.scripts.mind = lambda: cast("Mind", SimpleNamespace(suggest=suggest))
    everybodys = await sign_in("limei")  # leads every team
    page = await open_chat(everybodys)
    assert "我的电话〔电话〕，多久发货" in page.text
    offered = await everybodys.submit(f"{ROOT}/suggestions", id="customer-1")
    assert (offered.status, "四十八小时内发出" in offered.text) == (200, True)
    assert "13812345678" not in asked[0]
    assert (await everybodys.submit(f"{ROOT}/suggestions", id="wmNobody")).status == 403


@pytest.mark.parametrize(("home", "seen"), [("广东", True), ("四川", False), ("", False)])
async def test_who_reads_of_her_regions_only_reads_of_customers_at_home_there(
    sign_in: SignIn, front: Shopfront, home: str, *, seen: bool
) -> None:
    profile = {"province": home, "city": ""}
    await front.write(1, "多久发货", channel=ChannelKind.WECOM_KF, nickname="小满", profile=profile)
    both = frozenset({"presale", "aftersale"})
    await front.admit("chen", Role.SUPERVISOR, agent="chenjing", teams=both, regions=frozenset({"广东"}))
    page = await open_chat(await sign_in("chen"))
    assert (page.status, "小满" in page.text, "多久发货" in page.text) == (200, True, seen)


async def test_what_belongs_to_others_tickets_is_closed_too(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, team="presale", channel=ChannelKind.WECOM_KF)
    outsider = await sign_in("wangfang")
    below = f"{ROOT}/tickets/{ticket.id}"
    assert (await outsider.get(f"{below}/suggestions")).status == 403
    assert (await outsider.submit(f"{below}/tag", id="customer-1", name="x", act="pin")).status == 403


async def test_people_without_a_desk_are_told_so(sign_in: SignIn, front: Shopfront) -> None:
    await front.admit("zhao", Role.AUDITOR)
    page = await (await sign_in("zhao")).get(ROOT)
    assert page.status == 403
    assert "您没有打开这个页面的权限" in page.text


async def test_a_private_field_is_shown_for_a_reason_and_leads_back(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, channel=ChannelKind.WECOM_KF)
    browser = await sign_in("limei")
    action = f"{ROOT}/tickets/{ticket.id}/reveal"
    assert action in (await open_chat(browser)).forms()
    refused = await browser.submit(action, field="customer", reason="")
    assert (refused.status, action in refused.forms()) == (422, True)
    page = await browser.submit(action, field="customer", reason="客户要求核对身份")
    assert "customer-1" in page.text
    assert f'href="{ROOT}"' in page.html
    (row,) = await front.access.log.page(Wanted(action="field_revealed"), limit=9)
    assert (row.object, row.reason) == (f"ticket:{ticket.id}#customer", "客户要求核对身份")


async def test_a_page_of_ours_is_signed_with_the_ticket_of_its_kind(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("wangfang")
    for kind in TicketKind:
        status, told = await asked_to_sign(browser, kind=kind.value, url=f"{HERE}#top")
        expected = sign(f"corp-{kind}-1", nonce=told["nonceStr"], timestamp=told["timestamp"], url=HERE)
        assert (status, told["signature"]) == (200, expected)
        assert told["timestamp"] == int(front.clock().timestamp())
    _, again = await asked_to_sign(browser, again="1")
    expected = sign("corp-agent-2", nonce=again["nonceStr"], timestamp=again["timestamp"], url=HERE)
    assert again["signature"] == expected


async def test_nothing_else_is_signed_and_for_nobody_else(sign_in: SignIn, stranger: Browser, front: Shopfront) -> None:
    browser = await sign_in("wangfang")
    for url in ("https://evil.example/console/sidebar/corp", "http://127.0.0.1:8080/console/", ""):
        status, told = await asked_to_sign(browser, url=url)
        assert status == 422
        assert "http://127.0.0.1:8080/console/sidebar" in told["advice"]
    assert (await asked_to_sign(browser, kind="other"))[0] == 400
    assert (await asked_to_sign(browser, csrf="guessed"))[0] == 403
    assert (await stranger.client.post(f"{ROOT}/signature", data={"kind": "agent", "url": HERE})).status == 401
    assert front.js_tickets.sold == {}


async def test_a_ticket_that_cannot_be_bought_is_said_with_its_remedy(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("wangfang")
    front.js_tickets.fault = refusal("corp", "get_jsapi_ticket", 60020, "not allow to access from your ip, 1.2.3.4")
    status, told = await asked_to_sign(browser)
    assert (status, "企业可信IP" in told["advice"]) == (502, True)
    front.js_tickets.fault = Unreachable("corp", "get_jsapi_ticket", "no route")
    assert "xiaoer doctor" in (await asked_to_sign(browser))[1]["advice"]


async def test_the_last_words_change_when_she_goes_on_writing(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1, channel=ChannelKind.WECOM_KF, says="在吗")
    browser = await sign_in("wangfang")
    before = await open_chat(browser)
    await front.said(1, Voice.CUSTOMER, "怎么退款")
    after = await open_chat(browser)
    assert ("怎么退款" in before.text, "怎么退款" in after.text) == (False, True)


async def test_in_a_trial_run_the_frame_stands_in_and_only_on_these_pages(front: Shopfront) -> None:
    sidebar = replace(front.console.sidebar, frame="http://127.0.0.1:8081")
    app = web.Application()
    setup_console(app, replace(front.console, sidebar=sidebar))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        browser = Browser(client, front)
        await browser.sign_in("wangfang")
        page = await browser.get(ROOT)
        assert "sidebar_frame.js" in page.html
        assert "frame-ancestors 'self' http://127.0.0.1:8081;" in page.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self';" in (await browser.get("/console/")).headers["Content-Security-Policy"]
