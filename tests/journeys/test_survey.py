"""Is a customer asked how satisfied she is, once, and is her answer recorded and no question for the bot?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.bootstrap import HANDOFF_TABLES
from bot.store.tables import addresses
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import KF, SHOP, Options, Stage

pytestmark = ON_SQLITE
RATINGS = HANDOFF_TABLES.ratings


async def serve(stage: Stage, at: str = KF) -> int:
    """小林 is served by 李娜; her conversation's id."""
    await stage.writes("xiaolin", "转人工", at=at)
    stage.clock.advance(seconds=2)
    await stage.clicks("lina")
    stage.clock.advance(seconds=2)
    return int((await stage.conversation()).id)


async def end(stage: Stage, conversation: int, outcome: str = "resolved") -> None:
    assert await stage.product.workbench.close(conversation, "lina", outcome=outcome) is None
    await stage.settle()


async def ratings(stage: Stage) -> list[tuple[int, int | None]]:
    return [(row.ticket_id, row.score) for row in await stage.rows(select(RATINGS).order_by(RATINGS.c.ticket_id))]


def menu(stage: Stage) -> tuple[str, list[str]]:
    """The last thing she was shown, as a menu: head and items."""
    line = stage.lines("xiaolin")[-1]
    assert line.msgtype == "msgmenu"
    items: Any = line.body["list"]
    return line.text, [str(each["click"]["id"]) for each in items]


@pytest.fixture
async def client(opened: OpenStage) -> Stage:
    return await opened(Options(survey=True))


async def test_in_the_client_the_farewell_asks_by_the_code_of_the_end(client: Stage) -> None:
    conversation = await serve(client)
    await end(client, conversation)
    text, items = menu(client)
    assert "本次人工服务已结束" in text
    assert items == [f"csat:1:{score}" for score in range(1, 6)]
    assert client.platforms.calls["/cgi-bin/kf/send_msg_on_event", 0] == 2


async def test_when_the_servicer_ends_it_there_the_events_code_asks(client: Stage) -> None:
    await serve(client)
    client.platforms.servicer_ends_session("lina", "xiaolin", KF)
    await client.settle()
    assert menu(client)[1][0] == "csat:1:1"


@pytest.mark.parametrize("back_to_bot", [True, False])
async def test_in_the_console_one_message_says_goodbye_and_asks(
    opened: OpenStage,
    back_to_bot: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    stage = await opened(Options(handoff="console", survey=True))
    conversation = await serve(stage)
    shown = len(stage.lines("xiaolin"))
    if back_to_bot:
        assert await stage.product.workbench.return_to_bot(conversation, "lina", outcome="resolved") is None
        await stage.settle()
    else:
        await end(stage, conversation)
    assert len(stage.lines("xiaolin")) == shown + 1
    assert menu(stage)[1][-1] == "csat:1:5"


async def test_a_click_is_recorded_and_thanked_and_asks_nothing(client: Stage) -> None:
    await end(client, await serve(client))
    client.clock.advance(seconds=3)
    client.platforms.customer_clicks("xiaolin", KF, "csat:1:5")
    await client.settle()
    assert await ratings(client) == [(1, 5)]
    assert client.texts("xiaolin")[-1] == "感谢您的评价！"
    assert (await client.decisions())[-1] == "rated"
    assert await client.product.workbench.waiting() == ()
    client.clock.advance(seconds=3)
    assert await client.writes("xiaolin", "什么时候发货") == [SHIPPING]


@pytest.mark.parametrize("typed", ["4", "满意"])
async def test_a_number_or_the_words_soon_after_count_too(client: Stage, typed: str) -> None:
    await end(client, await serve(client))
    client.clock.advance(minutes=5)
    assert await client.writes("xiaolin", typed) == ["感谢您的评价！"]
    assert await ratings(client) == [(1, 4)]


async def test_a_number_long_after_is_no_answer(client: Stage) -> None:
    await end(client, await serve(client))
    client.clock.advance(hours=2)
    await client.writes("xiaolin", "4")
    assert await ratings(client) == [(1, None)]


async def test_the_first_answer_counts_and_may_be_changed_for_a_day(client: Stage) -> None:
    await end(client, await serve(client))
    for hours, score, kept in ((0, 2, 2), (23, 4, 4), (2, 1, 4)):
        client.clock.advance(hours=hours, seconds=3)
        client.platforms.customer_clicks("xiaolin", KF, f"csat:1:{score}")
        await client.settle()
        assert await ratings(client) == [(1, kept)]


async def test_nobody_can_rate_what_is_not_hers(client: Stage) -> None:
    await end(client, await serve(client))
    client.clock.advance(seconds=3)
    client.platforms.customer_writes("ajie", KF, "非常不满意", menu_id="csat:1:1")
    client.platforms.customer_writes("xiaolin", KF, "非常不满意", menu_id="csat:999:1")
    await client.settle()
    assert await ratings(client) == [(1, None)]


async def test_an_unhappy_customer_is_brought_before_the_supervisor(opened: OpenStage) -> None:
    stage = await opened(Options(survey=True, supervisors=True))
    await end(stage, await serve(stage))
    stage.clock.advance(seconds=3)
    stage.platforms.customer_clicks("xiaolin", KF, "csat:1:2")
    await stage.settle()
    assert "“不满意”" in stage.told("chenjing")[-1]
    assert "抱歉" in stage.texts("xiaolin")[-1]


async def test_the_same_customer_is_not_asked_again_within_a_week(client: Stage) -> None:
    await end(client, await serve(client))
    client.clock.advance(days=6)
    await end(client, await serve(client))
    assert client.lines("xiaolin")[-1].msgtype == "text"
    client.clock.advance(days=2)
    await end(client, await serve(client))
    assert menu(client)[1][0] == "csat:3:1"


@pytest.mark.parametrize("outcome", ["not_service", "unreachable"])
async def test_who_was_not_served_is_not_asked(client: Stage, outcome: str) -> None:
    await end(client, await serve(client), outcome)
    assert client.lines("xiaolin")[-1].msgtype == "text"
    assert await ratings(client) == []


async def test_at_the_official_account_the_menu_is_a_message_and_its_click_counts(opened: OpenStage) -> None:
    stage = await opened(Options(survey=True))
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(minutes=2)
    await end(stage, await serve(stage, SHOP))
    stage.clock.advance(seconds=3)
    stage.platforms.customer_clicks("xiaolin", SHOP, "csat:1:4")
    await stage.settle()
    assert await ratings(stage) == [(1, 4)]


async def test_without_a_place_in_the_budget_nothing_is_said(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console", survey=True))
    conversation = await serve(stage)
    for number in range(4):
        await stage.product.workbench.say(conversation, "lina", f"第{number}句", client_id=f"words-{number}")
        await stage.settle()
    shown = stage.texts("xiaolin")
    await end(stage, conversation)
    assert stage.texts("xiaolin") == shown


async def test_who_cannot_be_told_anything_more_is_not_counted_as_asked(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console", survey=True))
    conversation = await serve(stage)
    async with stage.product.engine.begin() as connection:
        await connection.execute(update(addresses).values(sends_left=0))
    before = stage.texts("xiaolin")
    await end(stage, conversation)
    assert stage.texts("xiaolin") == before
    assert await ratings(stage) == []
