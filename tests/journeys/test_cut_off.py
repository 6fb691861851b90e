"""WeCom ends a session (95013) before its customer was answered: is she taken up again when she writes?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.cut_off import SESSION_ENDED
from bot.simulator import Fault, FaultKind
from bot.store.engine import read_only
from handoff import Note, Ticket, TicketEvent, TicketState
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import KF, Options, Stage

SEND = "/cgi-bin/kf/send_msg"
CLOSE = "sessions: {ended: close}\n"
CALLED = "已经为您转接售后组的人工客服，请稍等，您说过的内容我都会转达，不用重复。"


async def waits(stage: Stage) -> None:
    """小林 asked for a person and waits; 李娜 has the offer."""
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=2)


async def cut_off(stage: Stage) -> None:
    """She waits, WeCom ends the session, and 李娜 accepts in vain."""
    await waits(stage)
    stage.session().end()
    await stage.clicks("lina")
    assert (await stage.effects("session"))[-1].error.startswith("errcode 95013")
    stage.clock.advance(seconds=2)


async def ticket(stage: Stage, number: int = 1) -> Ticket:
    found = await stage.product.workbench.ticket(number)
    assert found is not None
    return found


async def history(stage: Stage) -> Sequence[TicketEvent]:
    async with read_only(stage.product.engine).connect() as connection:
        return await stage.product.desk.events(connection, 1)


async def notes(stage: Stage) -> Sequence[Note]:
    async with read_only(stage.product.engine).connect() as connection:
        return await stage.product.desk.notes(connection, 1)


async def accepted_in_console(opened: OpenStage) -> Stage:
    """小林 is served by 李娜 from the workbench, who has answered once."""
    stage = await opened(Options(handoff="console"))
    await waits(stage)
    await stage.clicks("lina")
    await says(stage, "您好，请讲")
    return stage


async def says(stage: Stage, text: str) -> None:
    """李娜 writes in the workbench."""
    stage.clock.advance(seconds=2)
    conversation = (await stage.conversation()).id
    assert await stage.product.workbench.say(conversation, "lina", text, client_id=text) is None
    await stage.settle()
    stage.clock.advance(seconds=2)


async def test_her_ticket_is_closed_for_all_to_see_and_waits_again_when_she_writes(stage: Stage) -> None:
    await cut_off(stage)
    before = await stage.conversation()
    assert (before.state, (await ticket(stage)).state) == ("closed", TicketState.CLOSED)
    assert (await ticket(stage)).outcome == SESSION_ENDED
    assert await stage.product.workbench.waiting() == ()

    assert await stage.writes("xiaolin", "还在吗") == [CALLED]
    now, again = await stage.conversation(), await ticket(stage)
    assert (now.owner, now.ticket_id, now.owed) == ("queue", 1, None)
    assert now.id != before.id
    assert (again.state, again.conversation_id, again.reopened, again.outcome) == (TicketState.OPEN, now.id, 1, None)
    reopened = next(event for event in await history(stage) if event.kind == "reopened")
    assert (reopened.by, reopened.detail["reason"]) == ("bot", SESSION_ENDED)
    assert stage.session().state == 2  # in WeCom's pool again, where the client shows her

    await stage.clicks("wanglei")
    assert stage.session().servicer == "wanglei"


@ON_SQLITE
async def test_who_was_served_after_all_comes_back_to_the_bot(stage: Stage) -> None:
    await cut_off(stage)
    await stage.writes("xiaolin", "还在吗")
    await stage.clicks("wanglei")
    stage.clock.advance(seconds=2)
    stage.platforms.servicer_ends_session("wanglei", "xiaolin", KF)
    await stage.settle()
    stage.clock.advance(seconds=2)
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    assert (await ticket(stage)).state == TicketState.CLOSED


@ON_SQLITE
async def test_where_the_shop_wants_it_closed_the_bot_answers(opened: OpenStage) -> None:
    stage = await opened(Options(policy=CLOSE))
    await cut_off(stage)
    assert (await ticket(stage)).outcome == SESSION_ENDED
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
    assert (await ticket(stage)).state == TicketState.CLOSED


@ON_SQLITE
@pytest.mark.parametrize(("hours", "waits_again"), [(1.9, True), (2.1, False)])
async def test_only_who_is_back_soon_enough_is_taken_up(opened: OpenStage, hours: float, *, waits_again: bool) -> None:
    stage = await opened(Options(policy="sessions: {within: 2h}\n"))
    await cut_off(stage)
    await stage.later(hours=hours)
    assert await stage.writes("xiaolin", "什么时候发货") == ([CALLED] if waits_again else [SHIPPING])


@ON_SQLITE
async def test_coming_in_again_without_a_word_forgets_nothing(stage: Stage) -> None:
    await cut_off(stage)
    stage.platforms.customer_enters("xiaolin", KF)
    await stage.settle()
    assert (await stage.conversation()).owner == "bot"
    stage.clock.advance(seconds=2)
    assert await stage.writes("xiaolin", "什么时候发货") == [CALLED]
    assert (await ticket(stage)).state == TicketState.OPEN


@ON_SQLITE
async def test_words_that_did_not_reach_her_are_noted_for_colleagues_and_not_said_later(opened: OpenStage) -> None:
    stage = await accepted_in_console(opened)
    heard = stage.texts("xiaolin")
    stage.session().end()
    stage.platforms.faults.add(Fault(SEND, FaultKind.ERRCODE, errcode=95013))
    await says(stage, "查到了，明天送到")
    assert (await ticket(stage)).outcome == SESSION_ENDED
    assert [(note.by, note.text) for note in await notes(stage)] == [
        ("system", "会话已经结束，下面的话没有送到客户：\n查到了，明天送到")
    ]
    await stage.writes("xiaolin", "怎么样了")
    await stage.later(minutes=5)
    assert stage.texts("xiaolin") == [*heard, CALLED]
    assert (await ticket(stage)).state == TicketState.OPEN


@ON_SQLITE
async def test_words_behind_those_that_were_refused_are_noted_and_dropped_too(opened: OpenStage) -> None:
    stage = await accepted_in_console(opened)
    stage.session().end()
    conversation = (await stage.conversation()).id
    for text in ("第一句", "第二句"):
        assert await stage.product.workbench.say(conversation, "lina", text, client_id=text) is None
    await stage.settle()
    assert [note.text.splitlines()[1:] for note in await notes(stage)] == [["第一句", "第二句"]]
    assert [each.state for each in (await stage.effects())[-2:]] == ["dropped", "dropped"]


@ON_SQLITE
async def test_who_has_her_answer_is_not_taken_up(opened: OpenStage) -> None:
    stage = await accepted_in_console(opened)
    stage.session().end()
    conversation = (await stage.conversation()).id
    assert await stage.product.workbench.to_client(conversation, "lina", to="lina") is None
    await stage.settle()
    assert (await ticket(stage)).outcome == "ended in the WeCom client"
    stage.clock.advance(seconds=2)
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]


@ON_SQLITE
async def test_who_wrote_last_is_taken_up_though_she_was_answered_before(opened: OpenStage) -> None:
    stage = await accepted_in_console(opened)
    await stage.writes("xiaolin", "那退款呢")
    stage.session().end()
    conversation = (await stage.conversation()).id
    assert await stage.product.workbench.to_client(conversation, "lina", to="lina") is None
    await stage.settle()
    stage.clock.advance(seconds=2)
    assert await stage.writes("xiaolin", "什么时候发货") == [CALLED]


@ON_SQLITE
async def test_what_a_person_ended_in_the_client_is_over_even_if_we_were_not_told(stage: Stage) -> None:
    await waits(stage)
    await stage.clicks("lina")
    stage.session().end()
    stage.clock.advance(seconds=60)
    await stage.product.worker.reconciler.sweep(idle_s=48 * 3600)
    await stage.settle()
    assert (await ticket(stage)).outcome == "ended in the WeCom client"
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]


@ON_SQLITE
async def test_where_the_ticket_went_into_another_she_gets_a_new_one(stage: Stage) -> None:
    stage.platforms.add_customer("other")
    stage.platforms.customer_writes("other", KF, "转人工")
    await stage.settle()
    stage.clock.advance(seconds=2)
    await stage.writes("xiaolin", "转人工")
    stage.session().end()
    stage.clock.advance(seconds=60)
    await stage.product.worker.reconciler.sweep(idle_s=48 * 3600)
    await stage.settle()
    async with stage.product.engine.begin() as connection:
        await stage.product.desk.merge(connection, 2, 1, by="lina")
    assert (await stage.writes("xiaolin", "还在吗"))[0].startswith("已经为您转接售后组")
    now = await stage.conversation()
    assert (now.owner, now.ticket_id, now.owed) == ("queue", 3, None)
    assert (await ticket(stage, 3)).reason == SESSION_ENDED
