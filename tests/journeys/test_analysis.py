"""Does what was said with a customer become a session with its figures, its findings and its place in the search?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from archive.words.chinese import chinese
from bot.analysing import FIRST_S, LOOK_AGAIN_S, Analysing
from bot.bootstrap import ARCHIVE_TABLES
from tests.databases import ON_SQLITE
from tests.packs import SHIPPING
from tests.stage import Stage

SESSIONS, FINDINGS = ARCHIVE_TABLES.analysis.sessions, ARCHIVE_TABLES.analysis.findings


async def _analyse(stage: Stage) -> None:
    runner = stage.product.archive_side.runner()
    while (await runner.step(64)).worked:
        pass
    await runner.stop()


async def test_an_answered_customer_is_a_session_without_faults(stage: Stage) -> None:
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    await _analyse(stage)
    [session] = await stage.rows(select(SESSIONS))
    conversation = await stage.conversation()
    assert session.conversation_id == conversation.id
    assert (session.customer_messages, session.bot_messages, session.unanswered) == (1, 1, 0)
    assert await stage.rows(select(FINDINGS)) == []


@ON_SQLITE
async def test_what_the_bot_could_not_answer_is_found_with_its_message(stage: Stage) -> None:
    await stage.writes("xiaolin", "月球上的土豆几级")
    await stage.writes("xiaolin", "月球上的土豆到底几级")
    await _analyse(stage)
    [ticketed] = [each for each in await stage.turns() if each.decision == "handed_over"]
    [found] = await stage.rows(select(FINDINGS))
    [session] = await stage.rows(select(SESSIONS))
    assert ticketed.reason == "nothing_found"
    assert (found.rule, found.session_id) == ("机器人没答上来", session.id)


@ON_SQLITE
async def test_a_worker_rests_where_there_is_nothing_left(stage: Stage) -> None:
    few = _analysing(stage, [], batch=64)
    assert await few.once() == LOOK_AGAIN_S
    await stage.writes("xiaolin", "什么时候发货")
    assert await few.once() == LOOK_AGAIN_S  # the next ones are read together
    assert len(await stage.rows(select(SESSIONS))) == 1
    await few.runner.stop()
    await stage.writes("xiaolin", "什么时候发货")
    assert await _analysing(stage, [], batch=1).once() == 0.0  # as long as it worked: the clock stood still


@ON_SQLITE
async def test_what_analyzers_read_from_files_is_read_before_it_is_needed(stage: Stage) -> None:
    slept: list[float] = []
    chinese.cache_clear()
    with pytest.raises(TimeoutError):
        await _analysing(stage, slept, batch=64).run()
    assert slept == [FIRST_S, LOOK_AGAIN_S]
    assert chinese.cache_info().currsize == 1
    assert await stage.rows(select(SESSIONS)) == []


def _analysing(stage: Stage, slept: list[float], *, batch: int) -> Analysing:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise TimeoutError

    runner = stage.product.archive_side.runner()
    return Analysing(runner, batch, None, 50, lambda: None, stage.clock.monotonic, sleep)
