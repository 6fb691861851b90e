"""Does nothing get stuck in a queue? Overflow, teams that are no more, places and expected waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import Agent, AgentLoad, AgentStatus, Claimed, Offered, Overflow, Policy, Refused, TicketState, ToTeam
from handoff.queue_places import FEWEST, expected_wait_s
from tests.handoff.policies import sample_policy
from tests.handoff.shop import START, Shop, snapshot


def policy_with(overflow: Overflow | None = None) -> Policy:
    policy = sample_policy()
    return replace(policy, teams=(policy.teams[0], replace(policy.teams[1], overflow=overflow)))


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    shop = Shop(engine, policy=policy_with(Overflow("presale", 120)))
    await shop.open_doors(customers=8)
    return shop


async def overflow(shop: Shop) -> list[int]:
    async with shop.engine.begin() as connection:
        return [each.ticket.conversation_id for each in await shop.desk.overflow(connection)]


async def offer(shop: Shop) -> list[str]:
    async with shop.engine.begin() as connection:
        made = await shop.desk.offer_waiting(connection)
    return [each.offer.agent for each in made if isinstance(each, Offered)]


async def apply(shop: Shop, policy: Policy) -> None:
    shop.policy = policy
    async with shop.engine.begin() as connection:
        await shop.desk.apply_policy(connection, policy)


async def test_what_waits_too_long_goes_to_another_queue_and_may_be_offered_to_all_there(shop: Shop) -> None:
    ticket = await shop.open(1)
    shop.clock.forward(60)
    await shop.open(2)
    async with shop.engine.connect() as connection:
        assert await shop.desk.next_due(connection) == START + timedelta(seconds=120)
    shop.clock.forward(59)
    assert await overflow(shop) == []
    shop.clock.forward(1)
    assert await overflow(shop) == [1]
    assert await overflow(shop) == []
    async with shop.engine.connect() as connection:
        moved = await shop.desk.ticket(connection, ticket.id)
        event = (await shop.desk.events(connection, ticket.id))[-1]
    assert moved is not None
    assert (moved.team, moved.overflowed_at, moved.queued_at) == ("presale", shop.clock(), shop.clock())
    assert (event.kind, event.cause, event.by) == ("queued", "overflow", "system")
    assert (await shop.conversation(1))["team"] == "presale"
    assert await offer(shop) == ["chenjing", "limei"]


async def test_what_is_offered_stays_until_that_offer_ends(shop: Shop) -> None:
    await shop.open(1)
    await offer(shop)
    shop.clock.forward(120)
    assert await overflow(shop) == []
    async with shop.engine.begin() as connection:
        await shop.desk.expire_offers(connection)
    assert await overflow(shop) == [1]


async def test_a_team_that_is_no_more_leaves_no_ticket_behind(shop: Shop) -> None:
    await shop.open(1)
    async with shop.engine.begin() as connection:
        await shop.desk.transfer(connection, 1, 2, to=ToTeam("presale"), by="limei")
    assert await offer(shop) == ["chenjing"]
    await shop.open(2)
    async with shop.engine.begin() as connection:
        await shop.desk.transfer(connection, 2, 2, to=ToTeam("presale"), by="limei")
        claimed = await shop.desk.claim(connection, 2, 3, expected_team=None, agent_id="limei", cause="x")
    assert isinstance(claimed, Claimed)
    policy = sample_policy()
    await apply(
        shop,
        replace(
            policy,
            teams=policy.teams[1:],
            agents=tuple(replace(each, teams=("aftersale",)) for each in policy.agents if each.id != "chenjing"),
            rules=policy.rules[-1:],
        ),
    )
    stands = await shop.conversation(1)
    assert (stands["owner"], stands["team"]) == ("queue", "aftersale")
    rows = await snapshot(shop.engine)
    assert [(row["agent"], row["state"]) for row in rows["offers"]] == [("chenjing", "withdrawn")]
    chenjing = next(row for row in rows["agents"] if row["id"] == "chenjing")
    assert (chenjing["status"], chenjing["offered"], chenjing["active"]) == ("off", 0, 0)
    assert [row["id"] for row in rows["teams"]] == ["aftersale", "presale"]  # she still serves for it
    async with shop.engine.begin() as connection:  # and what she gives back does not wait for nobody
        await shop.desk.release(connection, 2, 4, agent_id="limei")
    assert await overflow(shop) == [2]
    assert (await shop.conversation(2))["team"] == "aftersale"
    await apply(shop, shop.policy)
    assert [row["id"] for row in (await snapshot(shop.engine))["teams"]] == ["aftersale"]


async def test_limits_of_channels_count_what_she_has_already(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    await shop.open(2)
    async with shop.engine.begin() as connection:
        await shop.desk.set_status(connection, "limei", AgentStatus.AWAY, by="limei")
    assert await offer(shop) == ["wangfang"]
    wangfang = Agent("wangfang", "王芳", ("aftersale",), 5, skills=("english",), channels={"wecom_kf": 3, "oa": 1})
    policy = policy_with()
    await apply(shop, replace(policy, agents=(*policy.agents[:2], wangfang)))
    async with shop.engine.connect() as connection:
        found = next(each for each in await shop.desk.agents(connection) if each.id == "wangfang")
    assert (found.skills, found.capacity, found.active, found.offered) == (("english",), 5, 1, 1)
    assert {name: (each.active, each.capacity) for name, each in found.channels.items()} == {
        "wecom_kf": (2, 3), "oa": (0, 1),
    }  # fmt: skip
    await apply(shop, policy)
    assert (await snapshot(shop.engine))["agent_channels"] == []


async def test_who_leaves_the_policy_gets_nothing_more_and_what_she_has_is_taken_from_her(shop: Shop) -> None:
    await shop.assign(1, "wangfang")
    policy = policy_with()
    await apply(shop, replace(policy, agents=policy.agents[:2]))
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        (absence,) = await shop.desk.absences(connection)
        moved = await shop.desk.relieve(connection, 1, 3, agent_id="wangfang", cause="absent")
    assert not isinstance(moved, Refused)
    assert (absence.agent.id, moved.ticket.state) == ("wangfang", TicketState.OPEN)
    assert await offer(shop) == ["limei"]


async def test_the_expected_wait_comes_from_what_conversations_took_lately(shop: Shop) -> None:
    async with shop.engine.begin() as connection:
        await shop.desk.set_status(connection, "limei", AgentStatus.AWAY, by="limei")
    for number in range(1, FEWEST + 1):
        await shop.assign(number, "wangfang")
        shop.clock.forward(300)
        async with shop.engine.begin() as connection:
            await shop.desk.return_to_bot(connection, number, 3, agent_id="wangfang", outcome="solved")
    for number in (1, 2, 3, 4):
        await shop.open(number, version=4)
    async with shop.engine.begin() as connection:
        for number in (1, 2, 3):
            await shop.desk.claim(connection, number, 5, expected_team=None, agent_id="wangfang", cause="x")
    for number in (5, 6):
        await shop.open(number, version=4 if number == 5 else 1)
    places = []
    async with shop.engine.connect() as connection:
        for ticket in await shop.desk.waiting(connection, "aftersale"):
            place = await shop.desk.place_in_queue(connection, ticket.id)
            assert place is not None
            places.append((place.position, place.expected_wait_s))
        assert await shop.desk.place_in_queue(connection, 99) is None
    assert places == [(1, 100), (2, 200), (3, 300)]  # three places at a time, 300 s each


def agent(active: int, capacity: int, status: AgentStatus = AgentStatus.READY) -> AgentLoad:
    return AgentLoad("a", "a", capacity, status, None, active, ("t",))


@given(
    ahead=st.integers(0, 50),
    active=st.integers(0, 8),
    capacity=st.integers(1, 8),
    handle=st.lists(st.floats(1, 3600), min_size=FEWEST, max_size=20),
)
def test_who_has_more_before_her_never_waits_less(ahead: int, active: int, capacity: int, handle: list[float]) -> None:
    members = [agent(active, capacity)]
    first, later = (expected_wait_s(each, members, handle, START) for each in (ahead, ahead + 1))
    assert first is not None
    assert later is not None
    assert 0 <= first <= later
    assert (first == 0) == (ahead < capacity - active)


def test_nothing_is_expected_of_too_little() -> None:
    assert expected_wait_s(0, [agent(1, 1)], [60.0] * (FEWEST - 1), START) is None
    assert expected_wait_s(0, [agent(1, 1, AgentStatus.AWAY)], [60.0] * FEWEST, START) is None
    assert expected_wait_s(0, [], [60.0] * FEWEST, START) is None


async def test_the_moment_of_a_lease_an_offer_and_an_absence_are_due(shop: Shop) -> None:
    async with shop.engine.connect() as connection:
        assert await shop.desk.next_due(connection) is None
    await shop.open(1)
    await offer(shop)
    async with shop.engine.connect() as connection:
        assert await shop.desk.next_due(connection) == START + timedelta(seconds=60)
