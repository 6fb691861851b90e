"""Client mode: do people serve in the WeCom client, with the bot silent, and does it come back afterwards?"""

from __future__ import annotations

import pytest

from bot.simulator import Fault, FaultKind
from tests.databases import ON_SQLITE
from tests.packs import SHIPPING
from tests.stage import KF, Stage

JOINED = "您好，我是人工客服李娜，正在为您服务。"
LEFT = "本次人工服务已结束，感谢您的耐心。我是店小二，有问题随时找我。"


@pytest.fixture
async def waiting(stage: Stage) -> Stage:
    """小林 asked for a person and waits."""
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=2)
    return stage


@pytest.fixture
async def served(waiting: Stage) -> Stage:
    """李娜 took her by the card."""
    await waiting.clicks("lina")
    waiting.clock.advance(seconds=2)
    return waiting


async def test_the_first_click_moves_the_session_and_tells_everybody(waiting: Stage) -> None:
    await waiting.clicks("lina")
    session = waiting.session()
    assert (session.state, session.servicer) == (3, "lina")
    assert waiting.texts("xiaolin")[-1] == JOINED
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent, conversation.session_state) == ("agent", "lina", 3)
    assert waiting.cards("wanglei") == []
    assert waiting.cards("lina")[0].replaced["lina"] == "已由李娜接单"
    assert "企业微信" in waiting.told("lina")[-1]


async def test_the_second_click_is_refused_and_told_so(waiting: Stage) -> None:
    waiting.cards("lina")[-1].members.append("wanglei")  # she showed him her card
    card = waiting.cards("lina")[-1].msgid
    waiting.platforms.member_clicks_card("lina", "corp", card, "accept")
    waiting.platforms.member_clicks_card("wanglei", "corp", card, "accept")
    await waiting.settle()
    winner = (await waiting.conversation()).agent
    (loser,) = {"lina", "wanglei"} - {winner}
    assert waiting.session().servicer == winner
    assert "这条会话已由" in waiting.told(loser)[-1]
    assert not any("这条会话已由" in text for text in waiting.told(winner))
    assert len([text for text in waiting.texts("xiaolin") if "正在为您服务" in text]) == 1


@ON_SQLITE
async def test_an_agent_of_another_team_cannot_take_it(waiting: Stage) -> None:
    message = waiting.cards("lina")[-1]
    message.members.append("chenjing")  # somebody showed her the card
    await waiting.clicks("chenjing")
    assert (await waiting.conversation()).owner == "queue"
    assert "别的团队" in waiting.told("chenjing")[-1]


@ON_SQLITE
async def test_the_bot_is_silent_while_a_person_serves_and_all_is_in_the_transcript(served: Stage) -> None:
    assert await served.writes("xiaolin", "什么时候发货") == []
    served.clock.advance(seconds=1)
    served.platforms.servicer_answers("lina", "xiaolin", KF, "我来帮您查一下")
    await served.settle()
    last = (await served.turns())[-2:]
    assert [(turn.decision, turn.author) for turn in last] == [("silent", "customer"), ("silent", "servicer")]
    said = [(entry.voice, entry.who, entry.text) for entry in await served.transcript()][-2:]
    assert said == [("customer", "", "什么时候发货"), ("servicer", "lina", "我来帮您查一下")]


async def test_what_the_servicer_wrote_does_not_change_hands_again(served: Stage) -> None:
    version = (await served.conversation()).version
    served.platforms.servicer_answers("lina", "xiaolin", KF, "在的")
    await served.settle()
    assert (await served.conversation()).version == version


async def test_when_the_servicer_ends_it_the_customer_is_told_and_the_bot_serves_again(served: Stage) -> None:
    served.platforms.servicer_ends_session("lina", "xiaolin", KF)
    await served.settle()
    ended = await served.conversation()
    assert (ended.state, ended.owner) == ("closed", "bot")
    assert served.texts("xiaolin")[-1] == LEFT
    served.clock.advance(seconds=5)
    assert await served.writes("xiaolin", "什么时候发货") == [SHIPPING]
    assert (await served.conversation()).id != ended.id


@ON_SQLITE
async def test_a_servicer_may_take_from_the_pool_without_the_card(waiting: Stage) -> None:
    waiting.platforms.servicer_takes_from_pool("wanglei", "xiaolin", KF)
    await waiting.settle()
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent) == ("agent", "wanglei")
    assert waiting.cards("lina")[0].replaced["lina"] == "已由王磊接单"
    assert await waiting.product.workbench.waiting() == ()
    assert [ticket.agent for ticket in await waiting.product.workbench.mine("wanglei")] == ["wanglei"]


