"""Whose message is next? In order, one at a time for each customer, and never to two workers."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from datetime import timedelta

import pytest

from bot.domain import Choice
from bot.store.engine import create_store_engine
from bot.store.tables import addresses, inbox, turns
from bot.store.views import NO_CONVERSATION, Claimed, StaleLease, TurnRecord
from tests.store.counter import LEASE_S, NOON, SAID, Counter, message


async def test_nothing_to_do(counter: Counter) -> None:
    assert await counter.queue.claim() is None


async def test_the_first_claim_of_a_new_customer(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    assert claimed.message == message(1)
    assert (claimed.attempts, claimed.answerable, claimed.conversation, claimed.recent) == (
        1,
        True,
        NO_CONVERSATION,
        (),
    )
    assert (claimed.budget.sends_left, claimed.budget.ends_at) == (0, None)


@pytest.mark.parametrize("seconds", [0.0004, 0.0005, 0.0006, 0.0229])
async def test_what_arrived_just_now_is_due_now_however_moments_are_rounded(counter: Counter, seconds: float) -> None:
    counter.clock.forward(seconds)
    await counter.intake.accept([message(1)])
    assert (await counter.claim()).message == message(1)


async def test_oldest_first_by_the_time_of_writing_then_by_arrival(counter: Counter) -> None:
    late, early = NOON + timedelta(seconds=9), NOON - timedelta(seconds=9)
    await counter.intake.accept([message(1, at=late), message(2), message(3), message(4, at=early)])
    order = []
    for _ in range(4):
        claimed = await counter.claim()
        order.append(claimed.message.message_id)
        await counter.turns.commit_turn(claimed, SAID)
    assert order == ["m4", "m2", "m3", "m1"]
    assert await counter.queue.claim() is None


async def test_one_at_a_time_for_each_customer_side_by_side_for_all(counter: Counter) -> None:
    await counter.intake.accept([message(1), message(2), message(3, "bea")])
    both = [await counter.claim(), await counter.claim()]
    assert {each.message.address.customer for each in both} == {"amy", "bea"}
    assert await counter.queue.claim() is None


async def test_whoever_waits_longest_is_served_first(counter: Counter) -> None:
    for number, customer in enumerate(("bea", "amy", "cat")):
        await counter.intake.accept([message(number, customer)])
        counter.clock.forward(1)
    served = [(await counter.claim()).message.address.customer for _ in range(3)]
    assert served == ["bea", "amy", "cat"]


async def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_can_write_nothing(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    dead = await counter.claim()
    counter.clock.forward(LEASE_S)
    assert await counter.queue.claim() is None  # to the very end it is hers
    counter.clock.forward(0.001)
    heir = await counter.claim()
    assert (heir.inbox_id, heir.attempts) == (dead.inbox_id, 2)
    assert heir.lease.token != dead.lease.token
    with pytest.raises(StaleLease):
        await counter.turns.commit_turn(dead, SAID)
    with pytest.raises(StaleLease):
        await counter.queue.give_back(dead, error="late", retry_at=counter.clock())
    with pytest.raises(StaleLease):
        await counter.turns.bury(dead, error="late")
    assert await counter.count(turns) == 0
    await counter.turns.commit_turn(heir, SAID)
    assert [(row.state, row.error) for row in await counter.rows(inbox)] == [("done", None)]


async def test_what_was_given_back_waits_for_its_time(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    retry_at = counter.clock() + timedelta(seconds=8)
    await counter.queue.give_back(claimed, error="TimeoutError", retry_at=retry_at)
    assert [row.error for row in await counter.rows(inbox)] == ["TimeoutError"]
    assert await counter.queue.claim() is None
    await counter.intake.accept([message(2)])  # another message does not hurry the backing-off one
    assert await counter.queue.claim() is None
    counter.clock.forward(8)
    again = await counter.claim()
    assert (again.message.message_id, again.attempts) == ("m1", 2)
    await counter.turns.commit_turn(again, SAID)
    assert (await counter.claim()).message.message_id == "m2"


async def test_a_new_message_for_a_served_customer_waits_its_turn(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    await counter.intake.accept([message(2)])
    assert await counter.queue.claim() is None
    await counter.turns.commit_turn(claimed, SAID)
    assert (await counter.claim()).message.message_id == "m2"


async def test_an_address_marked_without_work_comes_to_rest(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    await counter.turns.commit_turn(await counter.claim(), SAID)
    async with counter.engine.begin() as connection:  # as a redelivery marks it
        await connection.execute(addresses.update().values(pending=1))
    assert await counter.queue.claim() is None
    assert [(row.pending, row.lease_token) for row in await counter.rows(addresses)] == [(0, None)]


async def test_what_the_next_decision_needs_comes_with_the_claim(counter: Counter) -> None:
    await counter.intake.accept([message(1, text="有赠品吗"), message(2, text="包邮吗"), message(3, text="那面膜呢")])
    first = TurnRecord(
        decision="asked_back", reason="", failures=1, choices=(Choice(id="script:a", label="甲"),), scene="qr-1",
        session_state=1,
    )  # fmt: skip
    await counter.turns.commit_turn(await counter.claim(), first)
    await counter.turns.commit_turn(await counter.claim(), first)
    claimed = await counter.claim()
    assert claimed.recent == ("有赠品吗", "包邮吗")
    known = claimed.conversation
    assert (known.owner, known.failures, known.choices) == ("bot", 1, (Choice(id="script:a", label="甲"),))
    assert (known.scene, known.session_state) == ("qr-1", 1)
    assert await counter.queue.refresh(claimed) == known


async def test_many_workers_claim_each_message_once(counter: Counter) -> None:
    """Sixteen claimers in two processes' engines, 60 messages of 12 customers: no double, none left, in order."""
    await counter.intake.accept([message(number, f"c{number % 12}") for number in range(60)])
    other_engine = create_store_engine(counter.engine.url.render_as_string(hide_password=False), 4)
    other = Counter(other_engine, counter.clock)
    claims: list[Claimed] = []

    async def work(mine: Counter) -> None:
        while await _serve_one(mine, claims):
            pass

    await asyncio.gather(*(work(counter if number % 2 else other) for number in range(16)))
    while await _serve_one(counter, claims):  # an address held by another while the last claimers looked
        pass
    await other_engine.dispose()
    assert Tally(each.message.message_id for each in claims) == Tally(f"m{number}" for number in range(60))
    for customer in range(12):
        hers = [each.inbox_id for each in claims if each.message.address.customer == f"c{customer}"]
        assert hers == sorted(hers)
    assert await counter.count(turns) == 60


async def _serve_one(counter: Counter, claims: list[Claimed]) -> bool:
    claimed = await counter.queue.claim()
    if claimed is None:
        return False
    claims.append(claimed)
    await counter.turns.commit_turn(claimed, SAID)
    return True


async def test_a_repeated_delivery_hides_nobody_elses_message(counter: Counter) -> None:
    await counter.intake.accept([message(1, "amy")])
    await counter.turns.commit_turn(await counter.claim(), SAID)
    await counter.intake.accept([message(1, "amy")])  # again, long answered
    counter.clock.forward(1)
    await counter.intake.accept([message(2, "bea")])
    assert (await counter.claim()).message.message_id == "m2"
    assert await counter.queue.claim() is None
