"""Does a process that is told to stop end in order, and do several share the work?"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.store.tables import inbox, outbox, turns
from tests.faults.conftest import Open
from tests.faults.installation import KF, LEASE_S, SHOP, Installation
from tests.packs import FEE, INVOICE, RETURN, SHIPPING

pytestmark = pytest.mark.faults

QUESTIONS = {
    "多久发货": SHIPPING, "运费多少": FEE, "怎么退货": RETURN, "怎么开发票": INVOICE, "下单后几天发出": SHIPPING,
}  # fmt: skip
CUSTOMERS = tuple(f"c{number}" for number in range(8))
on_sqlite = pytest.mark.parametrize("blank_database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("blank_database_url", ["postgresql"], indirect=True)


@on_sqlite
async def test_told_to_stop_it_ends_what_it_began_and_loses_nothing(opened: Open) -> None:
    shop = await opened(lease_s=LEASE_S, customers=CUSTOMERS)
    first = await shop.start()
    shop.up.set()
    for customer in CUSTOMERS:
        for place in (SHOP, KF):
            shop.writes(customer, place, "多久发货")
    await shop.until_reached(first, "before_send")
    assert await first.stop() == 0  # within END_S
    await shop.leases_lapse()
    second = await shop.start()
    await shop.until(lambda: _rests(shop, 2 * len(CUSTOMERS)))
    assert await second.stop() == 0
    for customer in CUSTOMERS:
        assert [shop.seen(customer, place) for place in (SHOP, KF)] == [[SHIPPING], [SHIPPING]]
    assert await _ends(shop) == {"sent"}


@on_postgres
async def test_two_workers_answer_each_message_once_and_in_order(opened: Open) -> None:
    shop = await opened(lease_s=LEASE_S, customers=CUSTOMERS)
    workers = [await shop.start(), await shop.start(config=shop.another_config())]
    shop.up.set()
    for question in QUESTIONS:
        for customer in CUSTOMERS:
            shop.writes(customer, KF, question)
    await shop.until(lambda: _rests(shop, len(QUESTIONS) * len(CUSTOMERS)))
    assert [await worker.stop() for worker in workers] == [0, 0]
    for customer in CUSTOMERS:
        assert shop.seen(customer, KF) == list(QUESTIONS.values())
    assert await _ends(shop) == {"sent"}
    shares = [worker.points["after_turn_commit"] for worker in workers]
    assert sum(shares) == len(QUESTIONS) * len(CUSTOMERS)
    assert min(shares) > 0


async def _rests(shop: Installation, messages: int) -> bool:
    done = await shop.rows(select(func.count()).select_from(turns))
    left = await shop.rows(select(func.count()).select_from(outbox).where(outbox.c.state == "pending"))
    return bool(done[0][0] >= messages and left[0][0] == 0)


async def _ends(shop: Installation) -> set[str]:
    """How the effects ended; every message has its turn."""
    assert {row.state for row in await shop.rows(select(inbox.c.state).distinct())} == {"done"}
    return {row.state for row in await shop.rows(select(outbox.c.state).distinct())}