@ON_SQLITE
async def test_a_transfer_in_the_client_is_followed(served: Stage) -> None:
    served.platforms.servicer_transfers("lina", "xiaolin", KF, to="wanglei")
    await served.settle()
    assert (await served.conversation()).agent == "wanglei"
    assert await served.product.workbench.mine("lina") == ()


async def test_a_lost_event_of_taking_is_made_up_for_by_the_sweep(waiting: Stage) -> None:
    waiting.platforms.faults.add(Fault("event:session_status_change", FaultKind.LOSE_EVENT))
    waiting.platforms.servicer_takes_from_pool("wanglei", "xiaolin", KF)
    await waiting.settle()
    assert (await waiting.conversation()).owner == "queue"
    await waiting.product.worker.reconciler.sweep(idle_s=48 * 3600)
    await waiting.settle()
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.agent) == ("agent", "wanglei")
    assert waiting.cards("lina")[0].replaced["lina"] == "已由王磊接单"


async def test_a_lost_event_of_ending_is_made_up_for_by_the_sweep(served: Stage) -> None:
    served.platforms.faults.add(Fault("event:session_status_change", FaultKind.LOSE_EVENT))
    served.platforms.servicer_ends_session("lina", "xiaolin", KF)
    await served.settle()
    assert (await served.conversation()).state == "open"
    await served.product.worker.reconciler.sweep(idle_s=48 * 3600)
    assert (await served.conversation()).state == "closed"
    assert await served.writes("xiaolin", "什么时候发货") == [SHIPPING]


@ON_SQLITE
@pytest.mark.parametrize("errcode", [95014, 95019])
async def test_a_servicer_who_cannot_receive_gives_it_back_to_the_queue(waiting: Stage, errcode: int) -> None:
    waiting.platforms.faults.add(Fault("/cgi-bin/kf/service_state/trans", FaultKind.ERRCODE, errcode=errcode))
    await waiting.clicks("lina")
    conversation = await waiting.conversation()
    assert (conversation.owner, conversation.team) == ("queue", "aftersale")
    assert len(await waiting.product.workbench.waiting()) == 1
    dead = (await waiting.health())["outbox"]["last_dead_letters"]
    assert [letter["kind"] for letter in dead] == ["session"]
    assert str(errcode) in dead[0]["error"]
    assert dead[0]["advice"]


@ON_SQLITE
@pytest.mark.parametrize(("suspended", "status"), [(True, "away"), (False, "off")])
async def test_a_servicer_who_stops_receiving_is_away_for_the_moment_or_off(
    waiting: Stage,
    suspended: bool,  # noqa: FBT001 - a parameter of the test
    status: str,
) -> None:
    waiting.platforms.servicer_receives("wanglei", KF, receiving=False, suspended=suspended)
    await waiting.settle()
    assert await _statuses(waiting) == {"wanglei": status, "lina": "ready", "chenjing": "ready"}
    waiting.platforms.servicer_receives("wanglei", KF, receiving=True)
    await waiting.settle()
    assert (await _statuses(waiting))["wanglei"] == "ready"


async def _statuses(stage: Stage) -> dict[str, str]:
    return {agent.id: agent.status.value for agent in await stage.product.workbench.agents()}


async def test_a_card_put_off_comes_back_to_the_same_agent_after_five_minutes(waiting: Stage) -> None:
    await waiting.clicks("lina", "later")
    assert waiting.cards("lina")[0].replaced == {"lina": "已稍后"}
    await waiting.later(seconds=299)
    assert len(waiting.cards("lina")) == 1
    await waiting.later(seconds=2)
    assert len(waiting.cards("lina")) == 2
    await waiting.clicks("lina")
    assert waiting.session().servicer == "lina"


@ON_SQLITE
async def test_the_workbench_can_end_a_session_that_is_served_in_the_client(served: Stage) -> None:
    conversation = await served.conversation()
    assert await served.product.workbench.close(conversation.id, "lina", outcome="solved") is None
    await served.settle()
    assert served.session().state == 4
    assert served.texts("xiaolin")[-1] == LEFT
    assert await served.writes("xiaolin", "什么时候发货") == [SHIPPING]
