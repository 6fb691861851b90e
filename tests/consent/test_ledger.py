"""Is what people say kept once, without their names, and does it decide what may be done?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.consent import Consent, ConsentFact, Consents, Gate, Party, Provenance
from bot.archive_settings import ConsentSettings
from bot.bootstrap import ARCHIVE_TABLES, open_archive
from bot.consenting import build_consents
from tests.archive_keys import TEST_RING
from tests.store.counter import NOON, Clock

TABLES = ARCHIVE_TABLES.consent
AMY = Party("corp", "wmAmy", "lina", Provenance.ARCHIVE)
BOB = Party("corp", "wmBob", "lina", Provenance.ARCHIVE)
SERVED = Party("corp", "wmAmy", "", Provenance.SERVICE)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def consents(engine: AsyncEngine, clock: Clock) -> Consents:
    del engine
    return build_consents(TABLES, open_archive(TEST_RING, clock).vault, ConsentSettings(), clock)


def fact(status: Consent, hours: float = 0, *, party: Party = AMY, source: str = "poll") -> ConsentFact:
    return ConsentFact(party.account, party.customer, party.counterpart, status, NOON + timedelta(hours=hours), source)


async def test_facts_are_kept_once_and_hold_by_when_they_were_said(engine: AsyncEngine, consents: Consents) -> None:
    later, earlier = fact(Consent.AGREE, 2), fact(Consent.DISAGREE, 1)
    async with engine.begin() as connection:
        assert await consents.record(connection, [later, earlier, later]) == 2
        assert await consents.record(connection, [earlier]) == 0
        assert await consents.standing(connection, [AMY, BOB]) == {AMY: Consent.AGREE, BOB: None}
        at = NOON + timedelta(hours=1.5)
        assert await consents.standing(connection, [AMY], at) == {AMY: Consent.DISAGREE}
        assert [row.status for row in await consents.history(connection, "corp", "wmAmy")] == ["Disagree", "Agree"]
        assert await consents.purges.lag(connection) == (0, 0.0)  # a refusal that holds no more purges nothing


async def test_the_ledger_names_nobody(engine: AsyncEngine, consents: Consents) -> None:
    async with engine.begin() as connection:
        await consents.record(connection, [fact(Consent.AGREE)])
        rows = (await connection.execute(text("SELECT * FROM archive_consents"))).all()
    assert len(rows) == 1
    assert "wmAmy" not in repr(rows)


async def test_gates_in_one_question(engine: AsyncEngine, consents: Consents) -> None:
    async with engine.begin() as connection:
        assert await consents.may(connection, Gate.STORE, [AMY, SERVED]) == {AMY, SERVED}  # nobody said anything
        await consents.record(connection, [fact(Consent.DISAGREE), fact(Consent.AGREE, party=BOB)])
        assert await consents.may(connection, Gate.STORE, [AMY, BOB, SERVED]) == {BOB, SERVED}
        assert await consents.may(connection, Gate.ANALYSE, [AMY, BOB, SERVED]) == {BOB, SERVED}
        assert await consents.may(connection, Gate.TRAIN, [AMY, BOB, SERVED]) == {BOB}


async def test_a_withdrawal_is_towards_everybody_until_she_agrees_anew(engine: AsyncEngine, consents: Consents) -> None:
    async with engine.begin() as connection:
        await consents.record(connection, [fact(Consent.AGREE), fact(Consent.WITHDRAWN, 1, party=SERVED)])
        await consents.record(connection, [fact(Consent.DEFAULT_AGREE, 2)])
        assert await consents.may(connection, Gate.STORE, [AMY, SERVED]) == set()
        assert await consents.withdrawn(connection, [("corp", "wmAmy"), ("corp", "wmBob")]) == [("corp", "wmAmy")]
        await consents.record(connection, [fact(Consent.AGREE, 3)])
        assert await consents.may(connection, Gate.STORE, [AMY, SERVED]) == {AMY}


async def test_a_refusal_orders_one_purge(engine: AsyncEngine, consents: Consents) -> None:
    async with engine.begin() as connection:
        await consents.record(connection, [fact(Consent.AGREE)])
        await consents.record(connection, [fact(Consent.DISAGREE, 1), fact(Consent.DISAGREE, 2)])
        rows = (await connection.execute(select(TABLES.purges))).all()
    assert [(row.why, row.state, row.customer, row.counterpart) for row in rows] == [
        ("disagree", "due", "wmAmy", "lina")
    ]


async def test_whom_to_ask_and_how_often(engine: AsyncEngine, consents: Consents, clock: Clock) -> None:
    async def note() -> None:
        async with engine.begin() as connection:
            await consents.asks.note(connection, [AMY, BOB, SERVED])

    async def claim() -> list[str]:
        async with engine.begin() as connection:
            found = await consents.asks.claim(connection, limit=100)
            if found is None:
                return []
            await consents.asks.finish(connection, found)
            return [customer for customer, _ in found.pairs]

    await note()  # they begin to talk
    assert await claim() == ["wmAmy", "wmBob"]
    assert await claim() == []
    clock.forward(60)
    await note()
    assert await claim() == []  # asked a minute ago
    clock.forward(600)
    await note()
    assert await claim() == []
    clock.forward(1_799)
    await note()
    clock.forward(1_800)
    assert await claim() == ["wmAmy", "wmBob"]  # an hour ago, and they have been talking since
    clock.forward(1_801)
    await note()
    assert await claim() == ["wmAmy", "wmBob"]  # after a silence: a conversation begins


async def test_a_group_is_asked_about_as_a_whole(engine: AsyncEngine, consents: Consents) -> None:
    group = [Party("corp", who, "wrGroup", Provenance.ARCHIVE, is_group=True) for who in ("wmAmy", "wmBob", "")]
    async with engine.begin() as connection:
        await consents.asks.note(connection, [*group, AMY])
        claims = [await consents.asks.claim(connection, limit=100) for _ in range(3)]
    assert sorted((each.room, each.pairs) for each in claims if each) == [
        ("", (("wmAmy", "lina"),)),
        ("wrGroup", (("", "wrGroup"),)),
    ]


async def test_asking_that_dies_goes_on_and_failure_shows(
    engine: AsyncEngine, consents: Consents, clock: Clock
) -> None:
    async with engine.begin() as connection:
        await consents.asks.note(connection, [AMY])
        first = await consents.asks.claim(connection, limit=100)
        assert first is not None
        assert await consents.asks.claim(connection, limit=100) is None
        clock.forward(61)
        second = await consents.asks.claim(connection, limit=100)
        assert second is not None
        await consents.asks.finish(connection, first)  # too late: it is not hers any more
        assert await consents.asks.lag(connection) == (1, 61.0)
        await consents.asks.postpone(connection, second, clock() + timedelta(seconds=30), "Unreachable")
        assert await consents.asks.lag(connection) == (0, 0.0)
