"""Who wins when many grab at once? Exactly one, and nobody above her capacity."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.tables import conversations
from handoff import Claimed, Refused, Ticket
from tests.handoff.policies import sample_policy
from tests.handoff.shop import TABLES, Shop

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
