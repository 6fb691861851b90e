"""Does the log say of every colleague what really spoke against her, and is an offer made meanwhile seen?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import create_store_engine
from bot.store.tables import conversations
from handoff import AgentStatus, Claimed, Offered, Refusal, Refused
from tests.databases import empty
from tests.handoff.policies import sample_policy
from tests.handoff.shop import START, TABLES, Shop, snapshot

CHANNEL = "wecom_kf"
MOMENTS = st.sampled_from([None, *(START + timedelta(seconds=seconds) for seconds in (-1, 0, 1))])
COLLEAGUES = st.lists(
    st.fixed_dictionaries(
        {
            "capacity": st.integers(0, 3),
            "status": st.sampled_from([status.value for status in AgentStatus]),
            "status_until": MOMENTS,
            "lease_until": MOMENTS,
            "active": st.integers(0, 3),
            "offered": st.integers(0, 2),
            "skills": st.sampled_from([None, ["refund"], ["english"], ["english", "refund"]]),
            "limit": st.none() | st.tuples(st.integers(0, 2), st.integers(0, 2)),
            "member": st.booleans(),
        }
    ),
    max_size=6,
)
NEEDED = st.sampled_from([(), ("refund",), ("english", "refund")])


def test_the_log_says_of_each_colleague_what_spoke_against_her(database_url: str) -> None:
    """`AgentLoad.obstacle` is the word; the log's is worked out in SQL."""

    engine = create_store_engine(database_url, 2)
    with asyncio.Runner() as runner:

        @settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
        @given(COLLEAGUES, NEEDED)
        def check(colleagues: list[dict[str, object]], needed: tuple[str, ...]) -> None:
            runner.run(_claim_among(engine, colleagues, needed))

        try:
            check()
        finally:
            runner.run(engine.dispose())


async def _claim_among(engine: AsyncEngine, colleagues: list[dict[str, object]], needed: tuple[str, ...]) -> None:
    await empty(engine)
    shop = Shop(engine)
    await shop.open_doors(1)
    ticket = await shop.open(1)
    async with engine.begin() as connection:
        skills = list(needed)
        if needed:
            await connection.execute(update(TABLES.tickets).values(skills=skills))
            await connection.execute(
                update(TABLES.agents).where(TABLES.agents.c.id == "wangfang").values(skills=skills)
            )
        for number, given_row in enumerate(colleagues):
            row = {"id": f"x{number}", "name": "x", **given_row}
            limit, member = row.pop("limit"), row.pop("member")
            row = {name: value for name, value in row.items() if value is not None}
            await connection.execute(insert(TABLES.agents).values(row))
            if member:
                await connection.execute(insert(TABLES.agent_teams).values(agent_id=row["id"], team_id="aftersale"))
            if isinstance(limit, tuple):
                values = {"channel": CHANNEL, "active": limit[0], "capacity": limit[1]}
                await connection.execute(insert(TABLES.agent_channels).values(agent_id=row["id"], **values))
        before = await shop.desk.agents(connection)
        claimed = await shop.desk.claim(
            connection, 1, 2, expected_team="aftersale", agent_id="wangfang", cause="card_click"
        )
        assert isinstance(claimed, Claimed)
        entry = (await shop.desk.assignments(connection, 1))[-1]
    members = [each for each in before if ticket.team in each.teams]
    why = {
        each.id: each.obstacle(team=ticket.team, channel=CHANNEL, skills=needed, now=shop.clock()) for each in members
    }
    assert entry.candidates == tuple(sorted(agent for agent, refusal in why.items() if refusal is None))
    assert entry.exclusions == {agent: refusal.value for agent, refusal in why.items() if refusal is not None}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite's writers come one after the other
async def test_an_offer_made_while_a_claim_waits_for_the_conversation_is_not_passed_over(engine: AsyncEngine) -> None:
    """She is no member of the team, so the dispatcher does not hold her row: the claim waits for the conversation's."""
    policy = sample_policy()
    called = replace(policy.teams[1], supervisors=("chenjing",))
    shop = Shop(engine, policy=replace(policy, teams=(policy.teams[0], called)))
    await shop.open_doors(1)
    await shop.open(1)

    async def claim(version: int) -> Claimed | Refused:
        async with engine.begin() as connection:
            return await shop.desk.claim(
                connection, 1, version, expected_team=None, agent_id="chenjing", cause="card_click"
            )

    async with engine.begin() as dispatching:
        (offered,) = await shop.desk.offer_waiting(dispatching)
        assert isinstance(offered, Offered)
        claiming = asyncio.create_task(claim(2))
        async with engine.connect() as watching:
            while not (await watching.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one():
                assert not claiming.done()
        before = await snapshot(engine)
    refused = await claiming
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.VERSION_CHANGED
    after = await snapshot(engine)
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert changed == {"offers", "agents", "ticket_events"}  # the dispatcher's, nothing of the claim's
    assert {row["id"]: (row["active"], row["offered"]) for row in after["agents"]} == {
        "chenjing": (0, 0), "limei": (0, 1), "wangfang": (0, 0),
    }  # fmt: skip
    claimed = await claim(2)
    assert isinstance(claimed, Claimed)
    assert claimed.offer is not None
    assert (claimed.offer.id, claimed.offer.state.value) == (offered.offer.id, "withdrawn")
    async with engine.connect() as connection:
        row = (await connection.execute(select(conversations.c.owner, conversations.c.agent))).one()
    assert tuple(row) == ("agent", "chenjing")
