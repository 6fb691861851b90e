"""Do tickets carry what belongs to them, and does every change say who and why?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handoff import (
    AgentStatus,
    Attachment,
    Link,
    LinkKind,
    Note,
    Refusal,
    Refused,
    Summary,
    Ticket,
    TicketState,
    ToAgent,
)
from handoff.lifecycle import Move, allowed_from, leads_to
from handoff.tickets import summary_from_json, summary_to_json
from tests.handoff.shop import START, SUMMARY, Shop, snapshot
from tests.handoff.test_invariants import assert_replayed

T = TypeVar("T")


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    shop = Shop(engine)
    await shop.open_doors(customers=4)
    return shop


async def act(shop: Shop, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """One transaction; what it refuses changed nothing, and the events rebuild every ticket."""
    before = await snapshot(shop.engine)
    async with shop.engine.begin() as connection:
        result = await work(connection)
    after = await snapshot(shop.engine)
    assert not isinstance(result, Refused) or before == after
    assert_replayed(after)
    return result


async def close(shop: Shop, number: int) -> Ticket:
    """Open, serve and return a conversation of conversation `number`."""
    ticket = await shop.open(number)
    version = int(str((await shop.conversation(number))["version"]))
    await act(shop, lambda c: shop.desk.return_to_bot(c, number, version, agent_id=None, outcome="solved"))
    return ticket


async def last_event(shop: Shop, ticket_id: int) -> tuple[str, str, dict[str, object]]:
    async with shop.engine.connect() as connection:
        event = (await shop.desk.events(connection, ticket_id))[-1]
    return event.kind, event.by, {**event.detail}


async def test_a_ticket_keeps_all_that_was_known_when_it_was_opened(shop: Shop) -> None:
    new = shop.new_ticket(1)
    new = replace(
        new,
        verdict=replace(new.verdict, skills=("english",), sla="gold", type="complaint"),
        summary=replace(SUMMARY, promised="两小时内回电"),
        source="scene:live",
        region=("广东省", "深圳市"),
        facts={"intent": "refund"},
        card={"name": "小王"},
    )
    ticket = await act(shop, lambda c: shop.desk.open_ticket(c, new))
    assert isinstance(ticket, Ticket)
    assert (ticket.type, ticket.skills, ticket.sla, ticket.source) == ("complaint", ("english",), "gold", "scene:live")
    assert (ticket.region, ticket.facts, ticket.card) == (
        ("广东省", "深圳市"), {"intent": "refund"}, {"name": "小王"},
    )  # fmt: skip
    assert ticket.summary.promised == "两小时内回电"
    async with shop.engine.connect() as connection:
        assert await shop.desk.ticket(connection, ticket.id) == ticket
        assert await shop.desk.past_tickets(connection, "corp", "wm1", 5) == (ticket,)


@given(promised=st.text())
def test_a_summary_survives_being_kept(promised: str) -> None:
    summary = replace(SUMMARY, promised=promised)
    assert summary_from_json(summary_to_json(summary)) == summary
    assert summary_from_json({}) == Summary()


async def test_pending_keeps_the_agent_and_ends_by_moment_customer_or_agent(shop: Shop) -> None:
    ticket = (await shop.assign(1, "wangfang")).ticket
    until = START + timedelta(hours=1)
    pending = await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="wangfang", until=until, reason="等照片"))
    assert isinstance(pending, Ticket)
    assert (pending.state, pending.agent, pending.pending_until) == (TicketState.PENDING, "wangfang", until)
    assert (await last_event(shop, ticket.id))[2]["reason"] == "等照片"
    async with shop.engine.connect() as connection:
        assert [each.id for each in await shop.desk.owned_by(connection, "wangfang")] == [ticket.id]
        assert await shop.desk.next_due(connection) == until
    assert await act(shop, shop.desk.resume_due) == ()
    shop.clock.forward(3600)
    (resumed,) = await act(shop, shop.desk.resume_due)
    assert (resumed.state, resumed.pending_until) == (TicketState.ASSIGNED, None)
    await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="wangfang", until=None, reason="等快递"))
    again = await act(shop, lambda c: shop.desk.resume(c, ticket.id, by="customer", reason="wrote"))
    assert isinstance(again, Ticket)
    assert (await last_event(shop, ticket.id))[:2] == ("resumed", "customer")
    refused = await act(shop, lambda c: shop.desk.resume(c, ticket.id, by="wangfang"))
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.TICKET_STATE


async def test_a_pending_ticket_is_passed_on_and_closed_like_any_other(shop: Shop) -> None:
    ticket = (await shop.assign(1, "wangfang")).ticket
    await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="wangfang", until=None, reason="x"))
    await act(shop, lambda c: shop.desk.transfer(c, 1, 3, to=ToAgent("limei"), by="wangfang"))
    await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="limei", until=None, reason="x"))
    closed = await act(shop, lambda c: shop.desk.close(c, 1, 4, by="limei", outcome="solved"))
    assert not isinstance(closed, Refused)
    assert closed.ticket is not None
    assert closed.ticket.state is TicketState.CLOSED
    assert (await shop.active("wangfang"), await shop.active("limei")) == (0, 0)


async def test_what_waits_cannot_be_pending_and_nothing_happens_to_what_is_not_there(shop: Shop) -> None:
    ticket, kind = await shop.open(1), LinkKind.RELATED
    for refused, why in (
        (await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="x", until=None, reason="")), Refusal.TICKET_STATE),
        (await act(shop, lambda c: shop.desk.pend(c, 99, by="x", until=None, reason="")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.note(c, 99, by="x", text="x")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.attach(c, 99, by="x", kind="a", reference="x")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.prioritise(c, 99, 1, by="x", reason="")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.link(c, ticket.id, 99, kind=kind, by="x")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.merge(c, ticket.id, 99, by="x")), Refusal.UNKNOWN_TICKET),
        (await act(shop, lambda c: shop.desk.merge(c, ticket.id, ticket.id, by="x")), Refusal.TICKET_STATE),
        (await act(shop, lambda c: shop.desk.reopen(c, ticket.id, 1, 2, by="x", reason="")), Refusal.TICKET_STATE),
    ):  # fmt: skip
        assert isinstance(refused, Refused)
        assert refused.reason is why


async def test_a_priority_moves_it_in_its_queue_and_says_why(shop: Shop) -> None:
    first, second = await shop.open(1), await shop.open(2)
    await act(shop, lambda c: shop.desk.prioritise(c, second.id, 1, by="wangfang", reason="老客户"))
    async with shop.engine.connect() as connection:
        assert [each.id for each in await shop.desk.waiting(connection, "aftersale")] == [second.id, first.id]
        place = await shop.desk.place_in_queue(connection, first.id)
    assert place is not None
    assert (place.position, place.ahead, place.expected_wait_s) == (2, 1, None)
    kind, by, detail = await last_event(shop, second.id)
    assert (kind, by, detail) == ("prioritised", "wangfang", {"reason": "老客户", "set": {"priority": 1}})
    before = await snapshot(shop.engine)
    assert isinstance(await act(shop, lambda c: shop.desk.prioritise(c, second.id, 1, by="x", reason="again")), Ticket)
    assert await snapshot(shop.engine) == before
    with pytest.raises(ValueError, match="from 1"):
        await act(shop, lambda c: shop.desk.prioritise(c, second.id, 5, by="x", reason=""))


async def test_notes_and_attachments_belong_to_it_and_the_history_holds_no_word_of_them(shop: Shop) -> None:
    ticket = await shop.open(1)
    note = await act(shop, lambda c: shop.desk.note(c, ticket.id, by="limei", text="客户手机尾号 1234"))
    picture = await act(
        shop, lambda c: shop.desk.attach(c, ticket.id, by="limei", kind="image", reference="m-1", name="a.png")
    )
    again = await act(shop, lambda c: shop.desk.attach(c, ticket.id, by="x", kind="image", reference="m-1"))
    assert isinstance(note, Note)
    assert isinstance(picture, Attachment)
    assert again == picture
    async with shop.engine.connect() as connection:
        assert await shop.desk.notes(connection, ticket.id) == (note,)
        assert await shop.desk.attachments(connection, ticket.id) == (picture,)
        events = await shop.desk.events(connection, ticket.id)
    assert [event.kind for event in events] == ["opened", "noted", "attached"]
    assert "1234" not in str(events)


async def test_links_stand_in_both_directions_and_are_made_once(shop: Shop) -> None:
    one, other = await shop.open(1), await shop.open(2)
    for _ in range(2):
        link = await act(shop, lambda c: shop.desk.link(c, one.id, other.id, kind=LinkKind.FOLLOW_UP, by="limei"))
        assert isinstance(link, Link)
    async with shop.engine.connect() as connection:
        (back,) = await shop.desk.links(connection, other.id)
        assert (back.other_id, back.kind, back.by) == (one.id, LinkKind.FOLLOW_UP, "limei")
        assert len(await shop.desk.links(connection, one.id)) == 1
        assert [each.kind for each in await shop.desk.events(connection, other.id)] == ["opened", "linked"]


async def test_merging_ends_one_and_gives_its_notes_to_the_other(shop: Shop) -> None:
    source, into = (await shop.assign(1, "wangfang")).ticket, await shop.open(2)
    await act(shop, lambda c: shop.desk.note(c, source.id, by="wangfang", text="等退款"))
    merged = await act(shop, lambda c: shop.desk.merge(c, source.id, into.id, by="wangfang"))
    assert isinstance(merged, Ticket)
    assert merged.id == into.id
    async with shop.engine.connect() as connection:
        gone = await shop.desk.ticket(connection, source.id)
        assert [note.text for note in await shop.desk.notes(connection, into.id)] == ["等退款"]
        assert [link.kind for link in await shop.desk.links(connection, into.id)] == [LinkKind.MERGED]
    assert gone is not None
    assert (gone.state, gone.merged_into, gone.outcome) == (TicketState.CLOSED, into.id, "merged")
    assert ((await shop.conversation(1))["owner"], await shop.active("wangfang")) == ("bot", 0)
    assert isinstance(await act(shop, lambda c: shop.desk.merge(c, into.id, source.id, by="x")), Refused)
    assert isinstance(await act(shop, lambda c: shop.desk.reopen(c, source.id, 1, 4, by="x", reason="")), Refused)


async def test_a_closed_ticket_is_merged_without_moving_anything(shop: Shop) -> None:
    source, into = await close(shop, 1), await shop.open(2)
    assert isinstance(await act(shop, lambda c: shop.desk.merge(c, source.id, into.id, by="limei")), Ticket)
    async with shop.engine.connect() as connection:
        gone = await shop.desk.ticket(connection, source.id)
    assert gone is not None
    assert (gone.outcome, gone.merged_into) == ("solved", into.id)


async def test_a_reopened_ticket_keeps_its_number_and_waits_in_the_conversation_of_now(shop: Shop) -> None:
    ticket = await close(shop, 1)
    reopened = await act(shop, lambda c: shop.desk.reopen(c, ticket.id, 1, 3, by="limei", reason="又坏了"))
    assert isinstance(reopened, Ticket)
    assert (reopened.id, reopened.state, reopened.reopened, reopened.closed_at) == (
        ticket.id, TicketState.OPEN, 1, None,
    )  # fmt: skip
    stands = await shop.conversation(1)
    assert (stands["owner"], stands["team"], stands["ticket_id"], stands["version"]) == (
        "queue", "aftersale", ticket.id, 4,
    )  # fmt: skip
    claimed = await act(shop, lambda c: shop.desk.claim(c, 1, 4, expected_team=None, agent_id="limei", cause="x"))
    assert not isinstance(claimed, Refused)


async def test_a_ticket_is_not_reopened_for_somebody_else_or_beside_another(shop: Shop) -> None:
    ticket = await close(shop, 1)
    other = await act(shop, lambda c: shop.desk.reopen(c, ticket.id, 2, 1, by="x", reason=""))
    stale = await act(shop, lambda c: shop.desk.reopen(c, ticket.id, 1, 2, by="x", reason=""))
    await shop.open(1, version=3)
    beside = await act(shop, lambda c: shop.desk.reopen(c, ticket.id, 1, 4, by="x", reason=""))
    reasons = [each.reason for each in (other, stale, beside) if isinstance(each, Refused)]
    assert reasons == [Refusal.OTHER_CUSTOMER, Refusal.VERSION_CHANGED, Refusal.TICKET_STATE]


async def test_first_words_and_told_places_are_kept_once(shop: Shop) -> None:
    ticket = await shop.open(1)
    assert await act(shop, lambda c: shop.desk.told_position(c, ticket.id, 2))
    assert not await act(shop, lambda c: shop.desk.told_position(c, ticket.id, 2))
    shop.clock.forward(5)
    assert await act(shop, lambda c: shop.desk.responded(c, ticket.id, by="limei"))
    shop.clock.forward(5)
    assert not await act(shop, lambda c: shop.desk.responded(c, ticket.id, by="limei"))
    async with shop.engine.connect() as connection:
        found = await shop.desk.ticket(connection, ticket.id)
    assert found is not None
    assert (found.told_position, found.first_response_at) == (2, START + timedelta(seconds=5))


@given(move=st.sampled_from(Move), state=st.sampled_from(TicketState))
def test_a_closed_ticket_only_comes_back_by_being_reopened(move: Move, state: TicketState) -> None:
    if state is TicketState.CLOSED and state in allowed_from(move):
        assert move is Move.REOPEN
    assert leads_to(move) in TicketState


async def test_every_state_and_move_is_allowed_or_refused_as_the_table_says(shop: Shop) -> None:
    async def reach(state: TicketState, number: int) -> Ticket:
        match state:
            case TicketState.OPEN:
                return await shop.open(number)
            case TicketState.CLOSED:
                return await close(shop, number)
            case TicketState.ASSIGNED | TicketState.PENDING:
                ticket = (await shop.assign(number, "wangfang")).ticket
                if state is TicketState.PENDING:
                    await act(shop, lambda c: shop.desk.pend(c, ticket.id, by="x", until=None, reason=""))
                return ticket

    async with shop.engine.begin() as connection:
        await shop.desk.set_status(connection, "wangfang", AgentStatus.READY, by="wangfang")
    for number, state in enumerate(TicketState, start=1):
        ticket = await reach(state, number)
        resumed = await act(shop, partial(shop.desk.resume, ticket_id=ticket.id, by="x"))
        assert isinstance(resumed, Ticket) == (state in allowed_from(Move.RESUME))
        pended = await act(shop, partial(shop.desk.pend, ticket_id=ticket.id, by="x", until=None, reason=""))
        assert isinstance(pended, Ticket) == (state in allowed_from(Move.PEND))
