"""Is a waiting ticket offered to the right one, in time, and never again to whom it passed? On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import (
    Agent,
    AgentStatus,
    Claimed,
    Declined,
    Escalated,
    Offer,
    Offered,
    OfferPolicy,
    OfferReason,
    OfferState,
    Queued,
    Refusal,
    Refused,
    ToTeam,
)
from tests.handoff.policies import sample_policy
from tests.handoff.shop import START, TABLES, Shop

AGENTS = (
    Agent("chenjing", "陈静", ("presale",), 2),
    Agent("limei", "李梅", ("presale", "aftersale"), 1),
    Agent("wangfang", "王芳", ("aftersale",), 3, skills=("english",), channels={"wecom_kf": 2}),
    Agent("zhaolei", "赵磊", ("aftersale",), 3),
)


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    policy = sample_policy()
    aftersale = replace(policy.teams[1], supervisors=("chenjing",))
    shop = Shop(engine, policy=replace(policy, agents=AGENTS, teams=(policy.teams[0], aftersale)))
    await shop.open_doors(customers=8)
    return shop


async def offer(shop: Shop, limit: int = 50) -> list[Offered | Escalated]:
    async with shop.engine.begin() as connection:
        return list(await shop.desk.offer_waiting(connection, limit=limit))


async def offered(shop: Shop) -> list[Offer]:
    return [each.offer for each in await offer(shop) if isinstance(each, Offered)]


async def set_status(shop: Shop, status: AgentStatus, *agents: str) -> None:
    async with shop.engine.begin() as connection:
        for agent in agents:
            await shop.desk.set_status(connection, agent, status, by=agent)


async def load(shop: Shop, agent: str) -> tuple[int, int, int | None]:
    """active, offered, and what counts on the limited channel."""
    async with shop.engine.connect() as connection:
        found = next(each for each in await shop.desk.agents(connection) if each.id == agent)
    limit = found.channels.get("wecom_kf")
    return found.active, found.offered, None if limit is None else limit.active


async def claim(shop: Shop, number: int, agent: str, version: int = 2) -> Claimed | Refused:
    async with shop.engine.begin() as connection:
        return await shop.desk.claim(connection, number, version, expected_team=None, agent_id=agent, cause="card")


async def decline(shop: Shop, number: int, agent: str) -> Declined | Refused:
    async with shop.engine.begin() as connection:
        return await shop.desk.decline(connection, number, agent_id=agent, cause="card")


async def test_an_offer_has_a_timer_holds_her_room_and_leaves_the_ticket_in_its_queue(shop: Shop) -> None:
    ticket = await shop.open(1)
    (made,) = await offered(shop)
    assert (made.agent, made.ticket_id, made.state, made.reason) == (
        "limei", ticket.id, OfferState.OPEN, OfferReason.LEAST_LOADED,
    )  # fmt: skip
    assert made.expires_at == START + timedelta(seconds=60)
    assert (made.candidates, made.exclusions) == (("limei", "wangfang", "zhaolei"), {})
    assert await load(shop, "limei") == (0, 1, None)
    assert (await shop.conversation(1))["owner"] == "queue"
    assert await offered(shop) == []  # at most one open offer a conversation
    await shop.open(2)
    full = await claim(shop, 2, "limei")
    assert isinstance(full, Refused)
    assert full.reason is Refusal.AGENT_FULL


async def test_she_accepts_by_claiming(shop: Shop) -> None:
    await shop.open(1)
    await offered(shop)
    claimed = await claim(shop, 1, "limei")
    assert isinstance(claimed, Claimed)
    assert claimed.offer is not None
    assert claimed.offer.state is OfferState.ACCEPTED
    assert await load(shop, "limei") == (1, 0, None)


async def test_a_colleague_may_be_faster_and_the_offer_is_withdrawn(shop: Shop) -> None:
    await shop.open(1)
    await offered(shop)
    claimed = await claim(shop, 1, "wangfang")
    assert isinstance(claimed, Claimed)
    assert claimed.offer is not None
    assert (claimed.offer.agent, claimed.offer.state) == ("limei", OfferState.WITHDRAWN)
    assert (await load(shop, "limei"), await load(shop, "wangfang")) == ((0, 0, None), (1, 0, 1))
    late = await claim(shop, 1, "limei")
    assert isinstance(late, Refused)
    assert (late.reason, late.agent) == (Refusal.NOT_WAITING, "wangfang")
    assert isinstance(await decline(shop, 1, "limei"), Refused)


async def test_who_lets_it_pass_is_not_asked_again_and_after_the_most_the_supervisor_is(shop: Shop) -> None:
    await shop.open(1)
    (first,) = await offered(shop)
    assert isinstance(await decline(shop, 1, first.agent), Declined)
    (second,) = await offered(shop)
    shop.clock.forward(60)
    async with shop.engine.begin() as connection:
        (silent,) = await shop.desk.expire_offers(connection)
        assert (silent.offer.id, silent.offer.state) == (second.id, OfferState.EXPIRED)
        assert await shop.desk.expire_offers(connection) == ()
    (third,) = await offered(shop)
    assert len({first.agent, second.agent, third.agent}) == 3
    assert third.exclusions == {first.agent: "passed", second.agent: "passed"}
    await decline(shop, 1, third.agent)
    (escalated,) = await offer(shop)
    assert isinstance(escalated, Escalated)
    assert escalated.supervisors == ("chenjing",)
    assert await offer(shop) == []  # once each time it waits
    assert isinstance(await claim(shop, 1, "chenjing"), Claimed)  # not of the team: its supervisor


async def test_a_requeued_ticket_is_offered_to_all_again_but_to_her_who_gave_it_back(shop: Shop) -> None:
    await shop.open(1)
    (first,) = await offered(shop)
    await decline(shop, 1, first.agent)
    await set_status(shop, AgentStatus.AWAY, "wangfang")
    assert isinstance(await claim(shop, 1, "zhaolei"), Claimed)
    async with shop.engine.begin() as connection:
        back = await shop.desk.release(connection, 1, 3, agent_id="zhaolei")
        assert isinstance(back, Queued)
        assert back.ticket.released_by == "zhaolei"
    (again,) = await offered(shop)
    assert (again.agent, again.exclusions) == (first.agent, {"wangfang": "agent_not_ready", "zhaolei": "passed"})


async def test_a_ticket_that_nobody_can_take_holds_up_nobody_behind_it(shop: Shop) -> None:
    for number in (1, 2):
        await shop.open(number)
    async with shop.engine.begin() as connection:
        await connection.execute(
            update(TABLES.tickets).where(TABLES.tickets.c.conversation_id == 1).values(skills=["french"])
        )
    first, second = await offer(shop)
    assert isinstance(first, Offered)
    assert first.ticket.conversation_id == 2
    assert isinstance(second, Escalated)
    assert second.ticket.conversation_id == 1


async def test_a_limit_of_the_channel_holds_for_offers_and_claims(shop: Shop) -> None:
    await set_status(shop, AgentStatus.AWAY, "limei", "zhaolei")
    for number in (1, 2, 3):
        await shop.open(number)
    assert [made.agent for made in await offered(shop)] == ["wangfang"] * 2
    assert await load(shop, "wangfang") == (0, 2, 2)
    refused = await claim(shop, 3, "wangfang")
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.CHANNEL_FULL
    assert isinstance(await claim(shop, 1, "wangfang"), Claimed)
    assert await load(shop, "wangfang") == (1, 1, 2)


async def test_the_last_agent_of_the_customer_comes_first(shop: Shop) -> None:
    await shop.assign(1, "zhaolei")
    async with shop.engine.begin() as connection:
        await shop.desk.return_to_bot(connection, 1, 3, agent_id="zhaolei", outcome="solved")
    shop.clock.forward(86_400)
    await shop.open(1, version=4)
    (made,) = await offered(shop)
    assert (made.agent, made.reason) == ("zhaolei", OfferReason.LAST_AGENT)


async def test_among_equals_who_waited_longest_comes_first(shop: Shop) -> None:
    got = []
    for number in (1, 2, 3):
        shop.clock.forward(1)
        await shop.open(number)
        (made,) = await offered(shop)
        got.append(made.agent)
        await claim(shop, number, made.agent)
        async with shop.engine.begin() as connection:
            await shop.desk.return_to_bot(connection, number, 3, agent_id=made.agent, outcome="solved")
    assert sorted(got) == ["limei", "wangfang", "zhaolei"]


async def test_the_backlog_drains_when_agents_return(shop: Shop) -> None:
    everybody = [agent.id for agent in AGENTS]
    await set_status(shop, AgentStatus.OFF, *everybody)
    for number in (1, 2, 3, 4):
        shop.clock.forward(1)
        await shop.open(number)
    assert await offered(shop) == []
    await set_status(shop, AgentStatus.READY, "zhaolei")
    assert [made.conversation_id for made in await offered(shop)] == [1, 2, 3]


async def test_what_is_offered_to_someone_who_leaves_goes_to_a_colleague_at_once(shop: Shop) -> None:
    await shop.open(1)
    (made,) = await offered(shop)
    async with shop.engine.begin() as connection:
        changed = await shop.desk.set_status(connection, made.agent, AgentStatus.AWAY, by=made.agent)
    assert not isinstance(changed, Refused)
    assert [ended.offer.state for ended in changed.withdrawn] == [OfferState.WITHDRAWN]
    assert await load(shop, made.agent) == (0, 0, None)
    (again,) = await offered(shop)
    assert again.agent != made.agent


async def test_moving_a_ticket_to_another_team_withdraws_its_offer(shop: Shop) -> None:
    await shop.open(1)
    (made,) = await offered(shop)
    async with shop.engine.begin() as connection:
        moved = await shop.desk.transfer(connection, 1, 2, to=ToTeam("presale"), by="supervisor")
    assert isinstance(moved, Queued)
    assert moved.offer is not None
    assert await load(shop, made.agent) == (0, 0, None)


async def test_offers_are_made_at_most_so_many_at_a_time_and_after_their_time_by_policy(shop: Shop) -> None:
    shop.policy = replace(shop.policy, offers=OfferPolicy(accept_s=20))
    for number in (1, 2, 3):
        await shop.open(number)
    (made,) = await offer(shop, limit=1)
    assert isinstance(made, Offered)
    assert made.offer.expires_at == START + timedelta(seconds=20)
    assert len(await offer(shop)) == 2
