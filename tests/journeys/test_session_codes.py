"""The platform refuses a move or words (95013 … 95019): does each end in a state that is defined?"""

from __future__ import annotations

import pytest

from bot.simulator import Fault, FaultKind
from bot.simulator.kf_session import State
from tests.databases import ON_SQLITE
from tests.packs import SHIPPING
from tests.stage import KF, Stage

pytestmark = ON_SQLITE

TRANS, SEND = "/cgi-bin/kf/service_state/trans", "/cgi-bin/kf/send_msg"


@pytest.fixture
async def waiting(stage: Stage) -> Stage:
    """小林 asked for a person and waits in the pool; 李娜 has the offer."""
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=2)
    return stage


async def sweep(stage: Stage) -> None:
    """A minute passes, and the sweep with it."""
    stage.clock.advance(seconds=60)
    await stage.product.worker.reconciler.sweep(idle_s=48 * 3600)
    await stage.settle()


@pytest.mark.parametrize("errcode", [95014, 95019])
async def test_who_cannot_receive_is_away_and_told_and_the_customer_is_offered_to_the_next(
    waiting: Stage, errcode: int
) -> None:
    waiting.platforms.faults.add(Fault(TRANS, FaultKind.ERRCODE, errcode=errcode))
    await waiting.clicks("lina")
    status = {agent.id: agent.status for agent in await waiting.product.workbench.agents()}
    assert (status["lina"], status["wanglei"]) == ("away", "ready")
    assert "没有转到您的企业微信" in waiting.told("lina")[-1]
    assert (await waiting.conversation()).owner == "queue"
    assert [card.members for card in waiting.cards("wanglei")] == [["wanglei"]]
    assert len(waiting.cards("lina")) == 1
    await waiting.clicks("wanglei")
    assert waiting.session().servicer == "wanglei"


async def test_95016_at_accepting_while_another_serves_is_followed_to_her(waiting: Stage) -> None:
    waiting.platforms.faults.add(Fault("event:session_status_change", FaultKind.LOSE_EVENT))
    waiting.platforms.servicer_takes_from_pool("wanglei", "xiaolin", KF)
    waiting.platforms.faults.add(Fault(TRANS, FaultKind.ERRCODE, errcode=95016, count=2))
    await waiting.clicks("lina")
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent, conversation.session_state) == ("agent", "wanglei", 3)
    assert (await waiting.effects("session"))[-1].state == "dropped"


async def test_95016_once_is_tried_again_where_the_move_is_allowed(waiting: Stage) -> None:
    waiting.platforms.faults.add(Fault(TRANS, FaultKind.ERRCODE, errcode=95016))
    await waiting.clicks("lina")
    assert (waiting.session().state, waiting.session().servicer) == (3, "lina")
    assert (await waiting.conversation()).agent == "lina"


async def test_95016_for_good_leaves_the_customer_waiting(waiting: Stage) -> None:
    waiting.platforms.faults.add(Fault(TRANS, FaultKind.ERRCODE, errcode=95016, count=2))
    await waiting.clicks("lina")
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.session_state, waiting.session().state) == ("queue", 2, 2)


async def test_95016_on_the_way_to_the_pool_is_made_up_for_by_the_sweep(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(TRANS, FaultKind.ERRCODE, errcode=95016, count=3))
    await stage.writes("xiaolin", "转人工")
    assert ((await stage.conversation()).owner, stage.session().state) == ("queue", 0)
    await sweep(stage)
    assert ((await stage.conversation()).session_state, stage.session().state) == (2, 2)


async def test_95013_at_accepting_closes_what_nobody_can_reach(waiting: Stage) -> None:
    """What follows when she is back: tests/journeys/test_cut_off.py."""
    waiting.session().end()
    await waiting.clicks("lina")
    conversation = await waiting.conversation()
    assert (conversation.state, conversation.owner) == ("closed", "bot")
    assert await waiting.product.workbench.waiting() == ()


async def test_95013_at_ending_is_the_end(waiting: Stage) -> None:
    await waiting.clicks("lina")
    waiting.session().end()
    conversation = (await waiting.conversation()).id
    assert await waiting.product.workbench.close(conversation, "lina", outcome="resolved") is None
    await waiting.settle()
    assert (await waiting.effects("session"))[-1].state == "sent"
    assert (await waiting.conversation()).state == "closed"


