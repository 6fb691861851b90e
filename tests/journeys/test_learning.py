"""Do whole journeys leave the facts that teach, in the transaction of their turn?"""

from __future__ import annotations

from sqlalchemy import select

from bot.store.uses import script_uses
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import UNSURE, Options, Stage

pytestmark = ON_SQLITE


async def facts(stage: Stage) -> list[tuple[str, str]]:
    rows = await stage.rows(select(script_uses).order_by(script_uses.c.id))
    return [(row.kind, row.script_id) for row in rows]


async def test_an_answer_that_does_not_help(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "没用")
    assert await facts(stage) == [("shown", "shipping-time"), ("unhelpful", "shipping-time")]
    (turn, *_) = await stage.turns()
    rows = await stage.rows(select(script_uses))
    assert {(row.about_turn_id, row.asked_turn_id) for row in rows} == {(turn.id, turn.id)}


async def test_an_answer_after_which_she_wants_a_person(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "转人工")
    assert await facts(stage) == [("shown", "shipping-time"), ("person", "shipping-time")]


async def test_a_question_nothing_fits_is_missed_and_a_thank_you_is_not(stage: Stage) -> None:
    await stage.writes("xiaolin", "你们老板会弹钢琴吗")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "谢谢")
    assert await facts(stage) == [("missed", "")]


async def test_while_a_person_serves_nothing_is_learned(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "什么时候发货")
    assert await facts(stage) == []


async def test_what_she_chooses_from_a_menu(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", "什么时候能发货呀")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "1")
    found = await facts(stage)
    offered = [script for kind, script in found if kind == "offered"]
    assert ("chosen", offered[0]) in found
    assert found[-1] == ("shown", offered[0])
    assert [script for kind, script in found if kind == "passed_over"] == offered[1:]
