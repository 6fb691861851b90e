"""Is anything lost or said twice when the process dies at the worst moment? A real one, by kill -9, at every point."""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import func, select

from bot.store.tables import inbox, outbox, turns
from tests.faults.conftest import Open
from tests.faults.installation import DEATH_S, KF, LEASE_S, SHOP, Installation
from tests.packs import FEE, INVOICE, RETURN, SHIPPING

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]  # two processes, one after the other

BEFORE, DURING = (("多久发货", SHIPPING), ("运费多少", FEE)), (("怎么退货", RETURN), ("怎么开发票", INVOICE))
# The first reading of 微信客服 at start passes the points of a page once.
KILLS = [
    *((point, 1, place) for place in (SHOP, KF) for point in (
        "before_accept", "after_accept", "claimed", "before_turn_commit", "after_turn_commit",
        "effect_claimed", "before_send", "after_send", "effect_settled")),
    ("before_page_commit", 2, KF), ("after_page_commit", 2, KF),
]  # fmt: skip
ON_POSTGRES = [("after_page_commit", 2, KF), ("before_turn_commit", 1, SHOP), ("after_send", 1, KF)]
CASES = [
    *(pytest.param("sqlite", *kill, id=f"sqlite-{kill[0]}-{kill[2][:4]}") for kill in KILLS),
    *(pytest.param("postgresql", *kill, id=f"postgresql-{kill[0]}-{kill[2][:4]}") for kill in ON_POSTGRES),
]


@pytest.mark.parametrize(("blank_database_url", "point", "nth", "place"), CASES, indirect=["blank_database_url"])
async def test_a_death_loses_nothing_and_says_nothing_twice(opened: Open, point: str, nth: int, place: str) -> None:
    shop = await opened(lease_s=LEASE_S, customers=("mei",))
    doomed = await shop.start(point, nth)
    await shop.until_reached(doomed, "after_page_commit")
    for question, _ in BEFORE:
        shop.writes("mei", place, question)
    assert await doomed.ends(DEATH_S) == -signal.SIGKILL
    await shop.leases_lapse()
    for question, _ in DURING:  # she goes on writing, here and there, while nobody is at home
        for door in (SHOP, KF):
            shop.writes("mei", door, question)
    heir = await shop.start()
    shop.up.set()
    await shop.until(lambda: _rests(shop))
    await shop.platforms.settled()
    health = await shop.health()
    assert await heir.stop() == 0
    await _nothing_is_lost(shop)
    unsure = await _uncertain(shop)
    assert health["outbox"].get("uncertain", 0) == len(unsure)  # what nobody can know is shown to a person
    assert len(unsure) in _interrupted(point, place)
    for door in (SHOP, KF):
        expected = [answer for _, answer in ((*BEFORE, *DURING) if door == place else DURING)]
        seen = shop.seen("mei", door)
        if door == KF:
            assert seen == expected
        else:  # callbacks that come again come in any order
            unseen = [answer for answer in expected if answer not in seen]
            assert sorted(seen) == sorted(set(expected) - set(unseen))
            assert set(unseen) <= set(unsure)
            assert point != "after_send" or not unseen
            assert point != "before_send" or unseen == unsure


def _interrupted(point: str, place: str) -> set[int]:
    """How many sends may have been under way that the platform would not recognise if they came again."""
    if place == KF:
        return {0}
    if point in {"before_send", "after_send"}:
        return {1}
    return {0, 1} if point in {"effect_claimed", "effect_settled"} else {0}  # another effect's; a send ran beside it


async def _rests(shop: Installation) -> bool:
    """Whether all that was written has its turn, and nothing waits to leave."""
    asked = 2 * len(DURING) + len(BEFORE)
    done = await shop.rows(select(func.count()).select_from(turns))
    waiting = await shop.rows(select(func.count()).select_from(outbox).where(outbox.c.state == "pending"))
    return bool(done[0][0] >= asked and waiting[0][0] == 0)


async def _nothing_is_lost(shop: Installation) -> None:
    """Every message has one turn, and nothing is left to do."""
    found = await shop.rows(
        select(inbox.c.state, func.count(turns.c.id))
        .outerjoin(turns, turns.c.inbox_id == inbox.c.id)
        .group_by(inbox.c.id)
    )
    assert [tuple(row) for row in found] == [("done", 1)] * (2 * len(DURING) + len(BEFORE))
    ended = {row.state for row in await shop.rows(select(outbox.c.state).distinct())}
    assert ended <= {"sent", "uncertain"}


async def _uncertain(shop: Installation) -> list[str]:
    rows = await shop.rows(select(outbox.c.payload).where(outbox.c.state == "uncertain"))
    return [row.payload["content"]["text"] for row in rows]
