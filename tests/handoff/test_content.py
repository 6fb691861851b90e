"""How do teams and agents come in from the pack, and how do they leave?"""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import AgentStatus, parse_policy
from tests.handoff.policies import POLICY_YAML, policy_data
from tests.handoff.shop import Shop, snapshot

CHENJING = "  - {id: chenjing, name: 陈静, teams: [presale], capacity: 2}\n"


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    shop = Shop(engine)
    await shop.open_doors(customers=2)
    return shop


async def _apply(shop: Shop, text: str) -> None:
    async with shop.engine.begin() as connection:
        await shop.desk.apply_policy(connection, parse_policy(policy_data(text)))


async def test_applying_again_changes_nothing(shop: Shop) -> None:
    await shop.assign(1, "limei")
    before = await snapshot(shop.engine)
    await _apply(shop, POLICY_YAML)
    assert await snapshot(shop.engine) == before


async def test_names_and_capacities_follow_the_pack_while_load_and_status_stay(shop: Shop) -> None:
    await shop.assign(1, "limei")
    await _apply(
        shop,
        POLICY_YAML.replace(
            "李梅, teams: [presale, aftersale], capacity: 1", "李小梅, teams: [aftersale], capacity: 9"
        ),
    )
    async with shop.engine.connect() as connection:
        limei = next(one for one in await shop.desk.agents(connection) if one.id == "limei")
    assert (limei.name, limei.capacity, limei.active, limei.status, limei.teams) == (
        "李小梅", 9, 1, AgentStatus.READY, ("aftersale",),
    )  # fmt: skip


async def test_an_agent_the_pack_no_longer_names_goes_off(shop: Shop) -> None:
    await _apply(shop, POLICY_YAML.replace(CHENJING, ""))
    async with shop.engine.connect() as connection:
        chenjing = next(one for one in await shop.desk.agents(connection) if one.id == "chenjing")
    assert (chenjing.status, chenjing.teams) == (AgentStatus.OFF, ())


async def test_a_membership_under_which_somebody_serves_stays_until_she_is_done(shop: Shop) -> None:
    await shop.assign(1, "limei")  # in aftersale
    smaller = POLICY_YAML.replace("teams: [presale, aftersale], capacity: 1", "teams: [presale], capacity: 1")

    async def teams() -> tuple[str, ...]:
        await _apply(shop, smaller)
        async with shop.engine.connect() as connection:
            return next(one.teams for one in await shop.desk.agents(connection) if one.id == "limei")

    assert await teams() == ("aftersale", "presale")
    async with shop.engine.begin() as connection:
        await shop.desk.close(connection, 1, 3, by="limei", outcome="solved")
    assert await teams() == ("presale",)
