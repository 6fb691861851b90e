"""Console mode: do people serve from the workbench, within what the platform allows, and is nothing lost?"""

from __future__ import annotations

import pytest

from handoff import Refusal, Refused, ToAgent, ToTeam
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import SHOP, Options, Stage

JOINED = "您好，我是人工客服王磊，正在为您服务。"
RETURNED = "人工客服王磊已完成服务，接下来由店小二继续为您服务。"
LEFT = "本次人工服务已结束，感谢您的耐心。我是店小二，有问题随时找我。"


async def ask(stage: Stage) -> int:
    """小林 follows and asks for a person; her conversation's id."""
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(minutes=2)
    await stage.writes("xiaolin", "转人工", at=SHOP)
    stage.clock.advance(seconds=2)
    return int((await stage.conversation()).id)


async def accept(stage: Stage) -> int:
    """王磊 takes her."""
    conversation = await ask(stage)
    assert await stage.product.workbench.accept(conversation, "wanglei") is None
    await stage.settle()
    return conversation


async def say(stage: Stage, conversation: int, text: str, client_id: str) -> None:
    assert await stage.product.workbench.say(conversation, "wanglei", text, client_id=client_id) is None
    await stage.settle()
    stage.clock.advance(seconds=1)


async def test_who_accepts_may_speak_and_give_the_customer_back_to_the_bot(stage: Stage) -> None:
    conversation = await accept(stage)
    await say(stage, conversation, "我看一下您的订单", "a1")
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == []
    workbench = stage.product.workbench
    assert await workbench.return_to_bot(conversation, "wanglei", outcome="solved", promises=("明天回电",)) is None
    await stage.settle()
    assert stage.texts("xiaolin")[-3:] == [JOINED, "我看一下您的订单", RETURNED]
    back = await stage.conversation()
    assert (back.owner, back.promises, back.id) == ("bot", ["明天回电"], conversation)
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING]
    assert (await stage.conversation()).promises == ["明天回电"]  # an answer about something else keeps no promise


@ON_SQLITE
async def test_what_an_agent_said_carries_her_name_in_the_transcript(stage: Stage) -> None:
    conversation = await accept(stage)
    await say(stage, conversation, "稍等", "a1")
    said = [(entry.who, entry.text) for entry in await stage.transcript() if entry.voice == "agent"]
    assert said == [("wanglei", "稍等")]


async def test_after_closing_the_next_message_begins_a_new_conversation(stage: Stage) -> None:
    conversation = await accept(stage)
    assert await stage.product.workbench.close(conversation, "wanglei", outcome="solved") is None
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == LEFT
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING]
    assert (await stage.conversation()).id != conversation


async def test_what_is_said_twice_with_one_client_id_is_said_once(stage: Stage) -> None:
    conversation = await accept(stage)
    for _ in range(2):
        await say(stage, conversation, "马上为您处理", "same")
    assert stage.texts("xiaolin").count("马上为您处理") == 1


@ON_SQLITE
async def test_nobody_but_the_owner_may_speak_return_or_close(stage: Stage) -> None:
    conversation = await accept(stage)
    workbench = stage.product.workbench
    refusals = [
        await workbench.say(conversation, "lina", "我也在", client_id="b1"),
        await workbench.return_to_bot(conversation, "lina", outcome="x"),
        await workbench.close(conversation, "lina", outcome="x"),
    ]
    assert [each.reason for each in refusals if isinstance(each, Refused)] == [Refusal.NOT_YOURS] * 3
    second = await workbench.accept(conversation, "lina")
    assert isinstance(second, Refused)
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == JOINED


async def test_a_conversation_goes_to_a_colleague_or_back_to_a_queue(stage: Stage) -> None:
    conversation = await accept(stage)
    workbench = stage.product.workbench
    assert await workbench.transfer(conversation, "wanglei", to=ToAgent("lina")) is None
    await stage.settle()
    assert (await stage.conversation()).agent == "lina"
    assert "李娜" in stage.texts("xiaolin")[-1]
    cards = len(stage.cards("chenjing"))
    assert await workbench.transfer(conversation, "lina", to=ToTeam("presale")) is None
    await stage.settle()
    waiting = await stage.conversation()
    assert (waiting.owner, waiting.team) == ("queue", "presale")
    assert len(stage.cards("chenjing")) == cards + 1


async def test_what_exceeds_the_send_budget_is_a_dead_letter_with_advice_that_health_shows(stage: Stage) -> None:
    conversation = await accept(stage)
    shown = len(stage.lines("xiaolin"))
    for number in range(5):
        await say(stage, conversation, f"第{number}句", f"n{number}")
    assert len(stage.lines("xiaolin")) == shown + 3  # five a message: the notice and the joining took two
    health = await stage.health()
    assert health["outbox"]["dead"] == 2
    letters = health["outbox"]["last_dead_letters"]
    assert {letter["advice"][:6] for letter in letters} == {"超出平台允许"}
    thread = await stage.product.workbench.thread(conversation)
    assert thread is not None
    assert [(each["text"], each["state"]) for each in thread.unsent] == [("第3句", "dead"), ("第4句", "dead")]
    assert thread.budget.sends_left == 0


@ON_SQLITE
async def test_a_new_message_of_the_customer_opens_the_budget_again(stage: Stage) -> None:
    conversation = await accept(stage)
    for number in range(4):
        await say(stage, conversation, f"第{number}句", f"n{number}")
    await stage.writes("xiaolin", "好的", at=SHOP)
    stage.clock.advance(seconds=1)
    await say(stage, conversation, "谢谢等待", "last")
    assert stage.texts("xiaolin")[-1] == "谢谢等待"


@ON_SQLITE
async def test_after_the_window_closed_nothing_is_sent_and_it_shows(stage: Stage) -> None:
    conversation = await accept(stage)
    stage.clock.advance(hours=48)
    await say(stage, conversation, "还在吗", "late")
    assert "还在吗" not in stage.texts("xiaolin")
    assert stage.platforms.calls["/cgi-bin/message/custom/send", 45015] == 0
    assert (await stage.health())["outbox"]["dead"] == 1


@ON_SQLITE
async def test_a_passive_account_hears_its_agent_in_the_next_response(opened: OpenStage) -> None:
    stage = await opened(Options(answering="passive", sends=False))
    conversation = await ask(stage)
    await stage.product.workbench.accept(conversation, "wanglei")
    await say(stage, conversation, "请说", "a1")
    (said,) = await stage.writes("xiaolin", "在吗", at=SHOP)
    assert said == f"{JOINED}\n请说"


@ON_SQLITE
@pytest.mark.parametrize("text", ["", " \n "])
async def test_an_agent_cannot_say_nothing(stage: Stage, text: str) -> None:
    conversation = await accept(stage)
    shown = stage.texts("xiaolin")
    await stage.product.workbench.say(conversation, "wanglei", text, client_id="empty")
    await stage.settle()
    assert stage.texts("xiaolin") == shown


@ON_SQLITE
async def test_a_kf_account_can_be_served_from_the_console_too(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    assert stage.session().state == 1
    conversation = (await stage.conversation()).id
    assert await stage.product.workbench.accept(conversation, "wanglei") is None
    await stage.settle()
    await say(stage, conversation, "我来看看", "a1")
    assert stage.texts("xiaolin")[-2:] == [JOINED, "我来看看"]
    assert await stage.product.workbench.return_to_bot(conversation, "wanglei", outcome="solved") is None
    await stage.settle()
    assert await stage.writes("xiaolin", "什么时候发货") == [SHIPPING]
