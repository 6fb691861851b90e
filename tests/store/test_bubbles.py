"""Which messages wait for the rest of their thought, for how long, and what is read together?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Voice
from bot.domain import Inbound, MessageKind, Sender
from bot.store.bubbles import GAP, MOST, Waiting, first_thought, is_bubble, unfinished_before
from bot.store.tables import addresses, inbox, turns
from bot.store.views import Budget, TurnRecord
from tests.store.counter import NOON, SAID, TOTAL_S, WAIT_S, Counter, bell, message, patience, say

UNFINISHED, WHOLE = "那个…", "多久发货"


@pytest.fixture
def counter(engine: AsyncEngine) -> Counter:
    return Counter(engine, patience=patience)


async def arrive(counter: Counter, *texts: str, first: int = 1) -> None:
    await counter.intake.accept([message(number, text=text) for number, text in enumerate(texts, start=first)])


def ids(counter_claim: object) -> list[str]:
    earlier = [each.message.message_id for each in counter_claim.earlier]  # type: ignore[attr-defined] # Claimed
    return [*earlier, counter_claim.message.message_id]  # type: ignore[attr-defined] # Claimed


# ── pure ─────────────────────────────────────────────────────────────────────────────────────


def waiting(*texts: str, gap: timedelta = timedelta(seconds=1), **more: object) -> list[Waiting]:
    return [
        Waiting(
            number,
            message(number, text=text, at=NOON + number * gap, **more),  # type: ignore[arg-type] # its own
            NOON,
            NOON + timedelta(seconds=WAIT_S) if text == UNFINISHED else None,
        )
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("texts", "taken", "waits"),
    [
        ((WHOLE, UNFINISHED), 1, False),
        ((UNFINISHED,), 1, True),
        ((UNFINISHED, WHOLE, WHOLE), 2, False),
        ((UNFINISHED, UNFINISHED), 2, True),
        ((UNFINISHED,) * (MOST + 2), MOST, False),
    ],
)
def test_a_thought_goes_on_while_it_is_unfinished(texts: tuple[str, ...], taken: int, *, waits: bool) -> None:
    thought = first_thought(waiting(*texts))
    assert len(thought.messages) == taken
    assert (thought.until is not None) == waits


def test_what_is_no_bubble_or_comes_much_later_ends_it() -> None:
    rows = waiting(UNFINISHED, UNFINISHED, gap=GAP + timedelta(seconds=1))
    assert first_thought(rows).messages == (rows[0],)
    first, second = waiting(UNFINISHED, WHOLE)
    event = Waiting(9, message(9, kind=MessageKind.EVENT), NOON, None)
    assert first_thought([first, event]).until is None
    assert first_thought([first, second]).messages == (first, second)


@given(st.lists(st.sampled_from([UNFINISHED, WHOLE]), min_size=1, max_size=30))
def test_every_message_is_in_one_thought(texts: list[str]) -> None:
    rest = waiting(*texts)
    order: list[int] = []
    while rest:
        thought = first_thought(rest)
        assert 1 <= len(thought.messages) <= MOST
        order += [each.inbox_id for each in thought.messages]
        rest = rest[len(thought.messages) :]
    assert order == list(range(len(texts)))
    assert len(unfinished_before(waiting(*texts))) < MOST


@pytest.mark.parametrize(
    ("one", "may"),
    [
        (message(1), True),
        (message(1, text="  "), False),
        (message(1, kind=MessageKind.IMAGE), False),
        (message(1, sender=Sender.SERVICER), False),
    ],
)
def test_only_the_customers_own_words_are_bubbles(one: Inbound, *, may: bool) -> None:
    assert is_bubble(one) == may


# ── held and let go ──────────────────────────────────────────────────────────────────────────


async def test_it_waits_and_then_is_handed_out_alone(counter: Counter) -> None:
    await arrive(counter, UNFINISHED)
    assert await counter.queue.claim() is None
    assert await counter.queue.next_due() == NOON + timedelta(seconds=WAIT_S)
    counter.clock.forward(WAIT_S)
    claimed = await counter.claim()
    assert (ids(claimed), claimed.attempts) == (["m1"], 1)
    assert await counter.queue.next_due() is None


@pytest.mark.parametrize("early", [0.0004, 0.0006])
async def test_between_two_milliseconds_it_is_not_looked_at_for_ever(counter: Counter, early: float) -> None:
    await arrive(counter, WHOLE, UNFINISHED)
    await counter.turns.commit_turn(await counter.claim(), SAID)
    counter.clock.forward(WAIT_S - early)
    claimed = await counter.queue.claim()  # moments are kept to the nearest millisecond: half of one is early enough
    if claimed is None:
        counter.clock.forward(early)
        claimed = await counter.claim()
    assert ids(claimed) == ["m2"]


async def test_what_follows_is_handed_out_with_it_at_once(counter: Counter) -> None:
    await arrive(counter, UNFINISHED)
    counter.clock.forward(1)
    await arrive(counter, WHOLE, first=2)
    claimed = await counter.claim()
    assert ids(claimed) == ["m1", "m2"]
    assert claimed.texts == (UNFINISHED, WHOLE)
    assert [row.attempts for row in await counter.rows(inbox)] == [1, 1]


async def test_each_prolongs_the_wait_up_to_the_total(counter: Counter) -> None:
    until: list[datetime] = []
    for number in range(1, 6):
        await arrive(counter, UNFINISHED, first=number)
        until += [row.ready_at for row in await counter.rows(addresses)]
        assert await counter.queue.claim() is None
        counter.clock.forward(0.9)
    assert until[-1] == NOON + timedelta(seconds=TOTAL_S)
    assert until == sorted(until)
    assert ids(await counter.claim()) == ["m1", "m2", "m3", "m4", "m5"]


async def test_a_page_of_messages_is_cut_into_thoughts(counter: Counter) -> None:
    await counter.intake.accept([], [bell("t1")])
    reading = await counter.news.claim()
    assert reading is not None
    texts = (WHOLE, UNFINISHED, WHOLE, UNFINISHED)
    page = [message(number, inbox="wk1", account="corp", text=text) for number, text in enumerate(texts)]
    await counter.news.store_page(reading, page, cursor="1", answerable=lambda _: True)
    thoughts = []
    for _ in range(2):
        claimed = await counter.claim()
        thoughts.append(ids(claimed))
        await counter.turns.commit_turn(claimed, SAID)
    assert thoughts == [["m0"], ["m1", "m2"]]
    assert await counter.queue.claim() is None  # the last one waits, and was no try
    counter.clock.forward(WAIT_S)
    last = await counter.claim()
    assert (ids(last), last.attempts) == (["m3"], 1)


async def test_what_is_kept_from_before_the_start_does_not_wait(counter: Counter) -> None:
    await counter.intake.accept([], [bell("t1")])
    reading = await counter.news.claim()
    assert reading is not None
    page = [message(1, inbox="wk1", account="corp", text=UNFINISHED)]
    await counter.news.store_page(reading, page, cursor="1", answerable=lambda _: False)
    assert not (await counter.claim()).answerable


async def test_a_click_or_an_event_lets_go_of_what_waits(counter: Counter) -> None:
    await arrive(counter, UNFINISHED)
    await counter.intake.accept([message(2, kind=MessageKind.EVENT)])
    claimed = await counter.claim()
    assert ids(claimed) == ["m1"]
    await counter.turns.commit_turn(claimed, SAID)
    assert ids(await counter.claim()) == ["m2"]


async def test_a_redelivery_neither_prolongs_nor_ends_the_wait(counter: Counter) -> None:
    await arrive(counter, UNFINISHED)
    counter.clock.forward(1)
    await arrive(counter, UNFINISHED)
    assert await counter.queue.next_due() == NOON + timedelta(seconds=WAIT_S)
    await arrive(counter, WHOLE)  # the same id: it is the same message, whatever it says now
    assert await counter.queue.claim() is None
    counter.clock.forward(0.5)
    assert ids(await counter.claim()) == ["m1"]


async def test_a_backing_off_customer_is_not_hurried_by_an_unfinished_message(counter: Counter) -> None:
    await arrive(counter, WHOLE)
    retry_at = counter.clock() + timedelta(seconds=8)
    await counter.queue.give_back(await counter.claim(), error="x", retry_at=retry_at)
    await arrive(counter, UNFINISHED, first=2)
    counter.clock.forward(2)
    assert await counter.queue.claim() is None
    counter.clock.forward(6)
    assert ids(await counter.claim()) == ["m1"]


async def test_while_one_is_served_the_next_waits_on_its_own(counter: Counter) -> None:
    await arrive(counter, WHOLE)
    claimed = await counter.claim()
    await arrive(counter, UNFINISHED, first=2)
    await counter.turns.commit_turn(claimed, SAID)
    assert await counter.queue.claim() is None
    counter.clock.forward(0.5)
    await arrive(counter, WHOLE, first=3)
    assert ids(await counter.claim()) == ["m2", "m3"]


# ── one transaction, a turn each ─────────────────────────────────────────────────────────────


async def test_each_gets_a_turn_and_all_but_the_last_point_to_it(counter: Counter) -> None:
    await arrive(counter, UNFINISHED, WHOLE)
    record = TurnRecord("answered", "shipping-time", effects=(say("好"),), window=Budget(5, NOON))
    turn = await counter.turns.commit_turn(await counter.claim(), record)
    rows = await counter.rows(turns)
    assert [(row.decision, row.joined_into) for row in rows] == [("joined", turn), ("answered", None)]
    assert len({row.conversation_id for row in rows}) == 1
    async with counter.engine.connect() as connection:
        said = await counter.archive.transcript(connection, rows[0].conversation_id)
    assert [(entry.voice, entry.text) for entry in said] == [(Voice.CUSTOMER, UNFINISHED), (Voice.CUSTOMER, WHOLE)]


async def test_they_are_given_back_and_buried_together(counter: Counter) -> None:
    await arrive(counter, UNFINISHED, WHOLE)
    await counter.queue.give_back(await counter.claim(), error="TimeoutError", retry_at=counter.clock())
    again = await counter.claim()
    assert (ids(again), again.attempts) == (["m1", "m2"], 2)
    await counter.turns.bury(again, error="ValueError")
    assert [(row.state, row.error) for row in await counter.rows(inbox)] == [("dead", "ValueError")] * 2
    assert await counter.queue.claim() is None
