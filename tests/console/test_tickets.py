"""Offers, notes, waiting for the customer, priority, links: does the workbench show and do them?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from handoff import AgentStatus, Offered
from tests.console.conftest import SignIn
from tests.console.desk import Shopfront

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def offer(front: Shopfront) -> str:
    """Make the offers that are possible; to whom the first went."""
    async with front.engine.begin() as connection:
        made = await front.desk.offer_waiting(connection)
    (first, *_) = [each for each in made if isinstance(each, Offered)]
    return first.offer.agent


async def test_an_offer_stands_above_the_list_with_its_seconds_and_can_be_passed_on(
    sign_in: SignIn, front: Shopfront
) -> None:
    ticket = await front.hand_over(1, nickname="小满")
    agent = await offer(front)
    browser = await sign_in(agent)
    page = await browser.get("/console/")
    assert "派给您：小满" in page.text
    assert "60 秒" in page.text
    page = await browser.submit(f"/console/tickets/{ticket.id}/decline")
    assert "转给下一位" in page.text  # in the history
    assert await offer(front) != agent


async def test_notes_are_for_colleagues_and_say_who_wrote_them(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{ticket.id}/note", text="上次也是这个问题 <b>")
    assert "上次也是这个问题 <b>" in page.text
    assert "王芳 写了备注" in page.text
    assert await front.sends(1) == []


async def test_a_ticket_waits_for_the_customer_and_goes_on(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1)
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    page = await browser.submit(f"/console/tickets/{ticket.id}/pend", hours="24")
    assert "等客户 至" in page.text
    page = await browser.submit(f"/console/tickets/{ticket.id}/resume")
    assert "等客户 至" not in page.text


async def test_priority_and_links_are_kept(sign_in: SignIn, front: Shopfront) -> None:
    first, second = await front.hand_over(1), await front.hand_over(2)
    browser = await sign_in("wangfang")
    page = await browser.submit(f"/console/tickets/{first.id}/prioritise", priority="1")
    assert "优先级 特急" in page.text
    page = await browser.submit(f"/console/tickets/{first.id}/link", other=f"#{second.id}")
    assert f"#{second.id}" in page.text
    assert "相关" in page.text


async def test_how_the_customer_judged_it_stands_beside_it_in_its_course_and_by_her_next_ticket(
    sign_in: SignIn, front: Shopfront
) -> None:
    ticket = await front.hand_over(1)
    ratings, hers = front.console.tickets.ratings, {"account": "shop", "customer": "customer-1"}
    browser = await sign_in("wangfang")
    await browser.submit(f"/console/tickets/{ticket.id}/accept")
    page = await browser.submit(f"/console/tickets/{ticket.id}/return", outcome="resolved")
    assert "客户评价" not in page.text
    async with front.engine.begin() as connection:
        await ratings.ask(connection, ticket.id, every=timedelta(days=1))
    page = await browser.get(f"/console/tickets/{ticket.id}")
    assert "已请客户评价，还没有回答" in page.text
    assert "客户评价：" not in page.text
    front.clock.forward(minutes=1)
    async with front.engine.begin() as connection:
        await ratings.rate(connection, ticket.id, score=2, **hers)
    page = await browser.get(f"/console/tickets/{ticket.id}")
    assert "不满意（2 分） · 今天 14:21" in page.text
    assert page.text.count("客户评价：不满意（2 分）") == 2  # in the transcript and in what happened
    again = await front.hand_over_again(1)
    page = await browser.get(f"/console/tickets/{again.id}")
    assert page.text.count("客户评价：不满意（2 分）") == 1  # of the ticket before


async def test_ready_in_the_console_holds_while_a_page_is_open(sign_in: SignIn, front: Shopfront) -> None:
    browser = await sign_in("wangfang")
    await browser.submit("/console/status", status="ready")
    agent = next(each for each in await front.console.workbench.agents() if each.id == "wangfang")
    assert agent.lease_until == front.clock() + timedelta(seconds=90)
    front.clock.forward(seconds=60)
    await front.console.tickets.is_there("wangfang", front.clock() + timedelta(seconds=90))
    front.clock.forward(seconds=91)
    async with front.engine.begin() as connection:
        (changed,) = await front.desk.end_shifts(connection)
    assert (changed.agent.id, changed.agent.status) == ("wangfang", AgentStatus.OFF)


async def test_before_accepting_she_is_warned_that_nothing_may_be_said(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, sends_left=0)
    page = await (await sign_in("wangfang")).get(f"/console/tickets/{ticket.id}")
    assert "接单后要等客户再说话才能回复" in page.text
