"""Several questions in one message: is each answered, in order, once, and is the rest not forgotten?"""

from __future__ import annotations

import pytest

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import FEE, INVOICE, SHIPPING, VAGUELY
from tests.stage import KF, SHOP, UNSURE, Options, Stage

BOTH = f"【1】{SHIPPING}\n【2】{FEE}"


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_two_questions_are_answered_in_order_in_one_message(stage: Stage, place: str) -> None:
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "什么时候发货？运费多少钱？", at=place) == [BOTH]
    turn = (await stage.turns())[-1]
    assert (turn.decision, turn.reason) == ("answered", "shipping-time shipping-fee")
    assert [part["passages"][0]["script"] for part in turn.explanation["parts"]] == ["shipping-time", "shipping-fee"]
    assert [part["span"] for part in turn.explanation["parts"]] == [[0, 7], [7, 13]]


@ON_SQLITE
async def test_a_passive_answer_carries_all_of_them(opened: OpenStage) -> None:
    stage = await opened(Options(answering="passive", sends=False))
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "什么时候发货？运费多少钱？", at=SHOP) == [BOTH]


@ON_SQLITE
async def test_the_same_question_twice_is_answered_once(stage: Stage) -> None:
    assert await stage.writes("xiaolin", "什么时候发货？多久能发货？") == [SHIPPING]


@ON_SQLITE
async def test_what_is_certain_is_answered_before_a_person_gets_the_rest(stage: Stage) -> None:
    first, second = await stage.writes("xiaolin", "什么时候发货？还有我要投诉你们态度差怎么办？")
    assert first == SHIPPING
    assert "人工客服" in second
    assert await stage.decisions() == ["handed_over"]
    (ticket,) = await stage.product.workbench.waiting()
    assert ticket.reason == "complaint"
    assert "投诉" in ticket.summary.asked
    assert "发货" not in ticket.summary.asked


@ON_SQLITE
async def test_what_is_not_understood_is_asked_for_after_what_is(stage: Stage) -> None:
    first, second = await stage.writes("xiaolin", "什么时候发货？紫色飞船的轨道参数是多少？")
    assert first == SHIPPING
    assert second.startswith("另外")
    assert await stage.decisions() == ["asked_back"]
    assert (await stage.conversation()).failures == 0


@ON_SQLITE
async def test_uncertain_questions_share_one_menu(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", f"{VAGUELY}呀？发票咋弄？")
    (menu,) = stage.lines("xiaolin")
    items = [item["click"]["id"] for item in menu.body["list"]]  # type: ignore[attr-defined]
    assert items[:2] == ["script:shipping-time", "script:invoice"]
    stage.platforms.customer_clicks("xiaolin", KF, "script:invoice")
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == INVOICE


@ON_SQLITE
async def test_a_follow_up_is_read_with_what_was_said_before(stage: Stage) -> None:
    await stage.writes("xiaolin", "运费多少钱")
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", "那多久呢")
    turn = (await stage.turns())[-1]
    scripts = [passage["script"] for passage in turn.explanation["passages"]]
    assert "shipping-fee" in scripts
    assert all("start" not in entity for entity in turn.explanation["entities"])
