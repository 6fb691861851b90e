"""Is a customer of 微信客服 welcomed, answered, asked back, and led to a person when she needs one?"""

from __future__ import annotations

from datetime import timedelta

from bot.simulator import Fault, FaultKind
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import GREETING, SHIPPING, VAGUELY
from tests.stage import KF, UNSURE, Options, Stage

WELCOME = "您好，这里是小小店，请问有什么可以帮您？"
NONSENSE = "嗯那个紫色的飞船轨道参数"


async def test_a_question_with_a_script_is_answered(stage: Stage) -> None:
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    assert await stage.decisions() == ["answered"]
    assert stage.lines("xiaolin")[0].place == KF
    assert stage.session().state == 1


@ON_SQLITE
async def test_a_greeting_gets_the_ready_reply(stage: Stage) -> None:
    assert await stage.writes("xiaolin", "你好") == [GREETING]


@ON_SQLITE
async def test_who_enters_is_welcomed_once(stage: Stage) -> None:
    stage.platforms.customer_enters("xiaolin", KF)
    await stage.settle()
    stage.platforms.customer_enters("xiaolin", KF)
    await stage.settle()
    assert stage.texts("xiaolin") == [WELCOME]


@ON_SQLITE
async def test_a_welcome_that_comes_to_us_after_twenty_seconds_is_not_said(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("callback:corp", FaultKind.DROP))
    stage.platforms.customer_enters("xiaolin", KF)
    await stage.settle()
    stage.clock.advance(seconds=31)
    await stage.product.worker.news.ring_again(older_than_s=30)
    await stage.settle()
    assert stage.texts("xiaolin") == []
    assert (await stage.turns())[-1].reason == "entered"
    assert await stage.effects("welcome") == []


async def test_a_welcome_that_waited_too_long_in_the_outbox_is_dropped(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/kf/send_msg_on_event", FaultKind.ERRCODE, errcode=45009))
    stage.platforms.customer_enters("xiaolin", KF)
    await stage.settle()
    await stage.later(seconds=61)
    assert stage.texts("xiaolin") == []
    (welcome,) = await stage.effects("welcome")
    assert (welcome.state, welcome.error) == ("dropped", "expired before it could be sent")


@ON_SQLITE
async def test_an_unsure_bot_asks_back_with_a_menu_and_the_click_is_answered(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", VAGUELY)
    (menu,) = stage.lines("xiaolin")
    assert menu.msgtype == "msgmenu"
    items = [item["click"] for item in menu.body["list"]]  # type: ignore[attr-defined]
    assert (items[0]["id"], items[-1]["id"]) == ("script:shipping-time", "ask_human")

    stage.platforms.customer_clicks("xiaolin", KF, "script:shipping-time")
    await stage.settle()
    assert stage.texts("xiaolin")[1:] == [SHIPPING]
    assert await stage.decisions() == ["asked_back", "answered"]


@ON_SQLITE
async def test_the_last_item_of_the_menu_leads_to_a_person(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", VAGUELY)
    stage.platforms.customer_clicks("xiaolin", KF, "ask_human")
    await stage.settle()
    assert await stage.decisions() == ["asked_back", "handed_over"]
    assert (await stage.conversation()).owner == "queue"


@ON_SQLITE
async def test_the_number_of_a_choice_is_as_good_as_a_click(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", VAGUELY)
    assert await stage.writes("xiaolin", "1") == [SHIPPING]


@ON_SQLITE
async def test_a_picture_is_answered_with_a_request_for_words(stage: Stage) -> None:
    stage.platforms.customer_sends_file(
        "xiaolin", KF, "image", b"\x89PNG\r\n\x1a\n" + b"\0" * 32, name="a.png", content_type="image/png"
    )
    await stage.settle()
    assert ["用文字" in text for text in stage.texts("xiaolin")] == [True]


@ON_SQLITE
async def test_nothing_found_twice_in_a_row_calls_a_person(stage: Stage) -> None:
    await stage.writes("xiaolin", NONSENSE)
    await stage.later(seconds=1)
    await stage.writes("xiaolin", NONSENSE + "到底是多少")
    assert await stage.decisions() == ["asked_back", "handed_over"]
    (ticket,) = await stage.product.workbench.waiting()
    assert (ticket.reason, ticket.team) == ("nothing_found", "aftersale")


@ON_SQLITE
async def test_an_answer_in_between_forgives_what_was_not_found(stage: Stage) -> None:
    for text in (NONSENSE, "什么时候发货", NONSENSE):
        await stage.writes("xiaolin", text)
        stage.clock.advance(seconds=1)
    assert await stage.decisions() == ["asked_back", "answered", "asked_back"]


async def test_two_customers_do_not_get_each_others_answers(stage: Stage) -> None:
    stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    stage.platforms.customer_writes("ajie", KF, "你好")
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING]
    assert stage.texts("ajie") == [GREETING]


async def test_a_conversation_the_bot_has_is_closed_when_idle_for_two_days(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(hours=48, seconds=1)
    await stage.product.worker.reconciler.sweep(idle_s=48 * 3600)
    first = await stage.conversation()
    assert (first.state, first.closed_at) == ("closed", stage.clock.now())
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    second = await stage.conversation()
    assert second.id != first.id
    assert second.opened_at - first.opened_at == timedelta(hours=48, seconds=1)
