"""Does a conversation come to the right person and back, on both databases?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handoff import (
    AgentStatus,
    Claimed,
    Closed,
    Desk,
    Owner,
    Queued,
    Refusal,
    Refused,
    Returned,
    Ticket,
    TicketState,
    ToAgent,
    ToTeam,
)
from tests.handoff.shop import START, SUMMARY, Shop, snapshot


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    shop = Shop(engine)
    await shop.open_doors(customers=4)
    return shop


async def test_a_ticket_carries_what_the_agent_must_know(shop: Shop) -> None:
    ticket = await shop.open(1, text="我要投诉，转人工")
    assert (ticket.team, ticket.priority, ticket.reason, ticket.rule) == (
        "aftersale", 1, "complaint", "投诉与维权优先给售后",
    )  # fmt: skip
    assert ticket.signals == ("complaint", "asked_for_person")
    assert ticket.summary == SUMMARY
    assert (ticket.state, ticket.opened_at) == (TicketState.OPEN, START)
    stands = await shop.conversation(1)
    assert (stands["owner"], stands["team"], stands["version"], stands["ticket_id"]) == (
        "queue",
        "aftersale",
        2,
        ticket.id,
    )


async def test_opening_again_gives_the_same_ticket_and_changes_nothing(shop: Shop) -> None:
    first = await shop.open(1)
    before = await snapshot(shop.engine)
    assert await shop.open(1, text="我要投诉") == first
    assert await snapshot(shop.engine) == before


async def test_the_queue_is_ordered_by_priority_then_waiting(shop: Shop) -> None:
    await shop.open(1)
    shop.clock.forward(1)
    await shop.open(2)
    shop.clock.forward(1)
    await shop.open(3, text="我要投诉")
    async with shop.engine.connect() as connection:
        waiting = await shop.desk.waiting(connection, "aftersale")
        assert [ticket.conversation_id for ticket in waiting] == [3, 1, 2]
        assert await shop.desk.waiting(connection, "presale") == ()
        assert len(await shop.desk.waiting(connection, None, limit=2)) == 2


async def test_the_first_click_wins_and_the_second_learns_who_has_it(shop: Shop) -> None:
    claimed = await shop.assign(1, "wangfang")
    assert (claimed.version, claimed.ticket.state, claimed.ticket.agent) == (3, TicketState.ASSIGNED, "wangfang")
    async with shop.engine.begin() as connection:
        second = await shop.desk.claim(connection, 1, 2, expected_team=None, agent_id="limei", cause="card_click")
    assert second == Refused(Refusal.NOT_WAITING, Owner.AGENT, "wangfang", 3)
    assert (await shop.active("wangfang"), await shop.active("limei")) == (1, 0)


async def test_every_assignment_keeps_candidates_and_exclusions(shop: Shop) -> None:
    async with shop.engine.begin() as connection:
        await shop.desk.set_status(connection, "limei", AgentStatus.AWAY, by="limei")
    await shop.assign(1, "wangfang")
    async with shop.engine.connect() as connection:
        opened, assigned = await shop.desk.assignments(connection, 1)
        events = await shop.desk.events(connection, (await shop.desk.owned_by(connection, "wangfang"))[0].id)
    assert (opened.from_owner, opened.to_owner, opened.version, opened.reason) == (
        Owner.BOT, Owner.QUEUE, 2, "asked_for_person",
    )  # fmt: skip
    assert assigned.candidates == ("wangfang",)
    assert assigned.exclusions == {"limei": "agent_not_ready"}
    assert (assigned.version, assigned.cause, assigned.agent) == (3, "card_click", "wangfang")
    assert [(event.kind, event.by) for event in events] == [("opened", "bot"), ("assigned", "wangfang")]


Wish = Callable[[Desk, AsyncConnection], Awaitable[object]]


def claim(number: int, version: int, agent: str, team: str | None = None) -> Wish:
    return lambda desk, connection: desk.claim(
        connection, number, version, expected_team=team, agent_id=agent, cause="card_click"
    )


def transfer(to: ToAgent | ToTeam) -> Wish:
    return lambda desk, connection: desk.transfer(connection, 2, 3, to=to, by="limei")


def return_to_bot(number: int, version: int, agent: str) -> Wish:
    return lambda desk, connection: desk.return_to_bot(connection, number, version, agent_id=agent, outcome="solved")


REFUSALS: list[tuple[str, Wish, Refusal]] = [
    ("old version", claim(1, 1, "wangfang"), Refusal.VERSION_CHANGED),
    ("other team", claim(1, 2, "wangfang", "presale"), Refusal.VERSION_CHANGED),
    ("with the bot", claim(3, 1, "wangfang"), Refusal.NOT_WAITING),
    ("twice", claim(2, 3, "limei"), Refusal.ALREADY_YOURS),
    ("full", claim(1, 2, "limei"), Refusal.AGENT_FULL),
    ("not her team", claim(1, 2, "chenjing"), Refusal.NOT_IN_TEAM),
    ("nobody", claim(1, 2, "nobody"), Refusal.UNKNOWN_AGENT),
    ("no conversation", claim(99, 1, "limei"), Refusal.UNKNOWN_CONVERSATION),
    ("closed", claim(4, 2, "limei"), Refusal.CLOSED),
    ("not hers", lambda d, c: d.release(c, 2, 3, agent_id="wangfang"), Refusal.NOT_YOURS),
    ("no team", transfer(ToTeam("nowhere")), Refusal.UNKNOWN_TEAM),
    ("to herself", transfer(ToAgent("limei")), Refusal.ALREADY_YOURS),
    ("to another team's", transfer(ToAgent("chenjing")), Refusal.NOT_IN_TEAM),
    ("return of another's", return_to_bot(2, 3, "wangfang"), Refusal.NOT_YOURS),
    ("return while queued", return_to_bot(1, 2, "wangfang"), Refusal.NOT_YOURS),
    ("old return", return_to_bot(2, 2, "limei"), Refusal.VERSION_CHANGED),
    ("old close", lambda d, c: d.close(c, 2, 2, by="limei", outcome="x"), Refusal.VERSION_CHANGED),
    ("close twice", lambda d, c: d.close(c, 4, 2, by="limei", outcome="x"), Refusal.CLOSED),
    ("servicer of a closed one", lambda d, c: d.take_over_by_servicer(c, 4, "limei", team="presale"), Refusal.CLOSED),
    ("nobody's status", lambda d, c: d.set_status(c, "nobody", AgentStatus.READY, by="nobody"), Refusal.UNKNOWN_AGENT),
]


@pytest.mark.parametrize(
    ("wish", "reason"), [(wish, reason) for _, wish, reason in REFUSALS], ids=[r[0] for r in REFUSALS]
)
async def test_a_refusal_names_its_reason_and_changes_nothing(shop: Shop, wish: Wish, reason: Refusal) -> None:
    await shop.open(1)  # 1 waits, 2 is with limei (who is full then), 3 with the bot, 4 closed
    await shop.assign(2, "limei")
    async with shop.engine.begin() as connection:
        await shop.desk.close(connection, 4, 1, by="bot", outcome="left")
    before = await snapshot(shop.engine)
    async with shop.engine.begin() as connection:
        refused = await wish(shop.desk, connection)
    assert isinstance(refused, Refused)
    assert refused.reason is reason
    assert await snapshot(shop.engine) == before


@pytest.mark.parametrize("status", [AgentStatus.BUSY, AgentStatus.AWAY, AgentStatus.OFF, AgentStatus.READY])
async def test_nothing_goes_to_somebody_who_is_not_there(shop: Shop, status: AgentStatus) -> None:
    await shop.open(1)
    async with shop.engine.begin() as connection:
        await shop.desk.set_status(
            connection, "wangfang", status, by="wangfang", lease_until=START + timedelta(seconds=30)
        )
    shop.clock.forward(30)  # for the ready one, the lease ran out
    async with shop.engine.begin() as connection:
        refused = await shop.desk.claim(connection, 1, 2, expected_team=None, agent_id="wangfang", cause="x")
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.AGENT_NOT_READY


async def test_a_supervisor_takes_over_from_an_agent(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        taken = await shop.desk.claim(
            connection, 1, 3, expected_team=None, agent_id="wangfang", cause="takeover", supervisor=True
        )
    assert isinstance(taken, Claimed)
    assert (await shop.active("limei"), await shop.active("wangfang")) == (0, 1)


async def test_transfer_to_a_team_waits_there_and_release_goes_back_to_it(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        moved = await shop.desk.transfer(connection, 1, 3, to=ToTeam("presale"), by="limei", reason="问价格")
        assert isinstance(moved, Queued)
        assert (moved.ticket.team, moved.ticket.state, moved.ticket.agent) == ("presale", TicketState.OPEN, None)
        taken = await shop.desk.claim(connection, 1, 4, expected_team="presale", agent_id="chenjing", cause="x")
        assert isinstance(taken, Claimed)
        back = await shop.desk.release(connection, 1, 5, agent_id="chenjing")
    assert isinstance(back, Queued)
    assert (back.ticket.team, back.version) == ("presale", 6)
    assert (await shop.active("limei"), await shop.active("chenjing")) == (0, 0)


async def test_transfer_to_an_agent_of_another_team_moves_the_conversation_there(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        moved = await shop.desk.transfer(connection, 1, 3, to=ToAgent("chenjing", team="presale"), by="limei")
    assert isinstance(moved, Claimed)
    assert (await shop.conversation(1))["team"] == "presale"
    assert (await shop.active("limei"), await shop.active("chenjing")) == (0, 1)


async def test_returning_closes_the_ticket_and_leaves_the_promises_to_the_bot(shop: Shop) -> None:
    claimed = await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        returned = await shop.desk.return_to_bot(
            connection, 1, 3, agent_id="limei", outcome="solved", promises=["明天补发"]
        )
    assert isinstance(returned, Returned)
    assert (returned.ticket.id, returned.ticket.outcome, returned.ticket.agent) == (
        claimed.ticket.id,
        "solved",
        "limei",
    )
    stands = await shop.conversation(1)
    assert (stands["owner"], stands["team"], stands["agent"], stands["ticket_id"]) == ("bot", None, None, None)
    assert (stands["promises"], stands["version"], stands["failures"]) == (["明天补发"], 4, 0)
    assert await shop.active("limei") == 0
    assert (await shop.open(1, version=4)).id != claimed.ticket.id


async def test_the_queue_can_give_back_to_the_bot_too(shop: Shop) -> None:
    await shop.open(1)
    async with shop.engine.begin() as connection:
        returned = await shop.desk.return_to_bot(connection, 1, 2, agent_id=None, outcome="gave_up_waiting")
    assert isinstance(returned, Returned)


async def test_closing_ends_conversation_ticket_and_load(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        closed = await shop.desk.close(connection, 1, 3, by="limei", outcome="solved")
    assert isinstance(closed, Closed)
    assert closed.ticket is not None
    assert closed.ticket.state is TicketState.CLOSED
    stands = await shop.conversation(1)
    assert (stands["state"], stands["closed_at"], stands["owner"], stands["agent"]) == ("closed", START, "bot", None)
    assert await shop.active("limei") == 0


async def test_a_servicer_is_recorded_even_above_capacity_and_only_once(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        taken = await shop.desk.take_over_by_servicer(connection, 2, "limei", team="aftersale")
        again = await shop.desk.take_over_by_servicer(connection, 2, "limei", team="aftersale")
    assert isinstance(taken, Claimed)
    assert again == taken
    assert (taken.ticket.reason, taken.ticket.state, taken.version) == ("servicer", TicketState.ASSIGNED, 2)
    assert await shop.active("limei") == 2


async def test_an_unknown_servicer_is_entered_and_the_queue_stays(shop: Shop) -> None:
    await shop.assign(1, "limei")
    async with shop.engine.begin() as connection:
        taken = await shop.desk.take_over_by_servicer(connection, 1, "newcomer", team="presale")
        assert isinstance(taken, Claimed)
        back = await shop.desk.release(connection, 1, taken.version, agent_id="newcomer")
    assert isinstance(back, Queued)
    assert back.ticket.team == "aftersale"
    assert (await shop.active("limei"), await shop.active("newcomer")) == (0, 0)


async def test_a_caller_that_rolls_back_leaves_nothing(shop: Shop) -> None:
    before = await snapshot(shop.engine)
    async with shop.engine.connect() as connection:
        assert isinstance(await shop.desk.open_ticket(connection, shop.new_ticket(1)), Ticket)
        await connection.rollback()
    assert await snapshot(shop.engine) == before


async def test_opening_from_an_old_version_or_for_no_team_is_refused(shop: Shop) -> None:
    async with shop.engine.begin() as connection:
        old = await shop.desk.open_ticket(connection, shop.new_ticket(1, version=7))
        nobody = await shop.desk.open_ticket(connection, shop.new_ticket(99))
    assert old == Refused(Refusal.VERSION_CHANGED, Owner.BOT, None, 1)
    assert nobody == Refused(Refusal.UNKNOWN_CONVERSATION)
