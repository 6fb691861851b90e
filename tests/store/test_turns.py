"""Does a decision become true as a whole, or not at all?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from archive import Voice
from bot.bootstrap import ARCHIVE_TABLES
from bot.domain import Choice, MessageKind, Sender
from bot.store.tables import addresses, conversations, inbox, outbox, turns
from bot.store.views import Budget, ConversationMoved, Effect, StaleLease, TurnRecord
from tests.store.counter import LEASE_S, NOON, SAID, Counter, message, say

WRITTEN = (turns, conversations, outbox, ARCHIVE_TABLES.entries)


class TicketBroken(Exception):  # noqa: N818 - a fact
    """What an act may raise."""


async def test_a_turn_is_written_as_a_whole(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    ends_at = NOON + timedelta(hours=48)

    async def open_ticket(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
        await connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(owner="queue", version=2)
        )
        return [say("来自票据")]

    record = TurnRecord(
        decision="handed_over",
        reason="asked_for_person",
        explanation={"why": "rule"},
        effects=(say("这就转同事"),),
        act=open_ticket,
        window=Budget(sends_left=5, ends_at=ends_at),
    )
    turn_id = await counter.turns.commit_turn(claimed, record)
    turn = (await counter.rows(turns))[0]
    conversation = (await counter.rows(conversations))[0]
    address = (await counter.rows(addresses))[0]
    assert (turn.id, turn.inbox_id, turn.conversation_id) == (turn_id, claimed.inbox_id, conversation.id)
    assert (turn.author, turn.decision, turn.reason) == ("customer", "handed_over", "asked_for_person")
    assert (turn.explanation, turn.created_at) == ({"why": "rule"}, NOON)
    assert (conversation.state, conversation.owner, conversation.channel) == ("open", "queue", "official_account")
    assert [(row.payload["content"]["text"], row.turn_id) for row in await counter.rows(outbox)] == [
        ("这就转同事", turn_id),
        ("来自票据", turn_id),
    ]
    assert (address.sends_left, address.window_ends_at) == (5, ends_at)
    assert (address.pending, address.lease_token, address.lease_until) == (0, None, None)
    assert [row.state for row in await counter.rows(inbox)] == ["done"]


async def test_a_failing_act_leaves_nothing_and_the_message_is_still_ours(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()

    async def fails(connection: AsyncConnection, conversation_id: int) -> Sequence[Effect]:
        await connection.execute(update(conversations).values(owner="queue"))
        raise TicketBroken(str(conversation_id))

    record = TurnRecord(
        decision="handed_over", reason="", effects=(say("好的"),), act=fails, window=Budget(sends_left=5, ends_at=NOON)
    )
    with pytest.raises(TicketBroken):
        await counter.turns.commit_turn(claimed, record)
    assert [await counter.count(table) for table in WRITTEN] == [0, 0, 0, 0]
    assert [row.state for row in await counter.rows(inbox)] == ["pending"]
    assert [(row.sends_left, row.lease_token) for row in await counter.rows(addresses)] == [(0, claimed.lease.token)]
    await counter.turns.commit_turn(claimed, SAID)


async def test_whoever_decided_on_an_older_conversation_decides_again(counter: Counter) -> None:
    await counter.decide()
    await counter.intake.accept([message(2)])
    claimed = await counter.claim()
    async with counter.engine.begin() as connection:  # as the desk does when somebody takes over
        await connection.execute(
            update(conversations).values(owner="agent", agent="lina", version=conversations.c.version + 1)
        )
    with pytest.raises(ConversationMoved):
        await counter.turns.commit_turn(claimed, TurnRecord(decision="answered", reason="", effects=(say("晚了"),)))
    assert (await counter.count(turns), await counter.count(outbox)) == (1, 0)
    now = await counter.queue.refresh(claimed)
    assert (now.owner, now.agent, now.version) == ("agent", "lina", 2)


async def test_a_conversation_closed_meanwhile_is_not_written(counter: Counter) -> None:
    await counter.decide()
    await counter.intake.accept([message(2)])
    claimed = await counter.claim()
    async with counter.engine.begin() as connection:
        await connection.execute(update(conversations).values(state="closed"))
    with pytest.raises(ConversationMoved):
        await counter.turns.commit_turn(claimed, SAID)


async def test_a_message_gets_one_turn_only(counter: Counter) -> None:
    claimed = await counter.decide()
    with pytest.raises(StaleLease):
        await counter.turns.commit_turn(claimed, SAID)
    another = {"inbox_id": claimed.inbox_id, "author": "customer", "decision": "answered", "created_at": NOON}
    with pytest.raises(IntegrityError):
        async with counter.engine.begin() as connection:
            await connection.execute(insert(turns).values(another))
    assert await counter.count(turns) == 1


async def test_a_turn_after_the_lease_ran_out_still_counts_while_nobody_took_over(counter: Counter) -> None:
    await counter.intake.accept([message(1)])
    claimed = await counter.claim()
    counter.clock.forward(LEASE_S * 2)
    await counter.turns.commit_turn(claimed, SAID)
    assert await counter.queue.claim() is None


async def test_a_customer_has_one_open_conversation_with_an_account(counter: Counter) -> None:
    claimed = await counter.decide()
    second = {
        "address_id": claimed.lease.address_id, "account": "shop", "inbox": "", "customer": "amy",
        "channel": "official_account", "opened_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        async with counter.engine.begin() as connection:
            await connection.execute(insert(conversations).values(second))
    async with counter.engine.begin() as connection:
        await connection.execute(update(conversations).values(state="closed"))
        await connection.execute(insert(conversations).values(second))  # the one before is over
    assert await counter.count(conversations) == 2


async def test_the_next_message_goes_on_in_the_same_conversation(counter: Counter) -> None:
    await counter.decide(number=1)
    await counter.decide(number=2)
    rows = await counter.rows(turns)
    assert len({row.conversation_id for row in rows}) == 1
    assert await counter.count(conversations) == 1


async def test_a_turn_may_open_no_conversation(counter: Counter) -> None:
    await counter.intake.accept([message(1, kind=MessageKind.EVENT)])
    await counter.turns.commit_turn(await counter.claim(), TurnRecord(decision="silent", reason="event", opens=False))
    assert [row.conversation_id for row in await counter.rows(turns)] == [None]
    assert await counter.count(conversations) == 0


async def test_a_window_that_is_not_named_stays(counter: Counter) -> None:
    budget = Budget(sends_left=5, ends_at=NOON)
    await counter.intake.accept([message(1), message(2)])
    await counter.turns.commit_turn(await counter.claim(), TurnRecord(decision="answered", reason="", window=budget))
    claimed = await counter.claim()
    assert claimed.budget == budget
    await counter.turns.commit_turn(claimed, SAID)
    assert [row.sends_left for row in await counter.rows(addresses)] == [5]


async def test_what_the_next_decision_needs_is_kept_and_cleared(counter: Counter) -> None:
    await counter.intake.accept([message(1), message(2)])
    asked = TurnRecord(
        decision="asked_back", reason="x" * 200, failures=1, choices=(Choice("a", "甲"),), scene="s" * 300
    )
    await counter.turns.commit_turn(await counter.claim(), asked)
    async with counter.engine.begin() as connection:
        await connection.execute(update(conversations).values(promises=["补发小样"]))
    claimed = await counter.claim()
    assert (claimed.conversation.promises, claimed.conversation.choices) == (("补发小样",), (Choice("a", "甲"),))
    await counter.turns.commit_turn(claimed, TurnRecord(decision="answered", reason=""))
    row = (await counter.rows(conversations))[0]
    assert (row.failures, row.choices, row.promises, row.scene) == (0, None, ["补发小样"], "s" * 256)
    assert [len(turn.reason) for turn in await counter.rows(turns)] == [128, 0]


async def test_the_transcript_keeps_words_and_not_the_platforms_own_events(counter: Counter) -> None:
    await counter.intake.accept(
        [
            message(1, text="在吗"),
            message(2, kind=MessageKind.EVENT),
            message(3, sender=Sender.SERVICER, text="您好"),
            message(4, text="零\x00字节"),  # no database takes a NUL inside a text
        ]
    )
    for _ in range(4):
        await counter.turns.commit_turn(await counter.claim(), SAID)
    async with counter.engine.connect() as connection:
        said = await counter.archive.transcript(connection, (await counter.rows(conversations))[0].id)
    assert [(entry.voice, entry.text) for entry in said] == [
        (Voice.CUSTOMER, "在吗"),
        (Voice.SERVICER, "您好"),
        (Voice.CUSTOMER, "零字节"),
    ]


async def test_what_cannot_be_handled_is_buried_in_sight(counter: Counter) -> None:
    await counter.intake.accept([message(1), message(2)])
    await counter.turns.bury(await counter.claim(), error="ValueError")
    assert [(row.state, row.error) for row in await counter.rows(inbox)] == [("dead", "ValueError"), ("pending", None)]
    assert (await counter.claim()).message.message_id == "m2"  # and holds up nobody
