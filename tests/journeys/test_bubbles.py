"""Customers send three short messages for one thought: is it read as one, answered once, and every message kept?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.store.tables import addresses, turns
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import FEE, SHIPPING, VAGUELY
from tests.stage import KF, SHOP, UNSURE, Options, Stage

OPENING, MIDDLE, QUESTION = "我想问一下", "我昨天付了款的东西", "什么时候发货？"
Enter = Callable[[Stage], Awaitable[Stage]]


async def follow(stage: Stage) -> Stage:
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    return stage


async def shown_after(stage: Stage, place: str, *texts: str) -> list[str]:
    """She writes these half a second apart; what she is shown then."""
    before = len(stage.lines("xiaolin"))
    for text in texts:
        await stage.arrives("xiaolin", text, at=place)
        await stage.work()
        stage.clock.advance(seconds=0.3)
    await stage.settle()
    return stage.texts("xiaolin")[before:]


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_three_messages_for_one_thought_are_answered_once(stage: Stage, place: str) -> None:
    await follow(stage)
    said = await shown_after(stage, place, OPENING, MIDDLE, QUESTION)
    assert said == [SHIPPING]
    first, second, last = (await stage.turns())[-3:]
    assert [turn.decision for turn in (first, second, last)] == ["joined", "joined", "answered"]
    assert first.joined_into == second.joined_into == last.id
    assert last.explanation["bubbles"] == 3
    assert [entry.text for entry in await stage.transcript()][-4:] == [OPENING, MIDDLE, QUESTION, SHIPPING]


async def test_a_whole_question_is_answered_at_once(stage: Stage) -> None:
    at = stage.clock.now()
    await stage.arrives("xiaolin", QUESTION)
    await stage.work()
    await stage.platforms.settled()
    assert stage.texts("xiaolin") == [SHIPPING]
    assert stage.clock.now() == at


async def test_what_nobody_goes_on_with_is_answered_after_a_moment(stage: Stage) -> None:
    began = stage.clock.now()
    await stage.arrives("xiaolin", OPENING)
    await stage.work()
    assert await stage.turns() == []
    await stage.settle()
    assert await stage.decisions() == ["asked_back"]
    assert 0.2 < (stage.clock.now() - began).total_seconds() <= 1.5


@ON_SQLITE
async def test_however_long_she_goes_on_she_waits_four_seconds_at_most(stage: Stage) -> None:
    began = stage.clock.now()
    for number in range(12):
        await stage.arrives("xiaolin", f"{MIDDLE}第{number}件，")
        await stage.work()
        if await stage.turns():
            break
        stage.clock.advance(seconds=0.4)
    assert (stage.clock.now() - began).total_seconds() <= 4.0
    assert await stage.turns() != []


async def test_a_killed_worker_forgets_nothing_of_what_waits(stage: Stage) -> None:
    await stage.arrives("xiaolin", OPENING)
    await stage.arrives("xiaolin", QUESTION)
    claimed = await stage.product.worker.queue.claim()
    assert claimed is not None
    assert [each.message.text for each in claimed.earlier] == [OPENING]
    stage.clock.advance(seconds=31)  # it died with the lease
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING]
    assert await stage.decisions() == ["joined", "answered"]


@ON_SQLITE
async def test_a_click_is_not_held_back_by_what_was_written_before(opened: OpenStage) -> None:
    stage = await opened(Options(more=UNSURE))
    await stage.writes("xiaolin", VAGUELY)
    stage.clock.advance(seconds=1)
    await stage.arrives("xiaolin", OPENING)
    at = stage.clock.now()
    stage.platforms.customer_clicks("xiaolin", KF, "ask_human")
    await stage.platforms.settled()
    reading = await stage.product.worker.news.claim()
    assert reading is not None
    await stage.product.worker.puller.pull(reading)
    await stage.work()
    assert stage.clock.now() == at
    assert await stage.decisions() == ["asked_back", "asked_back", "handed_over"]


@ON_SQLITE
async def test_with_a_person_nothing_waits_and_nothing_is_joined(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    at = stage.clock.now()
    for text in (OPENING, MIDDLE):
        await stage.arrives("xiaolin", text)
    await stage.work()
    assert stage.clock.now() == at
    assert await stage.decisions() == ["handed_over", "silent", "silent"]


@ON_SQLITE
async def test_a_person_who_takes_over_meanwhile_sees_each_message(stage: Stage) -> None:
    await stage.writes("xiaolin", QUESTION)
    await stage.arrives("xiaolin", OPENING)
    await stage.arrives("xiaolin", MIDDLE)
    stage.session().serve("lina")
    await stage.product.worker.reconciler.reconcile((await stage.conversation()).id)
    await stage.settle()
    assert await stage.decisions() == ["answered", "silent", "silent"]


@ON_SQLITE
async def test_two_whole_questions_are_two_answers(stage: Stage) -> None:
    assert await shown_after(stage, KF, QUESTION, "运费多少钱") == [SHIPPING, FEE]
    assert await stage.decisions() == ["answered", "answered"]


@ON_SQLITE
async def test_an_unfinished_one_behind_a_whole_question_does_not_hold_that_back(stage: Stage) -> None:
    await stage.arrives("xiaolin", QUESTION)
    await stage.arrives("xiaolin", OPENING)
    at = stage.clock.now()
    await stage.work()
    assert await stage.decisions() == ["answered"]
    assert stage.clock.now() == at
    await stage.arrives("xiaolin", "运费多少钱")
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING, FEE]
    assert await stage.decisions() == ["answered", "joined", "answered"]


@ON_SQLITE
async def test_passive_answers_wait_less_and_ride_in_the_last_response(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="passive", sends=False)))
    began = stage.clock.now()
    for text in (OPENING, QUESTION):
        stage.platforms.customer_writes("xiaolin", SHOP, text)
    await stage.settle()
    assert stage.texts("xiaolin")[1:] == [SHIPPING]
    assert (stage.clock.now() - began).total_seconds() <= 1.8
    assert [effect.inline_inbox_id for effect in await stage.effects()][-1] == (await stage.inbox())[-1].id


@ON_SQLITE
async def test_a_failed_turn_is_tried_again_with_all_its_messages(opened: OpenStage) -> None:
    left = ["before_turn_commit", "before_turn_commit"]

    def fails(point: str) -> None:
        if point in left:
            left.remove(point)
            raise RuntimeError(point)

    stage = await opened(Options(reached=fails))
    assert await shown_after(stage, KF, OPENING, QUESTION) == []
    assert [row.error for row in await stage.inbox()] == ["RuntimeError"] * 2
    for _ in range(2):
        await stage.later(seconds=60)
    assert stage.texts("xiaolin") == [SHIPPING]
    rows = await stage.rows(select(addresses.c.pending, addresses.c.held))
    assert rows == [(0, 0)]
    assert len(await stage.rows(select(turns))) == 2
