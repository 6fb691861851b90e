"""Do effects leave in order, once, within the budget, and is an interrupted one recognised?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain import Speaker
from bot.store.effects import add_effects, settle
from bot.store.tables import addresses, outbox
from bot.store.views import Budget, Effect, EffectKind, OutboxItem, StaleLease
from tests.store.counter import LEASE_S, NOON, Counter, said, say

PROFILE = Effect(kind=EffectKind.PROFILE, payload={"unionid": "u"}, ordered=False)


async def _end(counter: Counter, item: OutboxItem, state: str = "sent") -> None:
    async with counter.engine.begin() as connection:
        await settle(connection, item, {"state": state, "lease_token": None, "lease_until": None})


async def _allow(counter: Counter, sends: int, seconds: float = 60) -> None:
    async with counter.engine.begin() as connection:
        until = counter.clock() + timedelta(seconds=seconds)
        await connection.execute(update(addresses).values(sends_left=sends, window_ends_at=until))


async def test_nothing_waits(counter: Counter) -> None:
    assert await counter.effects.claim(NOON) is None


async def test_an_effect_carries_what_its_deliverer_needs(counter: Counter) -> None:
    expires = NOON + timedelta(seconds=20)
    claimed = await counter.decide(say("您好", speaker=Speaker.BOT, expires_at=expires))
    item = await counter.claim_effect()
    row = (await counter.rows(outbox))[0]
    assert (item.id, item.kind, item.speaker) == (row.id, EffectKind.SEND, Speaker.BOT)
    assert (item.address, item.address_id) == (claimed.message.address, claimed.lease.address_id)
    assert (item.conversation_id, item.turn_id) == (row.conversation_id, row.turn_id)
    assert (item.attempts, item.interrupted, item.expires_at, said(item)) == (1, False, expires, "您好")
    assert len(item.msgid.encode()) <= 32  # the platform's limit for a msgid


async def test_words_to_one_customer_leave_one_after_the_other(counter: Counter) -> None:
    await counter.decide(say("一"), say("二"), say("三"))
    heard = []
    for _ in range(3):
        item = await counter.claim_effect()
        assert await counter.effects.claim(counter.clock()) is None
        heard.append(said(item))
        await _end(counter, item)
    assert heard == ["一", "二", "三"]


async def test_words_to_another_customer_do_not_wait(counter: Counter) -> None:
    await counter.decide(say("给甲"), customer="amy", number=1)
    await counter.decide(say("给乙"), customer="bea", number=2)
    assert {said(await counter.claim_effect()), said(await counter.claim_effect())} == {"给甲", "给乙"}


async def test_a_postponed_one_holds_up_what_was_said_after_it(counter: Counter) -> None:
    await counter.decide(say("一"), say("二"))
    item = await counter.claim_effect()
    await counter.effects.postpone(item, counter.clock() + timedelta(seconds=4), error="timeout")
    assert await counter.effects.claim(counter.clock()) is None
    counter.clock.forward(4)
    again = await counter.claim_effect()
    assert (said(again), again.attempts, again.interrupted, again.msgid) == ("一", 2, False, item.msgid)


async def test_whatever_befalls_its_tries_each_carries_its_own_msgid_and_no_others(counter: Counter) -> None:
    """I13: so that whoever recognises it takes every repetition for what it is."""
    await counter.decide(say("一"), say("二"), PROFILE)
    named = {row.id: row.msgid for row in await counter.rows(outbox)}
    assert len(set(named.values())) == len(named) == 3
    tries: list[int] = []
    while (item := await counter.effects.claim(counter.clock())) is not None:
        assert item.msgid == named[item.id]
        tries.append(item.id)
        match item.attempts:
            case 1:  # the platform was busy
                await counter.effects.postpone(item, counter.clock(), error="errcode -1")
            case 2:  # the process died before the call
                counter.clock.forward(LEASE_S + 1)
            case 3:  # and another while it was under way
                await counter.effects.mark_started(item)
                counter.clock.forward(LEASE_S + 1)
            case _:
                await _end(counter, item)
    assert sorted(tries) == sorted([*named] * 4)


@pytest.mark.parametrize("state", ["sent", "dropped", "dead", "uncertain", "inline"])
async def test_whatever_ended_holds_up_nothing(counter: Counter, state: str) -> None:
    await counter.decide(say("一"), say("二"))
    await _end(counter, await counter.claim_effect(), state)
    assert said(await counter.claim_effect()) == "二"


async def test_what_needs_no_order_is_not_blocked_and_blocks_nothing(counter: Counter) -> None:
    await counter.decide(PROFILE, say("一"), PROFILE)
    kinds = [(await counter.claim_effect()).kind for _ in range(3)]
    assert kinds == [EffectKind.PROFILE, EffectKind.SEND, EffectKind.PROFILE]


async def test_what_may_leave_by_the_callback_is_not_delivered_here(counter: Counter) -> None:
    claimed = await counter.decide(say("被动", inline=True))
    row = (await counter.rows(outbox))[0]
    assert (row.state, row.inline_inbox_id) == ("inline", claimed.inbox_id)
    assert await counter.effects.claim(counter.clock()) is None


async def test_a_delayed_one_is_due_later(counter: Counter) -> None:
    await counter.decide(say("稍后", delay_s=3))
    assert await counter.effects.claim(counter.clock()) is None
    counter.clock.forward(3)
    assert said(await counter.claim_effect()) == "稍后"


async def test_an_effect_may_go_to_another_address(counter: Counter) -> None:
    amy = await counter.decide(customer="amy", number=1)
    bea = await counter.decide(say("告诉甲", address_id=amy.lease.address_id), customer="bea", number=2)
    item = await counter.claim_effect()
    assert item.address_id == amy.lease.address_id != bea.lease.address_id
    assert item.address.customer == "amy"


async def test_a_claim_that_died_is_taken_over_and_the_first_can_settle_nothing(counter: Counter) -> None:
    await counter.decide(say("一"))
    dead = await counter.claim_effect()
    counter.clock.forward(LEASE_S + 0.001)
    heir = await counter.claim_effect()
    assert (heir.id, heir.attempts, heir.interrupted) == (dead.id, 2, False)
    with pytest.raises(StaleLease):
        await _end(counter, dead)
    with pytest.raises(StaleLease):
        await counter.effects.postpone(dead, NOON, error="late")
    with pytest.raises(StaleLease):
        await counter.effects.mark_started(dead)
    await _end(counter, heir)
    with pytest.raises(StaleLease):
        await _end(counter, heir)  # settled once


async def test_a_try_that_had_begun_when_its_lease_ran_out_is_known_as_interrupted(counter: Counter) -> None:
    await counter.decide(say("一"))
    await counter.effects.mark_started(await counter.claim_effect())
    counter.clock.forward(LEASE_S + 0.001)
    assert (await counter.claim_effect()).interrupted


async def test_a_try_that_ended_and_was_postponed_is_not_interrupted(counter: Counter) -> None:
    await counter.decide(say("一"))
    item = await counter.claim_effect()
    await counter.effects.mark_started(item)
    await counter.effects.postpone(item, counter.clock(), error="refused")
    assert not (await counter.claim_effect()).interrupted


async def test_the_budget_is_never_overspent(counter: Counter) -> None:
    await counter.decide(say("一"))
    item = await counter.claim_effect()
    await _allow(counter, 5)
    answers = await asyncio.gather(*(counter.effects.spend(item, counter.clock(), starts=False) for _ in range(20)))
    assert answers.count(None) == 5
    assert {left.sends_left for left in answers if left is not None} == {0}
    assert [row.sends_left for row in await counter.rows(addresses)] == [0]


async def test_a_window_that_closed_allows_nothing(counter: Counter) -> None:
    await counter.decide(say("一"))
    item = await counter.claim_effect()
    await _allow(counter, 5, seconds=60)
    end = counter.clock.forward(60)
    assert await counter.effects.spend(item, end, starts=False) == Budget(sends_left=5, ends_at=end)
    async with counter.engine.begin() as connection:
        await connection.execute(update(addresses).values(window_ends_at=None))
    assert await counter.effects.spend(item, end, starts=False) == Budget(sends_left=5, ends_at=None)


async def test_many_deliverers_claim_each_effect_once(counter: Counter) -> None:
    for number in range(6):
        await counter.decide(say("一"), say("二"), PROFILE, customer=f"c{number}", number=number)
    claims: list[int] = []

    async def deliver() -> bool:
        item = await counter.effects.claim(counter.clock())
        if item is not None:
            claims.append(item.id)
            await _end(counter, item)
        return item is not None

    async def work() -> None:
        while await deliver():
            pass

    await asyncio.gather(*(work() for _ in range(8)))
    await work()  # what was blocked while the others looked
    assert sorted(claims) == [row.id for row in await counter.rows(outbox)]
    assert len(claims) == 18


async def test_no_effects_write_nothing(counter: Counter) -> None:
    async with counter.engine.begin() as connection:
        await add_effects(connection, [], address_id=1, conversation_id=None, turn_id=None, now=NOON)
    assert await counter.count(outbox) == 0
