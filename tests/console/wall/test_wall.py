"""What does the wall show, and to whom?"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert

from archive import Voice
from bot.bootstrap import HANDOFF_TABLES
from handoff import By, Measures, Scope
from tests.console.conftest import SignIn
from tests.console.desk import SHANGHAI, Shopfront


async def accept(front: Shopfront, number: int, agent: str) -> None:
    assert await front.console.workbench.accept(number, agent) is None


async def test_agents_conversations_and_queues_are_seen_at_a_glance(front: Shopfront) -> None:
    for number in (1, 2, 3):
        await front.hand_over(number)
    await accept(front, 1, "wangfang")
    await accept(front, 2, "wangfang")
    await front.said(1, Voice.BOT, "已转给同事")  # which is no person's answer
    front.clock.forward(minutes=4)
    await front.said(2, Voice.AGENT, "您好", who="wangfang")
    front.clock.forward(minutes=2)
    async with front.engine.begin() as connection:
        await front.desk.close(connection, 3, 2, by="system", outcome="abandoned")
        asked = {"ticket_id": 1, "conversation_id": 1, "asked_at": front.clock(), "score": 4}
        await connection.execute(insert(HANDOFF_TABLES.ratings).values(**asked))
    await front.hand_over(4, team="presale")
    front.clock.forward(minutes=7)

    seen = await front.console.wall_side.wall.look({"aftersale", "presale"})
    wangfang = next(each for each in seen.agents if each.load.id == "wangfang")
    assert (wangfang.load.active, wangfang.day.score, wangfang.day.rated) == (2, 4.0, 1)
    assert {each.ticket.conversation_id: each.unanswered_since for each in wangfang.held} == {
        1: front.clock() - timedelta(minutes=13),
        2: None,  # she has answered
    }
    aftersale, presale = seen.queues
    assert (aftersale.waiting, aftersale.abandoned) == (0, 1)
    assert (presale.waiting, presale.oldest_at) == (1, front.clock() - timedelta(minutes=7))
    only = await front.console.wall_side.wall.look({"presale"})
    assert {each.load.id for each in only.agents} == {"chenjing", "limei"}
    assert [each.team for each in only.queues] == ["presale"]


async def test_who_was_not_served_is_counted_as_the_measures_count(front: Shopfront) -> None:
    for number in range(1, 5):
        await front.hand_over(number)
    await accept(front, 2, "wangfang")
    front.clock.forward(minutes=1)
    async with front.engine.begin() as connection:
        await front.desk.close(connection, 1, 2, by="system", outcome="idle")
        await front.desk.close(connection, 2, 3, by="wangfang", outcome="resolved")
        await front.desk.close(connection, 3, 2, by="wangfang", outcome="resolved")  # unserved, by an agent's hand
        midnight = front.clock().astimezone(SHANGHAI).replace(hour=0, minute=0)
        scope = Scope(midnight, front.clock() + timedelta(seconds=1), front.clock(), SHANGHAI)
        measured = await Measures(HANDOFF_TABLES, lambda: front.shop.policy).service(connection, scope, By.TEAM)
    (queue,) = (await front.console.wall_side.wall.look({"aftersale"})).queues
    assert queue.abandoned == measured.total.abandoned.part == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_lead_sees_her_teams_and_nobody_else_the_wall(sign_in: SignIn, front: Shopfront) -> None:
    ticket = await front.hand_over(1, nickname="小满")
    await accept(front, 1, "limei")
    front.appoint("chenjing", "presale")
    lead = await sign_in("chenjing")
    page = await lead.get("/console/wall")
    assert page.status == 200
    assert "售前组" in page.text
    assert "售后组" not in page.text
    assert "小满" not in page.text  # limei is of her team, her customer is of another
    assert (await lead.get(f"/console/wall/watch/{ticket.id}")).status == 403
    assert (await (await sign_in("wangfang")).get("/console/wall")).status == 403
    front.appoint("chenjing", "aftersale")
    page = await lead.get("/console/wall/now")
    assert "小满" in page.text
    assert re.search(rf'href="/console/wall/watch/{ticket.id}"', page.html)
    assert "<html" not in page.html
