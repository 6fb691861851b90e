"""Is the region of a session that of its ticket, and else the one of her profile?"""

from __future__ import annotations

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from archive.analysis import DueSession
from bot.bootstrap import HANDOFF_TABLES
from bot.store.served import facts_of
from bot.store.tables import customers
from tests.console.desk import Shopfront


def session(number: int, customer: str, conversation_id: int | None, front: Shopfront) -> DueSession:
    return DueSession(number, 1, "shop", customer, "", conversation_id, front.clock())


async def test_a_session_comes_from_where_its_ticket_or_her_profile_says(engine: AsyncEngine) -> None:
    front = Shopfront(engine)
    async with engine.begin() as connection:
        await front.desk.apply_policy(connection, front.shop.policy)
    ticket = await front.hand_over(1)
    tickets = HANDOFF_TABLES.tickets
    home = {"account": "shop", "channel": "official_account", "created_at": front.clock()}
    async with engine.begin() as connection:
        await connection.execute(update(tickets).where(tickets.c.id == ticket.id).values(region="广东省/深圳市/南山区"))
        for customer in ("customer-1", "customer-2"):
            profile = {"province": "浙江", "city": "杭州"}
            await connection.execute(insert(customers).values(customer=customer, profile=profile, **home))
        asked = [
            session(1, "customer-1", 1, front),
            session(2, "customer-2", None, front),
            session(3, "customer-3", None, front),
        ]
        found = await facts_of(connection, asked, tickets=tickets, stage_of=str)
    assert {each: facts.region for each, facts in found.items()} == {1: "/广东/深圳/南山/", 2: "/浙江/杭州/", 3: ""}
