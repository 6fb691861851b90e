"""Is what failed visible, and does it get another chance only where that is asked for?"""

from __future__ import annotations

from datetime import timedelta

from bot.store.dead_letters import STATES, ids_in, letters, retry
from bot.store.effects import settle
from bot.store.explanations import explain_turn, newest_turn
from bot.store.tables import outbox
from bot.store.views import TurnRecord
from tests.store.counter import NOON, SAID, Counter, message, say


async def _ends(counter: Counter, *states: str) -> list[int]:
    """One effect ends in each of these states."""
    await counter.decide(*(say(state) for state in states))
    ids = []
    for state in states:
        item = await counter.claim_effect()
        async with counter.engine.begin() as connection:
            values = {"state": state, "done_at": counter.clock(), "error": "errcode 1", "advice": "看看"}
            await settle(connection, item, values)
        ids.append(item.id)
    return ids


async def test_what_failed_is_shown_newest_first(counter: Counter) -> None:
    ids = await _ends(counter, "sent", "dead", "uncertain", "dropped")
    async with counter.engine.connect() as connection:
        shown = await letters(connection)
        assert [(each.id, each.state) for each in shown] == [(ids[2], "uncertain"), (ids[1], "dead")]
        assert (shown[1].error, shown[1].advice, shown[1].attempts, shown[1].done_at) == ("errcode 1", "看看", 1, NOON)
        assert await ids_in(connection, "dead") == (ids[1],)
        assert [each.id for each in await letters(connection, states=STATES, limit=1)] == [ids[3]]
        assert [each.id for each in await letters(connection, ids=[ids[2]])] == [ids[2]]
        assert await letters(connection, turn_id=99) == ()


async def test_a_dead_one_lives_again_with_all_its_tries(counter: Counter) -> None:
    ids = await _ends(counter, "sent", "dead", "uncertain")
    counter.clock.forward(60)
    async with counter.engine.begin() as connection:
        done = await retry(connection, [*ids, 99], now=counter.clock())
    assert done.retried == (ids[1],)
    assert dict(done.refused) == {ids[0]: "sent", ids[2]: "uncertain", 99: ""}
    item = await counter.claim_effect()
    assert (item.id, item.attempts, item.interrupted) == (ids[1], 1, False)
    row = next(row for row in await counter.rows(outbox) if row.id == ids[1])
    assert (row.error, row.advice, row.done_at) == (None, None, None)


async def test_an_uncertain_one_only_where_saying_it_twice_is_accepted(counter: Counter) -> None:
    ids = await _ends(counter, "uncertain")
    async with counter.engine.begin() as connection:
        assert (await retry(connection, ids, now=NOON)).retried == ()
        assert (await retry(connection, ids, now=NOON, uncertain_too=True)).retried == tuple(ids)
        assert (await retry(connection, ids, now=NOON, uncertain_too=True)).refused == {ids[0]: "pending"}


async def test_a_turn_is_explained_with_what_followed(counter: Counter) -> None:
    async with counter.engine.connect() as connection:
        assert await newest_turn(connection) is None
        assert await explain_turn(connection, 1) is None
    await counter.intake.accept([message(1), message(2)])
    why = TurnRecord(decision="answered", reason="r", explanation={"intent": "发货"}, effects=(say("一"), say("二")))
    first = await counter.turns.commit_turn(await counter.claim(), why)
    counter.clock.forward(7)
    second = await counter.turns.commit_turn(await counter.claim(), SAID)
    async with counter.engine.connect() as connection:
        explained = await explain_turn(connection, first)
        assert explained is not None
        assert (explained.decision, explained.message_id, explained.body["text"]) == ("answered", "m1", "多久发货")
        assert (explained.explanation, explained.until) == ({"intent": "发货"}, NOON + timedelta(seconds=7))
        assert [each.payload["content"]["text"] for each in explained.effects] == ["一", "二"]
        assert await newest_turn(connection) == second
        last = await explain_turn(connection, second)
        assert last is not None
        assert (last.until, last.effects) == (None, ())
