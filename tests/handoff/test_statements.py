"""Does an operation take as many statements for a big shop as for a small one?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handoff import Agent, AgentStatus, Desk, Offer, OfferState, Refused
from tests.databases import empty
from tests.handoff.policies import sample_policy
from tests.handoff.shop import Shop

Work = Callable[[Desk, AsyncConnection], Awaitable[object]]


@contextmanager
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Collects what is sent to the database (an executemany counts once)."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def shop_of(engine: AsyncEngine, agents: int, customers: int) -> Shop:
    await empty(engine)
    policy = sample_policy()
    people = [Agent(f"a{number:03}", "x", ("aftersale",), 5, channels={"wecom_kf": 4}) for number in range(agents)]
    shop = Shop(engine, policy=replace(policy, agents=(*policy.agents, *people)))
    await shop.open_doors(customers)
    for number in range(1, customers + 1):
        await shop.open(number)
    return shop


async def counted(shop: Shop, work: Work) -> int:
    with statements(shop.engine) as seen:
        async with shop.engine.begin() as connection:
            assert not isinstance(await work(shop.desk, connection), Refused)
    return len(seen)


async def open_offers(shop: Shop) -> list[Offer]:
    async with shop.engine.connect() as connection:
        tickets = await shop.desk.waiting(connection, None)
        offers = [offer for ticket in tickets for offer in await shop.desk.offers(connection, ticket.id)]
    return [offer for offer in offers if offer.state is OfferState.OPEN]


async def counts(engine: AsyncEngine, agents: int, customers: int) -> dict[str, int]:
    """How many statements each operation takes, in a shop of that size."""
    shop = await shop_of(engine, agents, customers)
    async with engine.connect() as connection:
        first = (await shop.desk.waiting(connection, None))[0].id
    found = {
        "place in queue": await counted(shop, lambda desk, c: desk.place_in_queue(c, first)),
        "next due": await counted(shop, lambda desk, c: desk.next_due(c)),
        "offers": await counted(shop, lambda desk, c: desk.offer_waiting(c)),
    }
    shop.clock.forward(60)
    found |= {
        "expired offers": await counted(shop, lambda desk, c: desk.expire_offers(c)),
        "offers again": await counted(shop, lambda desk, c: desk.offer_waiting(c)),
        "shifts": await counted(shop, lambda desk, c: desk.end_shifts(c)),
    }
    one, other, third = (await open_offers(shop))[:3]
    colleague = next(
        each.id for each in shop.policy.agents if each.id not in {one.agent, other.agent, "chenjing", "limei"}
    )
    found |= {
        "decline": await counted(shop, lambda desk, c: desk.decline(c, one.conversation_id, agent_id=one.agent)),
        "accept": await counted(shop, claim(other, other.agent)),
        "release": await counted(shop, lambda desk, c: desk.release(c, other.conversation_id, 3, agent_id=other.agent)),
        "claim": await counted(shop, claim(one, colleague)),
        "off": await counted(shop, lambda desk, c: desk.set_status(c, third.agent, AgentStatus.OFF, by="x")),
    }
    shop.clock.forward(60)
    return found | {"absences": await counted(shop, lambda desk, c: desk.absences(c))}


def claim(offer: Offer, agent: str) -> Work:
    return lambda desk, c: desk.claim(c, offer.conversation_id, 2, expected_team=None, agent_id=agent, cause="x")


async def test_operations_take_constantly_many_statements(engine: AsyncEngine) -> None:
    small, big = await counts(engine, agents=2, customers=3), await counts(engine, agents=40, customers=30)
    assert small == big
    assert big["offers"] <= 16
    assert big["claim"] <= 9
    assert big["accept"] <= 8
    assert big["release"] <= 7
