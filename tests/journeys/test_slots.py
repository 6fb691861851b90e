"""Some wishes need a fact first: is it asked for, remembered, shown to the agent, and never insisted on?"""

from __future__ import annotations

import pytest

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import ASK_ORDER, SHIPPING
from tests.stage import KF, SHOP, Options, Stage

URGE, NUMBER = "帮我催一下单", "202611220001234567"
NONSENSE = "那个什么来着记不得了"


async def ticket(stage: Stage) -> tuple[str, str, dict[str, str]]:
    (waiting,) = await stage.product.workbench.waiting()
    return waiting.reason, waiting.summary.asked, dict(waiting.summary.collected)


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_a_bare_number_after_being_asked_continues_what_was_wanted(stage: Stage, place: str) -> None:
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", URGE, at=place) == [ASK_ORDER]
    stage.clock.advance(seconds=1)
    (said,) = await stage.writes("xiaolin", NUMBER, at=place)
    assert "人工客服" in said
    assert [turn.reason for turn in (await stage.turns())[-2:]] == ["slot order_number", "needs_person"]
    assert await ticket(stage) == ("needs_person", URGE, {"订单号": NUMBER})
    shown = stage.cards("lina")[-1].body["horizontal_content_list"]
    assert [field["value"] for field in shown][:2] == [URGE, NUMBER]  # type: ignore[attr-defined] # JSON
    assert NUMBER not in str((await stage.turns())[-1].explanation)


async def test_what_was_told_before_is_not_asked_for_again(stage: Stage) -> None:
    await stage.writes("xiaolin", f"我的订单号是{NUMBER}")
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", URGE)
    assert await stage.decisions() == ["asked_back", "handed_over"]
    assert (await ticket(stage))[2] == {"订单号": NUMBER}


@ON_SQLITE
async def test_it_is_asked_for_twice_and_then_a_person_takes_over_without(stage: Stage) -> None:
    said = []
    for text in (URGE, NONSENSE, NONSENSE):
        said += await stage.writes("xiaolin", text)
        stage.clock.advance(seconds=1)
    assert said[:2] == [ASK_ORDER, ASK_ORDER]
    assert await stage.decisions() == ["asked_back", "asked_back", "handed_over"]
    assert await ticket(stage) == ("needs_person", URGE, {})
    assert (await stage.conversation()).slots is None


@ON_SQLITE
async def test_another_question_in_between_is_answered_and_the_first_not_forgotten(stage: Stage) -> None:
    await stage.writes("xiaolin", URGE)
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", NUMBER)
    assert (await ticket(stage))[:2] == ("needs_person", URGE)


@ON_SQLITE
async def test_a_number_and_a_question_in_one_message_get_both(stage: Stage) -> None:
    await stage.writes("xiaolin", URGE)
    stage.clock.advance(seconds=1)
    said = await stage.writes("xiaolin", f"什么时候发货？另外订单号是{NUMBER}")
    assert said[0] == SHIPPING
    assert await ticket(stage) == ("needs_person", URGE, {"订单号": NUMBER})


@ON_SQLITE
async def test_who_asks_for_a_person_instead_gets_one(stage: Stage) -> None:
    await stage.writes("xiaolin", URGE)
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", "转人工")
    assert (await ticket(stage))[0] == "asked_for_person"


@ON_SQLITE
async def test_a_rule_may_need_it_too(opened: OpenStage) -> None:
    rule = "slots: {phone: {title: 手机号, entity: phone, ask: 请留个手机号, rules: [其余给售后组]}}\n"
    stage = await opened(Options(more=rule, slots=False))
    assert await stage.writes("xiaolin", NONSENSE) == ["请留个手机号"]
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", "13800138000")
    assert (await ticket(stage))[2] == {"手机号": "13800138000"}
