"""Can anybody see or do what is not hers? Foreign teams, forged forms, foreign pages, and markup in messages."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from archive import Voice
from bot.console.catalogue import STATIC, TEMPLATES
from tests.console.browser import Browser
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront
from tests.databases import without_table

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"


async def test_a_ticket_of_a_foreign_team_is_403(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, team="aftersale", says="我的退款")
    browser = await sign_in("chenjing")  # presale only
    for path in (f"/console/tickets/{ticket.id}", "/console/fragments/thread/1", f"/console/stream?ticket={ticket.id}"):
        page = await browser.get(path)
        assert page.status == 403
        assert "我的退款" not in page.text
    for what in ("accept", "say", "return", "close", "transfer"):
        fields = {"text": "在", "outcome": "resolved", "to": "agent:chenjing"}
        assert (await browser.submit(f"/console/tickets/{ticket.id}/{what}", **fields)).status == 403
    assert "我的退款" not in (await browser.get("/console/")).text
    assert (await front.conversation(1))["owner"] == "queue"


async def test_a_supervisor_sees_every_team(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1, team="aftersale", says="我的退款")
    await front.hand_over(2, team="presale", says="哪款适合我")
    page = await (await sign_in("limei")).get("/console/")
    assert "我的退款" in page.text
    assert "哪款适合我" in page.text


async def test_whom_the_policy_names_supervises_that_team_without_being_in_it(
    sign_in: SignIn, front: Shopfront
) -> None:
    front.appoint("chenjing", "aftersale")  # presale only
    waiting, served = await front.hand_over(1, says="我的退款"), await front.hand_over(2, says="漏发了一件")
    colleague, browser = await sign_in("wangfang"), await sign_in("chenjing")
    await colleague.submit(f"/console/tickets/{served.id}/accept")

    page = await browser.get("/console/")
    assert "我的退款" in page.text
    assert "主管" in page.text
    assert f"/console/tickets/{waiting.id}/accept" in page.forms()
    await browser.submit(f"/console/tickets/{waiting.id}/accept")
    assert (await front.conversation(1))["agent"] == "chenjing"
    await browser.submit(f"/console/tickets/{served.id}/transfer", to="agent:limei")
    assert (await front.conversation(2))["agent"] == "limei"


async def test_where_supervisors_are_named_nobody_else_is_one(sign_in: SignIn, front: Shopfront) -> None:
    front.appoint("chenjing", "aftersale")
    ticket = await front.hand_over(1)
    await (await sign_in("wangfang")).submit(f"/console/tickets/{ticket.id}/accept")
    member = await sign_in("limei")  # of every team
    page = await member.submit(f"/console/tickets/{ticket.id}/transfer", to="team:presale")
    assert "主管" not in page.text
    assert (await front.conversation(1))["agent"] == "wangfang"


async def test_a_supervisor_of_one_team_has_no_say_in_another(sign_in: SignIn, front: Shopfront) -> None:
    front.appoint("wangfang", "aftersale")
    ticket = await front.hand_over(1, team="presale")
    assert (await (await sign_in("wangfang")).get(f"/console/tickets/{ticket.id}")).status == 403


async def test_who_has_a_ticket_keeps_seeing_it_when_her_team_changes(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, team="aftersale")
    browser = await sign_in("limei")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    assert (await browser.get(f"/console/tickets/{ticket.id}")).status == 200
    colleague = await sign_in("wangfang")
    page = await colleague.get(f"/console/tickets/{ticket.id}")
    assert "李梅 正在接待这位客户" in page.text
    assert f"/console/tickets/{ticket.id}/say" not in page.forms()


async def test_a_form_without_the_token_changes_nothing(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser, other = await sign_in("wangfang"), await sign_in("wangfang")
    for token in ("", "forged", await other.csrf()):
        for what in ("tickets/1/accept", "tickets/1/close", "status", "logout"):
            page = await browser.post(f"/console/{what}", csrf=token, status="off", outcome="resolved")
            assert page.status == 403
            assert "这个页面过期了" in page.text
    assert (await front.console.workbench.ticket(ticket.id)) == ticket
    assert (await browser.get("/console/")).status == 200


async def test_a_form_of_a_foreign_page_changes_nothing(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1)
    browser = await sign_in("wangfang")
    csrf = await browser.csrf()
    for origin in ("https://evil.example", "null", "http://127.0.0.1:8080.evil.example"):
        page = await browser.post("/console/tickets/1/accept", headers={"Origin": origin}, csrf=csrf)
        assert page.status == 403
        page = await browser.post("/console/login", headers={"Origin": origin}, token="")
        assert page.status == 403
    assert (await front.conversation(1))["owner"] == "queue"
    page = await browser.post("/console/tickets/1/accept", headers={"Origin": front.public_url}, csrf=csrf)
    assert page.status == 200
    assert (await front.conversation(1))["agent"] == "wangfang"


async def test_markup_in_anything_a_customer_chose_stays_text(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, says=EVIL, nickname=f"{EVIL}{EVIL}", rule=EVIL)
    await front.said(1, Voice.SYSTEM, EVIL)
    await front.said(1, Voice.AGENT, EVIL, who=EVIL)
    browser = await sign_in("wangfang")
    paths = ("/console/", f"/console/tickets/{ticket.id}", "/console/fragments/list", "/console/fragments/thread/1")
    for path in paths:
        html = (await browser.get(path)).html
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert" in html


async def test_every_answer_carries_the_strict_headers(sign_in: SignIn, stranger: Browser) -> None:
    browser = await sign_in("wangfang")
    pages = [await browser.get(path) for path in ("/console/", "/console/nothing", "/console/static/shell.css")]
    pages += [await stranger.get("/console/"), await stranger.get("/console/login?token=x")]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] in {"no-store", "no-cache"}


@pytest.mark.parametrize(
    "path",
    [
        "/console/nothing",
        "/console/tickets/99",
        "/console/tickets/x",
        "/console/tickets/99999999999999999999",
        "/console/fragments/thread/99",
        "/console/fragments/thread/2?ticket=1",
        "/console/fragments/thread/1?ticket=99999999999999999999999",
        "/console/static/..%2fapp.py",
    ],
)
async def test_what_is_not_there_is_404_in_words(sign_in: SignIn, path: str) -> None:
    page = await (await sign_in("limei")).get(path)
    assert page.status == 404
    assert "没有找到" in page.text


async def test_a_thread_is_not_shown_by_another_conversations_ticket(sign_in: SignIn, front: Shopfront) -> None:
    await front.hand_over(1, team="aftersale", says="我的退款")
    own = await front.hand_over(2, team="presale")
    page = await (await sign_in("chenjing")).get(f"/console/fragments/thread/1?ticket={own.id}")
    assert page.status == 404
    assert "我的退款" not in page.text


async def test_a_body_in_no_charset_is_400(sign_in: SignIn) -> None:
    browser = await sign_in("wangfang")
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=no-such"}
    for path in ("/console/status", "/console/login"):
        response = await browser.client.post(path, data=b"csrf=\xff", headers=headers)
        assert response.status == 400


def test_pages_hold_no_inline_script_or_style() -> None:
    for name, html in TEMPLATES.items():
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html), name
        assert not re.search(r"<script(?![^>]*\ssrc=)", html), name
        assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", html), name
        assert "| safe" not in html, name
    for name, body in STATIC.items():
        assert b"innerHTML =" not in body, name


async def test_what_breaks_on_our_side_is_a_page_with_a_number_that_stands_in_the_log(
    sign_in: SignIn, front: Shopfront
) -> None:
    ticket = await front.hand_over(1, team="presale", says="哪款适合我")
    browser = await sign_in("chenjing")
    async with without_table(front.engine, "tickets"):
        with capture_logs() as logs:
            page = await browser.get(f"/console/tickets/{ticket.id}")
    [told] = [each for each in logs if each["event"] == "console.failed"]
    assert (page.status, page.headers["X-Content-Type-Options"]) == (500, "nosniff")
    assert told["number"] in page.text
    assert "回到列表" in page.text
    assert told["path"].startswith("/console/tickets/")
    trace = told["trace"]  # our own way there, not the dozen frames of a driver alone
    assert trace.index("bot/console/session.py") < trace.index("handoff/")