async def test_95018_while_a_person_serves_drops_the_words_and_follows_her(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(seconds=1)
    stage.session().serve("wanglei")  # no event tells
    assert await stage.writes("xiaolin", "运费多少钱") == []
    assert (await stage.effects())[-1].state == "dropped"
    conversation = await stage.conversation()
    assert (conversation.owner, conversation.agent, conversation.session_state) == ("agent", "wanglei", 3)


async def test_95018_in_the_pool_makes_words_wait_and_queues_the_customer_with_us_too(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(seconds=1)
    session = stage.session()
    session.move(State.POOL, "")
    assert await stage.writes("xiaolin", "运费多少钱") == []
    send = (await stage.effects())[-1]
    assert (send.state, send.error) == ("pending", "errcode 95018: the session is in the pool")
    conversation = await stage.conversation()
    assert (conversation.owner, conversation.session_state) == ("queue", 2)
    await stage.clicks("lina")
    assert stage.session().servicer == "lina"
    await stage.later(seconds=61)
    assert (await stage.effects())[0:1] != []
    assert [each.state for each in await stage.effects() if each.id == send.id] == ["dropped"]


async def test_95018_where_words_are_allowed_after_all_is_tried_again(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(SEND, FaultKind.ERRCODE, errcode=95018))
    stage.platforms.customer_writes("xiaolin", KF, "什么时候发货")
    await stage.settle()
    await stage.later(seconds=2)
    assert stage.texts("xiaolin") == [SHIPPING]


# ── the sweep ────────────────────────────────────────────────────────────────────────────────


async def test_a_session_in_the_pool_while_we_believe_an_agent_has_it_waits_again(waiting: Stage) -> None:
    await waiting.clicks("lina")
    session = waiting.session()
    session.state, session.servicer = State.POOL, ""
    await sweep(waiting)
    assert (await waiting.conversation()).owner == "queue"
    assert len(await waiting.product.workbench.waiting()) == 1


async def test_a_customer_who_is_back_after_an_end_we_missed_waits_again_in_the_pool(waiting: Stage) -> None:
    await waiting.clicks("lina")
    waiting.platforms.faults.add(Fault("event:session_status_change", FaultKind.LOSE_EVENT))
    waiting.platforms.servicer_ends_session("lina", "xiaolin", KF)
    waiting.clock.advance(seconds=1)
    await waiting.writes("xiaolin", "还在吗")
    assert waiting.session().state == 0
    await sweep(waiting)
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.session_state, waiting.session().state) == ("queue", 2, 2)


async def test_a_servicer_nobody_told_us_of_becomes_the_owner(waiting: Stage) -> None:
    waiting.session().serve("stranger")
    await sweep(waiting)
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent) == ("agent", "stranger")


async def test_a_session_that_ended_while_waiting_is_closed_as_such(waiting: Stage) -> None:
    waiting.session().end()
    await sweep(waiting)
    assert (await waiting.conversation()).state == "closed"
    ticket = await waiting.product.workbench.ticket(1)
    assert ticket is not None
    assert (ticket.state, ticket.outcome) == ("closed", "session_ended")


async def test_every_session_is_looked_at_once_an_interval(stage: Stage) -> None:
    for number in range(20):
        key = f"customer{number}"
        stage.platforms.add_customer(key)
        stage.platforms.customer_writes(key, KF, "转人工")
    await stage.settle()
    stage.clock.advance(seconds=60)
    get = ("/cgi-bin/kf/service_state/get", 0)
    before = stage.platforms.calls[get]
    sweep_once = stage.product.worker.reconciler.sweep
    assert await sweep_once(idle_s=48 * 3600) == 20
    assert await sweep_once(idle_s=48 * 3600) == 0
    assert stage.platforms.calls[get] - before == 20


async def test_a_session_opened_again_by_the_servicer_is_hers_again(waiting: Stage) -> None:
    await waiting.clicks("lina")
    waiting.platforms.servicer_ends_session("lina", "xiaolin", KF)
    await waiting.settle()
    waiting.clock.advance(seconds=5)
    waiting.platforms.servicer_answers("lina", "xiaolin", KF, "补充一句：明天会送到")
    await waiting.settle()
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent, conversation.state) == ("agent", "lina", "open")
    assert await waiting.writes("xiaolin", "好的") == []
