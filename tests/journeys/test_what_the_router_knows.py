"""Does a ticket keep what the router knew, and do the same rules send it the same way again?"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.bootstrap import HANDOFF_TABLES
from bot.channels.text import for_understanding
from bot.store.handed_over import with_words
from bot.store.tables import conversations, customers
from handoff import Facts, Router, facts_from_json, replay_routes, tickets_since
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import KF, Options, Stage

BODY = {"latitude": 22.53, "longitude": 113.93, "name": "海岸城", "address": "广东省深圳市南山区文心五路33号"}


async def row_of(stage: Stage) -> Any:
    async with stage.product.engine.connect() as connection:
        return (await connection.execute(select(HANDOFF_TABLES.tickets))).one()


async def test_where_she_is_and_what_she_told_stays_with_the_ticket(stage: Stage) -> None:
    stage.platforms.customer_sends("xiaolin", KF, "location", BODY)
    await stage.settle()
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "我在广东省深圳市南山区，订单号202611220001234567，转人工")
    row = await row_of(stage)
    facts = facts_from_json(row.facts)
    assert facts.position == (22.53, 113.93)  # of the message before
    assert facts.region == ("广东省", "深圳市", "南山区")
    assert row.region == "广东省/深圳市/南山区"
    assert facts.entities["order_number"] == "202611220001234567"
    assert facts.open_now is True
    assert "转人工" not in json.dumps(row.facts, ensure_ascii=False)
    assert row.type == "question"


async def becomes_important(stage: Stage) -> None:
    """Her profile gets the tag of customers who matter more."""
    async with stage.product.engine.begin() as connection:
        await connection.execute(update(customers).values(profile={"tags": ["VIP"]}))
    stage.clock.advance(seconds=5)


@ON_SQLITE
async def test_the_tags_of_her_profile_count(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    await becomes_important(stage)
    await stage.writes("xiaolin", "转人工")
    row = await row_of(stage)
    assert facts_from_json(row.facts).tags == ("VIP",)
    assert row.signals == ["asked_for_person", "vip"]


@ON_SQLITE
async def test_a_question_of_a_quiet_important_customer_is_answered(stage: Stage) -> None:
    await stage.writes("xiaolin", "你好")
    await becomes_important(stage)
    await stage.writes("xiaolin", "什么时候发货")
    assert (await stage.decisions())[-1] == "answered"


PRESALE = "  - {name: 售前咨询, when: {stages: [before]}, team: presale, priority: 3}\n"


@ON_SQLITE
async def test_who_only_calls_for_a_person_goes_to_whom_her_question_goes(opened: OpenStage) -> None:
    stage = await opened(Options(staged={"shade": "before"}, first_rules=PRESALE))
    await stage.writes("xiaolin", "粉底液选什么色号")
    await stage.writes("xiaolin", "在吗")
    await stage.writes("xiaolin", "转人工")
    row = await row_of(stage)
    assert (row.team, row.rule) == ("presale", "售前咨询")
    assert facts_from_json(row.facts).stage == "before"
    await stage.writes("ajie", "怎么退货")
    await stage.writes("ajie", "转人工")
    async with stage.product.engine.connect() as connection:
        c = HANDOFF_TABLES.tickets.c
        teams = (await connection.execute(select(c.team).order_by(c.id))).scalars().all()
    assert teams == ["presale", "aftersale"]


@ON_SQLITE
async def test_the_turn_says_what_was_weighed(stage: Stage) -> None:
    await stage.writes("xiaolin", "我要投诉你们")
    (turn,) = await stage.turns()
    explanation = turn.explanation
    assert explanation["weights"] == {"complaint": 1.0}
    assert (explanation["need"], explanation["handing_over"]) == (1.0, 0.0)
    assert explanation["ignoring"] > 0


@ON_SQLITE
async def test_who_asks_about_a_promise_gets_a_person(stage: Stage) -> None:
    await stage.writes("xiaolin", "你好")
    async with stage.product.engine.begin() as connection:
        await connection.execute(update(conversations).values(promises=["明天回电"]))
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "你们答应的事怎么样了")
    assert (await row_of(stage)).reason == "open_promise"


@ON_SQLITE
async def test_whoever_gets_angrier_about_her_order_gets_a_person(stage: Stage) -> None:
    for text in ("什么时候发货", "催一下我的包裹，太慢了，非常失望"):
        await stage.writes("xiaolin", text)
        stage.clock.advance(seconds=5)
    row = await row_of(stage)
    assert {"mood_trend", "order_at_risk"} <= set(row.signals)
    assert facts_from_json(row.facts).moods


async def test_the_same_rules_send_it_the_same_way_again(stage: Stage) -> None:
    for customer, text in (("a", "转人工"), ("b", "我要投诉你们，太过分了"), ("c", "你们客服呢，有没有活人")):
        stage.platforms.add_customer(customer)
        await stage.writes(customer, text)
    async with stage.product.engine.connect() as connection:
        since = stage.clock.time - timedelta(days=1)
        found = await tickets_since(connection, HANDOFF_TABLES, since)
        kept = await with_words(connection, found, since, read=for_understanding)
    router: Router = stage.product.minds.current().router
    replayed = replay_routes(kept, router)
    assert len(replayed) == 3
    assert [each.changes for each in replayed] == [(), (), ()]
    assert [each.ticket.facts.text for each in replayed if isinstance(each.ticket.facts, Facts)] == [
        "转人工", "我要投诉你们，太过分了", "你们客服呢，有没有活人",
    ]  # fmt: skip
