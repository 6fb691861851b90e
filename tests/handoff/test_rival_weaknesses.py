"""Do we have the weaknesses of the rival's queue? Their numbers are told in tests/journeys/test_rival_weaknesses.py.

1 a load that is counted, not guarded · 3 a position that is written down once · 4 a queue guarded in one process
only · 4b a wake-up lost while the queue is looked at · 5 one ticket nobody can take blocks those behind it ·
6 waiting ends without a word.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import AgentStatus, Claimed, Escalated, Offered, Ticket, ToAgent
from tests.handoff.policies import sample_policy
from tests.handoff.shop import Shop

HERS = "limei"  # in both teams, one conversation at a time
OTHERS = ("chenjing", "wangfang")


async def alone(shop: Shop, *agents: str) -> None:
    """Only these agents are ready."""
    async with shop.engine.begin() as connection:
        for agent in sample_policy().agents:
            status = AgentStatus.READY if agent.id in agents else AgentStatus.BUSY
            await shop.desk.set_status(connection, agent.id, status, by=agent.id)


async def offers(shop: Shop) -> list[Offered | Escalated]:
    async with shop.engine.begin() as connection:
        return list(await shop.desk.offer_waiting(connection))


async def offered(shop: Shop) -> list[Offered]:
    return [each for each in await offers(shop) if isinstance(each, Offered)]


async def test_1_transfers_side_by_side_never_exceed_a_capacity(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(6)
    for number in range(1, 7):
        await shop.open(number)

    async def transfer(number: int) -> object:
        async with engine.begin() as connection:
            return await shop.desk.transfer(connection, number, 2, to=ToAgent(HERS, "aftersale"), by="wangfang")

    moved = await asyncio.gather(*map(transfer, range(1, 7)))
    assert len([each for each in moved if isinstance(each, Claimed)]) == 1
    assert await shop.active(HERS) == 1


async def test_3_a_place_in_the_queue_is_what_it_is_now(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(4)
    tickets = []
    for number in (1, 2, 3):
        tickets.append(await shop.open(number))
        shop.clock.forward(1)

    async def places(*asked: Ticket) -> list[int]:
        async with engine.connect() as connection:
            found = [await shop.desk.place_in_queue(connection, each.id) for each in asked]
        return [each.position for each in found if each is not None]

    assert await places(*tickets) == [1, 2, 3]
    async with engine.begin() as connection:
        assert isinstance(
            await shop.desk.claim(connection, 1, 2, expected_team=None, agent_id="wangfang", cause="test"), Claimed
        )
    assert await places(*tickets) == [1, 2]  # the first waits no more
    complaint = await shop.open(4, text="我要投诉")
    assert await places(complaint, *tickets[1:]) == [1, 2, 3]  # urgency counts


async def test_4_processes_that_offer_side_by_side_offer_each_ticket_once(engine: AsyncEngine) -> None:
    first, second = Shop(engine), Shop(engine)
    await first.open_doors(3)
    for number in (1, 2, 3):
        await first.open(number)
    made = [each for found in await asyncio.gather(*(offered(shop) for shop in (first, second) * 3)) for each in found]
    made += await offered(first)  # what was passed over because another looked at it
    assert sorted(each.ticket.conversation_id for each in made) == [1, 2, 3]


async def test_4_a_process_that_dies_while_offering_keeps_nothing_from_the_others(engine: AsyncEngine) -> None:
    shop, other = Shop(engine), Shop(engine)
    await shop.open_doors(1)
    await shop.open(1)
    async with engine.connect() as connection, connection.begin() as transaction:
        assert len(await shop.desk.offer_waiting(connection)) == 1
        await transaction.rollback()  # kill -9 before the commit
    assert len(await offered(other)) == 1


async def test_4b_who_becomes_free_gets_what_waits_at_the_next_look(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(2)
    await alone(shop, HERS)
    claimed = await shop.assign(1, HERS)
    await shop.open(2)
    assert await offered(shop) == []  # she is full
    async with engine.begin() as connection:
        await shop.desk.close(connection, 1, claimed.version, by=HERS, outcome="solved")
    assert [each.offer.agent for each in await offered(shop)] == [HERS]


async def test_5_a_ticket_that_nobody_can_take_blocks_nobody_behind_it(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(2)
    hard = shop.new_ticket(1)
    async with engine.begin() as connection:
        first = await shop.desk.open_ticket(
            connection, replace(hard, verdict=replace(hard.verdict, priority=1, skills=("日语",)))
        )
    assert isinstance(first, Ticket)
    second = await shop.open(2)
    assert [each.ticket.id for each in await offered(shop)] == [second.id]


async def test_6_who_waits_in_vain_is_brought_before_the_supervisor_and_goes_on_waiting(engine: AsyncEngine) -> None:
    policy = sample_policy()
    teams = tuple(replace(team, supervisors=("chenjing",)) for team in policy.teams)
    shop = Shop(engine, policy=replace(policy, teams=teams))
    await shop.open_doors(1)
    await shop.open(1)
    for _ in OTHERS:  # both of the team let it pass
        assert len(await offered(shop)) == 1
        shop.clock.forward(timedelta(seconds=policy.offers.accept_s + 1).total_seconds())
        async with engine.begin() as connection:
            await shop.desk.expire_offers(connection)
    called = [each for each in await offers(shop) if isinstance(each, Escalated)]
    assert [each.supervisors for each in called] == [("chenjing",)]
    assert (await shop.conversation(1))["owner"] == "queue"
    assert [each for each in await offers(shop) if isinstance(each, Escalated)] == []  # once
