"""What if something happens while the bot thinks, or it cannot think? Never a late word, never silence."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.journeys.encoders import Broken, Interrupted, Stuck
from tests.packs import SHIPPING
from tests.stage import KF, Options, Prepared, Stage

pytestmark = ON_SQLITE
UNCERTAIN = "付款以后多久能寄出来"  # found by its meaning: spelling alone is not certain


async def give_to_lina(stage: Stage) -> None:
    """Somebody else gives the session to 李娜 by API, and we see it."""
    stage.session().serve("lina")
    await stage.product.worker.reconciler.reconcile((await stage.conversation()).id)


async def test_an_answer_that_comes_too_late_is_dropped_with_a_trace(opened: OpenStage, prepared: Prepared) -> None:
    encoder = Interrupted(prepared.encoder)
    stage = await opened(Options(encoder=lambda _: encoder))
    await stage.writes("xiaolin", "你好")
    shown = stage.texts("xiaolin")
    encoder.meanwhile = lambda: give_to_lina(stage)
    with capture_logs() as logs:
        await stage.writes("xiaolin", UNCERTAIN)
    assert stage.texts("xiaolin") == shown
    assert await stage.decisions() == ["answered", "silent"]
    assert (await stage.turns())[-1].reason == "a person is serving"
    assert [(log["event"], log["dropped"]) for log in logs if "dropped" in log] == [
        ("turn.conversation_moved", "answered")
    ]
    conversation = await stage.conversation()
    assert conversation.agent == "lina"
    late = (await stage.effects())[-1]  # what `xiaoer explain` shows of the turn
    assert (late.state, late.error, late.turn_id) == ("dropped", "a person took over", (await stage.turns())[-1].id)
    thread = await stage.product.workbench.thread(conversation.id)
    assert thread is not None
    assert [(each["state"], each["speaker"]) for each in thread.unsent] == [("dropped", "bot")]


async def test_an_answer_decided_but_not_yet_sent_is_dropped_when_a_person_takes_over(stage: Stage) -> None:
    await stage.writes("xiaolin", "你好")
    stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    await stage.platforms.settled()
    worker = stage.product.worker
    reading = await worker.news.claim()
    assert reading is not None
    await worker.puller.pull(reading)
    claimed = await worker.queue.claim()
    assert claimed is not None
    await worker.handle(claimed)
    await give_to_lina(stage)
    await stage.settle()
    last = (await stage.effects())[-1]
    assert (last.state, last.error) == ("dropped", "a person took over")
    assert SHIPPING not in stage.texts("xiaolin")


async def test_a_failing_engine_hands_over_and_says_so(opened: OpenStage, prepared: Prepared) -> None:
    encoder = Broken(prepared.encoder)
    stage = await opened(Options(encoder=lambda _: encoder))
    encoder.broken = True
    (said,) = await stage.writes("xiaolin", UNCERTAIN)
    assert "人工客服" in said
    (ticket,) = await stage.product.workbench.waiting()
    assert (ticket.reason, ticket.summary.asked) == ("engine_failed", UNCERTAIN)
    (turn,) = await stage.turns()
    assert turn.explanation["engine_failed"] == "RuntimeError"


async def test_what_is_certain_by_spelling_needs_no_encoder(opened: OpenStage, prepared: Prepared) -> None:
    encoder = Broken(prepared.encoder)
    stage = await opened(Options(encoder=lambda _: encoder))
    encoder.broken = True
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    (turn,) = await stage.turns()
    assert turn.explanation["stage"] == "spelling"


async def test_an_engine_that_does_not_come_back_hands_over_in_time(opened: OpenStage, prepared: Prepared) -> None:
    encoder = Stuck(prepared.encoder)
    stage = await opened(Options(encoder=lambda _: encoder, think_s=0.1))
    encoder.stuck = True
    try:
        await stage.writes("xiaolin", UNCERTAIN)
    finally:
        encoder.freed.set()
    assert [ticket.reason for ticket in await stage.product.workbench.waiting()] == ["engine_failed"]
    assert (await stage.turns())[0].explanation["engine_failed"] == "TimeoutError"


class Failing:
    """Fails at one point of the journey, so many times."""

    def __init__(self, point: str, times: int) -> None:
        self.point, self.left = point, times

    def __call__(self, point: str) -> None:
        if point == self.point and self.left:
            self.left -= 1
            raise RuntimeError(point)


async def test_a_turn_that_failed_is_tried_again(opened: OpenStage) -> None:
    stage = await opened(Options(reached=Failing("before_turn_commit", 2)))
    assert await stage.writes("xiaolin", "什么时候发货") == []
    for _ in range(2):
        await stage.later(seconds=60)
    assert stage.texts("xiaolin") == [SHIPPING]
    assert await stage.decisions() == ["answered"]


async def test_after_three_failed_tries_a_person_is_called(opened: OpenStage) -> None:
    stage = await opened(Options(reached=Failing("before_turn_commit", 3)))
    await stage.writes("xiaolin", "什么时候发货")
    for _ in range(4):
        await stage.later(seconds=60)
    assert await stage.decisions() == ["handed_over"]
    assert [ticket.reason for ticket in await stage.product.workbench.waiting()] == ["engine_failed"]


async def test_what_never_gets_a_turn_is_buried_visibly_and_does_not_block_the_next(opened: OpenStage) -> None:
    failing = Failing("before_turn_commit", 8)
    stage = await opened(Options(reached=failing))
    await stage.writes("xiaolin", "什么时候发货")
    for _ in range(8):
        await stage.later(seconds=61)
    assert failing.left == 0
    assert (await stage.health())["inbox"]["dead"] == 1
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]


@pytest.mark.parametrize("point", ["before_send", "after_send"])
async def test_a_send_that_broke_off_at_the_kf_is_repeated_and_shown_once(opened: OpenStage, point: str) -> None:
    stage = await opened(Options(reached=Failing(point, 1)))
    await stage.writes("xiaolin", "什么时候发货")
    await stage.later(seconds=60)
    assert stage.texts("xiaolin") == [SHIPPING]
    assert stage.platforms.kf(KF)[1].repeats == (1 if point == "after_send" else 0)
