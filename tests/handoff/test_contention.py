"""Who wins when many grab at once? Exactly one, and nobody above her capacity."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import conversations
from handoff import AgentStatus, Claimed, Offered, Refused, Ticket
from tests.handoff.policies import sample_policy
from tests.handoff.shop import TABLES, Shop, snapshot

CONVERSATIONS = 20
TASKS = 8
AGENTS = ("chenjing", "limei", "wangfang")
CAPACITY = {agent.id: agent.capacity for agent in sample_policy().agents}


async def test_claims_in_parallel_give_one_owner_each_and_respect_capacity(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(CONVERSATIONS)
    for number in range(1, CONVERSATIONS + 1):
        await shop.open(number)

    async def grab(task: int) -> list[Claimed]:
        """Go through the queue in an order of one's own, each time for one of the agents."""
        order = list(range(1, CONVERSATIONS + 1))
        chance = random.Random(task)
        chance.shuffle(order)
        won = []
        for number in order:
            async with engine.begin() as connection:
                claimed = await shop.desk.claim(
                    connection, number, 2, expected_team="aftersale", agent_id=chance.choice(AGENTS), cause="race"
                )
            if isinstance(claimed, Claimed):
                won.append(claimed)
        return won

    won = [claimed for wins in await asyncio.gather(*map(grab, range(TASKS))) for claimed in wins]

    owners = Counter(claimed.ticket.agent for claimed in won)
    assert len({claimed.ticket.conversation_id for claimed in won}) == len(won)
    # All room there is was given away (chenjing is not in the team), and no more than that.
    assert owners == {"limei": CAPACITY["limei"], "wangfang": CAPACITY["wangfang"]}
    async with engine.connect() as connection:
        assert {one.id: one.active for one in await shop.desk.agents(connection)} == {"chenjing": 0, **owners}
        c = conversations.c
        owned = await connection.execute(
            select(c.agent, func.count().label("number")).where(c.owner == "agent").group_by(c.agent)
        )
        assert {row.agent: row.number for row in owned} == owners


async def test_the_same_conversation_handed_over_many_times_at_once_has_one_ticket(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(1)

    async def hand_over() -> Ticket | Refused:
        async with engine.begin() as connection:
            return await shop.desk.open_ticket(connection, shop.new_ticket(1))

    tickets = await asyncio.gather(*(hand_over() for _ in range(TASKS)))
    assert len(set(map(repr, tickets))) == 1
    async with engine.connect() as connection:
        count = await connection.execute(select(func.count()).select_from(TABLES.tickets))
        assert count.scalar_one() == 1


async def test_moving_back_and_forth_in_parallel_keeps_the_books(engine: AsyncEngine) -> None:
    """Claims, take-overs, releases and servicer facts on few conversations: loads still add up."""
    shop = Shop(engine)
    await shop.open_doors(3)
    for number in (1, 2, 3):
        await shop.open(number)

    async def meddle(task: int) -> None:
        chance = random.Random(task)
        for _ in range(15):
            number, agent = chance.randint(1, 3), chance.choice(AGENTS)
            stands = await shop.conversation(number)
            version = int(str(stands["version"]))
            async with engine.begin() as connection:
                match chance.randint(0, 2):
                    case 0:
                        await shop.desk.claim(
                            connection, number, version,
                            expected_team=None, agent_id=agent, cause="race", supervisor=True,
                        )  # fmt: skip
                    case 1:
                        await shop.desk.release(connection, number, version, agent_id=agent)
                    case _:
                        await shop.desk.take_over_by_servicer(connection, number, agent, team="aftersale")

    await asyncio.gather(*map(meddle, range(TASKS)))
    standing = [await shop.conversation(number) for number in (1, 2, 3)]
    owned = Counter(row["agent"] for row in standing if row["agent"] is not None)
    async with engine.connect() as connection:
        assert {one.id: one.active for one in await shop.desk.agents(connection) if one.active} == owned
        for row in standing:
            log = await shop.desk.assignments(connection, int(str(row["id"])))
            assert [entry.version for entry in log] == list(range(2, int(str(row["version"])) + 1))


async def test_offers_claims_refusals_and_silence_in_parallel_keep_the_books(engine: AsyncEngine) -> None:
    """Many dispatchers at once beside agents who accept, decline, grab, come and go: no deadlock, and all adds up."""
    shop = Shop(engine)
    await shop.open_doors(CONVERSATIONS)
    for number in range(1, CONVERSATIONS + 1):
        await shop.open(number)
    made: list[Offered] = []

    async def tend() -> None:
        async with engine.begin() as connection:
            made.extend(each for each in await shop.desk.offer_waiting(connection) if isinstance(each, Offered))
        async with engine.begin() as connection:
            await shop.desk.expire_offers(connection)

    async def answer(chance: random.Random) -> None:
        number, agent = chance.randint(1, CONVERSATIONS), chance.choice(AGENTS)
        version = int(str((await shop.conversation(number))["version"]))
        async with engine.begin() as connection:
            match chance.randint(0, 4):
                case 0:
                    await shop.desk.decline(connection, number, agent_id=agent)
                case 1 | 2:
                    await shop.desk.claim(connection, number, version, expected_team=None, agent_id=agent, cause="race")
                case 3:
                    await shop.desk.release(connection, number, version, agent_id=agent)
                case _:
                    status = chance.choice((AgentStatus.READY, AgentStatus.READY, AgentStatus.AWAY))
                    await shop.desk.set_status(connection, agent, status, by=agent)

    async def meddle(task: int) -> None:
        chance = random.Random(task)
        for _ in range(12):
            shop.clock.forward(chance.choice((0, 7)))
            await (tend() if chance.random() < 0.4 else answer(chance))

    await asyncio.gather(*map(meddle, range(TASKS)))
    assert made
    rows = await snapshot(engine)
    open_offers = [offer for offer in rows["offers"] if offer["state"] == "open"]
    assert len({offer["conversation_id"] for offer in open_offers}) == len(open_offers)
    standing = {row["id"]: row for row in rows["conversations"]}
    assert all(standing[offer["conversation_id"]]["owner"] == "queue" for offer in open_offers)
    owned = Counter(row["agent"] for row in rows["conversations"] if row["agent"] is not None)
    offered = Counter(offer["agent"] for offer in open_offers)
    for agent in rows["agents"]:
        assert (agent["active"], agent["offered"]) == (owned[agent["id"]], offered[agent["id"]])
        assert agent["active"] + agent["offered"] <= CAPACITY[str(agent["id"])]


async def test_dispatchers_side_by_side_lose_no_room_and_offer_nothing_twice(engine: AsyncEngine) -> None:
    shop = Shop(engine)
    await shop.open_doors(CONVERSATIONS)
    for number in range(1, CONVERSATIONS + 1):
        await shop.open(number)

    async def tend() -> list[Offered]:
        async with engine.begin() as connection:
            return [each for each in await shop.desk.offer_waiting(connection) if isinstance(each, Offered)]

    made = [each.offer for offers in await asyncio.gather(*(tend() for _ in range(TASKS))) for each in offers]
    assert Counter(offer.agent for offer in made) == {"limei": CAPACITY["limei"], "wangfang": CAPACITY["wangfang"]}
    assert sorted(offer.conversation_id for offer in made) == [1, 2, 3, 4]  # those who wait longest
