"""When a person ends, what stays? Who, how, what is open; and nobody speaks who should not."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import pytest
from sqlalchemy import Select, select

from bot.store.tables import conversations
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import KF, Options, Stage

pytestmark = ON_SQLITE


@pytest.fixture
async def served(opened: OpenStage) -> Stage:
    """李娜 serves 小林 from the console."""
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=2)
    await stage.clicks("lina")
    stage.clock.advance(seconds=2)
    return stage


async def test_promises_outlive_a_closed_conversation_for_a_fortnight(served: Stage) -> None:
    conversation = await served.conversation()
    workbench = served.product.workbench
    assert await workbench.close(conversation.id, "lina", outcome="follow_up", promises=("明天补发",)) is None
    await served.settle()
    ended = await served.conversation()
    assert (ended.stretch["agent"], ended.stretch["outcome"], ended.stretch["ticket"]) == ("lina", "follow_up", 1)
    served.clock.advance(days=13)
    await served.writes("xiaolin", "什么时候发货")
    again = await served.conversation()
    assert (again.id != ended.id, again.promises, again.stretch["agent"]) == (True, ["明天补发"], "lina")


async def test_after_a_fortnight_promises_are_history(served: Stage) -> None:
    conversation = await served.conversation()
    await served.product.workbench.close(conversation.id, "lina", outcome="follow_up", promises=("明天补发",))
    served.clock.advance(days=15)
    await served.writes("xiaolin", "什么时候发货")
    assert (await served.conversation()).promises is None


async def test_the_next_person_reads_the_promise_and_is_the_last_one(served: Stage) -> None:
    conversation = await served.conversation()
    await served.product.workbench.close(conversation.id, "lina", outcome="follow_up", promises=("明天补发",))
    served.clock.advance(days=1)
    await served.writes("xiaolin", "转人工")
    (ticket,) = await served.product.workbench.waiting()
    assert ticket.summary.collected["promised"] == "明天补发"
    assert served.cards("lina")[-1].members == ["lina"]


async def test_a_line_in_the_transcript_ends_her_time(served: Stage) -> None:
    conversation = await served.conversation()
    assert await served.product.workbench.return_to_bot(conversation.id, "lina", outcome="resolved") is None
    await served.settle()
    assert ("system", "人工服务结束（李娜）") in [(each.voice, each.text) for each in await served.transcript()]


async def test_last_words_and_the_end_arrive_both_in_order(served: Stage) -> None:
    conversation = (await served.conversation()).id
    shown = len(served.lines("xiaolin"))
    workbench = served.product.workbench
    assert await workbench.say(conversation, "lina", "问题都处理好了", client_id="last-words") is None
    assert await workbench.close(conversation, "lina", outcome="resolved") is None
    await served.settle()
    assert [text[:7] for text in served.texts("xiaolin")[shown:]] == ["问题都处理好了", "本次人工服务已"]


async def test_drafts_are_put_together_where_the_budget_is_short(served: Stage) -> None:
    conversation = (await served.conversation()).id
    shown = len(served.lines("xiaolin"))
    for number in range(6):
        await served.product.workbench.say(conversation, "lina", f"第{number}句", client_id=f"draft-{number}")
    await served.settle()
    assert served.texts("xiaolin")[shown:] == ["第0句", "第1句", "第2句\n第3句\n第4句\n第5句"]


async def test_she_may_go_on_in_the_client_and_is_followed_there(served: Stage) -> None:
    conversation = (await served.conversation()).id
    assert await served.product.workbench.to_client(conversation, "lina", to="lina") is None
    await served.settle()
    assert (served.session().state, served.session().servicer) == (3, "lina")
    served.platforms.servicer_ends_session("lina", "xiaolin", KF)
    await served.settle()
    assert (await served.conversation()).state == "closed"
    served.clock.advance(seconds=2)
    assert await served.writes("xiaolin", "什么时候发货") == [SHIPPING]


async def test_who_is_no_servicer_goes_on_in_the_console_and_is_told(served: Stage) -> None:
    _, kf = served.platforms.kf(KF)
    kf.servicers["lina"].receiving = False
    conversation = (await served.conversation()).id
    assert await served.product.workbench.to_client(conversation, "lina", to="lina") is None
    await served.settle()
    assert ((await served.conversation()).agent, served.session().state) == ("lina", 1)
    assert "请继续在工作台回复" in served.told("lina")[-1]


# ── every order of what can happen: I9, I10, I11 ─────────────────────────────────────────────


async def act(stage: Stage, customer: str, what: str, number: int) -> None:
    """One of the things that can happen; where it cannot, nothing does."""
    workbench, rows = stage.product.workbench, await stage.rows(_open(stage, customer))
    conversation = rows[0] if rows else None
    match what:
        case "asks":
            await stage.writes(customer, "什么时候发货")
        case "calls":
            await stage.writes(customer, "转人工")
        case _ if conversation is None:
            return
        case "takes":
            await workbench.accept(conversation.id, "lina")
        case "says":
            await workbench.say(conversation.id, "lina", f"第{number}句", client_id=f"{customer}-{number}-say")
        case "returns":
            await workbench.return_to_bot(conversation.id, "lina", outcome="resolved")
        case "closes":
            await workbench.close(conversation.id, conversation.agent or "lina", outcome="resolved")
        case _:
            raise AssertionError(f"no such act: {what}")
    await stage.settle()
    stage.clock.advance(seconds=1)


def _open(stage: Stage, customer: str) -> Select[Any]:
    known = stage.platforms.customer(customer)
    return select(conversations).where(
        conversations.c.customer == known.external_userid, conversations.c.state == "open"
    )


@pytest.mark.timeout(180)  # sixteen orders, each a whole journey
@pytest.mark.parametrize("handoff", ["console", "client"])
async def test_in_every_order_of_events_nobody_speaks_who_must_not(
    opened: OpenStage, handoff: Literal["console", "client"]
) -> None:
    stage = await opened(Options(handoff=handoff))
    for place, order in enumerate(product(("asks", "takes", "says", "returns"), repeat=2)):
        customer = f"customer{place}"
        stage.platforms.add_customer(customer)
        await act(stage, customer, "calls", 0)
        for number, what in enumerate(("takes", *order, "asks"), start=1):
            rows = await stage.rows(_open(stage, customer))
            owner = rows[0].owner if rows else "bot"
            before = len(stage.lines(customer))
            await act(stage, customer, what, number)
            said = stage.texts(customer)[before:]
            if owner == "agent" and what == "asks":
                assert said == []  # I9: a person has her
            if owner == "bot" and what == "asks":
                assert said == [SHIPPING]  # I9: and the bot answers again after the return
            assert len(said) <= 5  # I11
        rows = await stage.rows(_open(stage, customer))
        if rows and rows[0].owner == "agent":
            await act(stage, customer, "closes", 9)
            assert stage.texts(customer)[-1].startswith("本次人工服务已结束")  # I10
    refused = {code for (path, code) in stage.platforms.calls if path == "/cgi-bin/kf/send_msg"}
    assert refused == {0}  # I11: neither more than five nor in state 2, 3 or 4: not one send was refused


async def test_who_only_closes_leaves_earlier_promises_open(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    conversation = (await stage.conversation()).id
    workbench = stage.product.workbench
    assert await workbench.return_to_bot(conversation, "lina", outcome="resolved", promises=["补发小样"]) is None
    await stage.settle()
    stage.clock.advance(seconds=2)
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    assert await workbench.close(conversation, "lina", outcome="resolved") is None
    assert (await stage.conversation()).promises == ["补发小样"]
