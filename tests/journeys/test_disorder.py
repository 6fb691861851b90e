"""Platforms repeat, reorder, lose and delay: is every message still given one turn, and answered once?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.simulator import Fault, FaultKind
from tests.journeys.conftest import OpenStage
from tests.packs import FEE, INVOICE, SHIPPING
from tests.stage import KF, SHOP, Options, Stage, valkey

ASKED = ("什么时候发货", "运费多少钱", "怎么开发票")
SAID = [SHIPPING, FEE, INVOICE]


async def ask_all(stage: Stage, place: str) -> None:
    for text in ASKED:
        stage.platforms.customer_writes("xiaolin", place, text)
        stage.clock.advance(seconds=1)


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_what_is_delivered_three_times_and_out_of_order_is_answered_once_each(stage: Stage, place: str) -> None:
    if place == SHOP:
        stage.platforms.subscribe("xiaolin", SHOP)
        await stage.settle()
        stage.clock.advance(minutes=2)
    seen = len(stage.lines("xiaolin"))
    account = "callback:corp" if place == KF else "callback:shop"
    stage.platforms.faults.add(
        Fault(account, FaultKind.REORDER),
        Fault(account, FaultKind.DUPLICATE, copies=3),
        Fault(account, FaultKind.REORDER),
        Fault(account, FaultKind.DUPLICATE, count=3, copies=3),
    )
    await ask_all(stage, place)
    stage.platforms.postman.release()
    await stage.settle()
    for _ in range(2):
        await ask_again(stage, place)
    answered = [turn for turn in await stage.turns() if turn.decision == "answered"]
    assert len(answered) == len(ASKED)
    assert sorted(stage.texts("xiaolin")[seen:]) == sorted(SAID)


async def ask_again(stage: Stage, place: str) -> None:
    """The platform brings everything once more: at the OA the callbacks, at the kf the doorbell."""
    if place == KF:
        await stage.product.worker.news.ring_again(older_than_s=-1)
    await stage.settle()


async def test_messages_that_wait_together_are_answered_in_the_order_they_were_written(stage: Stage) -> None:
    await ask_all(stage, KF)
    await stage.settle()
    assert stage.texts("xiaolin") == SAID


async def test_a_lost_doorbell_is_made_up_for_by_the_timer(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("callback:corp", FaultKind.DROP))
    assert await stage.writes("xiaolin", "什么时候发货") == []
    stage.clock.advance(seconds=31)
    await stage.product.worker.news.ring_again(older_than_s=30)
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING]


async def test_an_empty_page_with_more_behind_it_is_read_on(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/kf/sync_msg", FaultKind.EMPTY_PAGE, count=2))
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    assert stage.platforms.faults.waiting == ()


async def test_reading_goes_on_after_a_page_that_could_not_be_fetched(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/kf/sync_msg", FaultKind.HTTP_502, count=4))
    assert await stage.writes("xiaolin", "什么时候发货") == []
    await stage.later(seconds=3)
    assert stage.texts("xiaolin") == [SHIPPING]


async def test_on_the_first_start_old_messages_are_kept_but_not_answered(opened: OpenStage) -> None:
    stage = await opened(Options(start=False))
    stage.platforms.faults.add(Fault("callback:corp", FaultKind.DROP, count=2))
    stage.platforms.customer_writes("ajie", KF, "能开发票吗")
    stage.clock.advance(seconds=601)
    stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    await stage.product.prepare_to_work()
    await stage.settle()
    assert stage.texts("ajie") == []
    assert stage.texts("xiaolin") == [SHIPPING]
    assert [(each.answerable, each.state) for each in await stage.inbox()] == [(0, "done"), (1, "done")]
    turns = {(turn.inbox_id, turn.decision, turn.reason) for turn in await stage.turns()}
    assert turns == {(1, "silent", "arrived before the first start"), (2, "answered", "shipping-time")}
    stage.clock.advance(seconds=1)
    assert await stage.writes("ajie", "能开发票吗") == [INVOICE]


async def test_after_the_first_start_an_old_message_is_answered(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("callback:corp", FaultKind.DROP))
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(hours=2)
    await stage.product.worker.news.ring_again(older_than_s=30)
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING]


async def test_a_flushed_redis_loses_nothing(stage: Stage) -> None:
    assert stage.product.redis is not None
    stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    await stage.platforms.settled()
    await stage.product.redis.flushall()
    await stage.work()
    stage.clock.advance(seconds=1)
    stage.platforms.customer_writes("xiaolin", KF, "运费多少钱")
    await stage.platforms.settled()
    reading = await stage.product.worker.news.claim()
    assert reading is not None
    await stage.product.worker.puller.pull(reading)
    await stage.product.redis.flushall()
    await stage.settle()
    assert stage.texts("xiaolin") == [SHIPPING, FEE]


async def test_a_redis_that_goes_down_loses_nothing_and_shows(opened: OpenStage, tmp_path: Path) -> None:
    with valkey() as (server, url):
        stage = await opened(Options(redis=url))
        assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
        server.stop()
        stage.clock.advance(seconds=1)
        assert await stage.writes("xiaolin", "运费多少钱") == [FEE]
        health = await stage.health()
        assert health["redis"].startswith("down")
        assert health["status"] == "ok"  # slower, but able to serve
    assert (await stage.conversation()).state == "open"
