"""Is a message durable before it is acknowledged, once, and cheaply?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.engine import read_only
from bot.store.intake import MAX_BATCH, Accepted, Intake
from bot.store.tables import addresses, inbox, kf_cursors
from bot.store.views import Effect, TurnRecord
from tests.store.counter import SAID, Counter, bell, message


def _count_commits(engine: AsyncEngine) -> list[object]:
    commits: list[object] = []
    event.listen(engine.sync_engine, "commit", commits.append)
    return commits


async def test_concurrent_requests_share_one_commit(counter: Counter) -> None:
    commits = _count_commits(counter.engine)
    accepted = await asyncio.gather(
        *(counter.intake.accept([message(number, f"c{number % 20}")]) for number in range(200))
    )
    assert len(commits) == 1
    assert [each.new for each in accepted] == [1] * 200
    stored = {row.id: row.message_id for row in await counter.rows(inbox)}
    assert [stored[each.inbox_ids[0]] for each in accepted] == [f"m{number}" for number in range(200)]
    assert await counter.count(addresses) == 20


async def test_a_batch_is_bounded(counter: Counter) -> None:
    commits = _count_commits(counter.engine)
    await asyncio.gather(*(counter.intake.accept([message(number)]) for number in range(MAX_BATCH + 1)))
    assert len(commits) == 2
    assert await counter.count(inbox) == MAX_BATCH + 1


async def test_redelivery_changes_nothing(counter: Counter) -> None:
    first = await counter.intake.accept([message(1)])
    await counter.turns.commit_turn(await counter.claim(), SAID)
    again = await counter.intake.accept([message(1, text="the same id")])
    assert again == Accepted(first.inbox_ids, new=0)
    rows = await counter.rows(inbox)
    assert [(row.state, row.body["text"]) for row in rows] == [("done", "多久发货")]
    assert await counter.queue.claim() is None  # the doorbell of a repeat finds no work


async def test_the_same_message_in_one_batch_is_one_row(counter: Counter) -> None:
    both = await asyncio.gather(counter.intake.accept([message(1)]), counter.intake.accept([message(1), message(2)]))
    assert both[0].inbox_ids[0] == both[1].inbox_ids[0] != both[1].inbox_ids[1]
    assert await counter.count(inbox) == 2


async def test_ids_are_unique_within_an_account_only(counter: Counter) -> None:
    accepted = await counter.intake.accept([message(1), message(1, account="other")])
    assert len(set(accepted.inbox_ids)) == 2


async def test_every_waiter_hears_of_a_failure_and_nothing_is_stored(counter: Counter) -> None:
    intake = Intake(read_only(counter.engine), now=counter.clock)  # a database that refuses to write
    ends = await asyncio.gather(
        *(intake.accept([message(number)], [bell()]) for number in range(5)), return_exceptions=True
    )
    assert [isinstance(end, DBAPIError) for end in ends] == [True] * 5
    assert [await counter.count(table) for table in (inbox, addresses, kf_cursors)] == [0, 0, 0]
    with pytest.raises(DBAPIError):
        await intake.accept([message(9)])  # asked again, it tries again
    await intake.aclose()


async def test_a_failure_touches_only_its_own_batch(counter: Counter) -> None:
    unspeakable = message(1, "\ud800")  # no database takes half a character
    with pytest.raises(Exception, match=r"surrogates|encode"):
        await counter.intake.accept([unspeakable])
    assert (await counter.intake.accept([message(2)])).new == 1


async def test_nothing_to_store_costs_nothing(counter: Counter) -> None:
    commits = _count_commits(counter.engine)
    assert await counter.intake.accept([]) == Accepted((), 0)
    assert commits == []


async def test_doorbells_are_counted_and_the_last_token_wins(counter: Counter) -> None:
    await counter.intake.accept([], [bell("t1"), bell("t2"), bell("u1", "wk2")])
    counter.clock.forward(5)
    await counter.intake.accept([], [bell("t3")])
    rows = {row.open_kfid: row for row in await counter.rows(kf_cursors)}
    assert (rows["wk1"].token, rows["wk1"].rings, rows["wk1"].token_at) == ("t3", 2, counter.clock())
    assert (rows["wk2"].token, rows["wk2"].rings) == ("u1", 1)


async def test_a_message_that_comes_while_the_turn_commits_is_not_missed(counter: Counter) -> None:
    """The commit finds no more work and the door adds some at the same time: one of them must see the other."""
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    coming: list[asyncio.Task[Accepted]] = []

    async def another_arrives(_: AsyncConnection, __: int) -> Sequence[Effect]:
        coming.append(asyncio.create_task(counter.intake.accept([message(2)])))
        done, _waiting = await asyncio.wait(coming, timeout=0.1)
        assert not done  # it waits for the row of the address, which this transaction holds
        return ()

    await counter.turns.commit_turn(claimed, TurnRecord(decision="answered", reason="", act=another_arrives))
    await coming[0]
    assert (await counter.claim()).message.message_id == "m2"


async def test_closing_waits_for_the_transaction(counter: Counter) -> None:
    accepting = asyncio.create_task(counter.intake.accept([message(1)]))
    await asyncio.sleep(0)
    await counter.intake.aclose()
    assert (await accepting).new == 1
    assert await counter.count(inbox) == 1
