"""公众号: is everybody answered, in each mode and form, by the API or inside the response, once?"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from bot.simulator import Fault, FaultKind
from bot.store.tables import account_facts, conversations
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import FEE, SHIPPING, VAGUELY
from tests.stage import SHOP, UNSURE, Options, Stage

FOLLOWED = "欢迎关注小小店，有问题直接问我。"
APOLOGY = "该公众号暂时无法提供服务，请稍后再试"
# Real seconds. The product holds an early attempt longer than CUT_S, and acknowledges the last one after WAIT_S.
WAIT_S, CUT_S, LONG_S = 1.5, 1.2, 30.0


async def follow(stage: Stage, customer: str = "xiaolin") -> Stage:
    """She follows, and is greeted."""
    stage.platforms.subscribe(customer, SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    return stage


@ON_SQLITE
@pytest.mark.parametrize("answering", ["active", "passive"])
@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_question_is_answered_in_every_mode_and_form(
    opened: OpenStage, mode: str, form: str, answering: str
) -> None:
    options = Options(mode=mode, form=form, answering=answering, sends=answering == "active")  # type: ignore[arg-type]
    stage = await follow(await opened(options))
    assert stage.texts("xiaolin") == [FOLLOWED]
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING]
    way = "custom" if answering == "active" else "passive"
    assert all(line.id.startswith(way) for line in stage.lines("xiaolin"))


async def test_passive_answers_are_part_of_the_transcript(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="passive", sends=False)))
    await stage.writes("xiaolin", "什么时候发货", at=SHOP)
    assert [(entry.voice, entry.text) for entry in await stage.transcript()] == [
        ("bot", FOLLOWED),
        ("customer", "什么时候发货"),
        ("bot", SHIPPING),
    ]
    assert {effect.state for effect in await stage.effects()} == {"sent"}


@dataclass
class Impatience:
    """How long the platform waits for the product, in real seconds; it changes when a callback arrives."""

    stage: Stage | None = None
    at_arrivals: deque[Callable[[Stage], None]] = field(default_factory=deque)

    def reached(self, point: str) -> None:
        if point == "before_accept" and self.stage is not None and self.at_arrivals:
            self.at_arrivals.popleft()(self.stage)

    async def follow(self, opened: OpenStage, *, wait_s: float) -> Stage:
        """A stage on which from now on callbacks are cut early."""
        options = Options(answering="passive", sends=False, wait_s=wait_s, reached=self.reached)
        stage = self.stage = await follow(await opened(options))
        cut_after(CUT_S)(stage)
        return stage


def cut_after(seconds: float) -> Callable[[Stage], None]:
    """For callbacks that come after this one."""

    def change(stage: Stage) -> None:
        postman = stage.platforms.postman
        postman.limits = replace(postman.limits, answer_within_s=seconds)

    return change


@ON_SQLITE
async def test_a_passive_answer_that_is_late_rides_in_the_second_attempt_and_is_shown_once(opened: OpenStage) -> None:
    impatience = Impatience()
    stage = await impatience.follow(opened, wait_s=LONG_S)
    impatience.at_arrivals.append(cut_after(LONG_S))
    stage.platforms.customer_writes("xiaolin", SHOP, "什么时候发货")
    delivering = asyncio.create_task(stage.platforms.settled())
    await asyncio.wait({delivering}, timeout=CUT_S + 0.1)  # nobody works: the first is cut
    await stage.settle()
    assert stage.platforms.postman.sent[-1].statuses == [0, 200]
    assert stage.texts("xiaolin") == [FOLLOWED, SHIPPING]
    assert await stage.decisions() == ["greeted", "answered"]


@ON_SQLITE
async def test_the_last_attempt_is_acknowledged_and_the_answer_rides_in_the_next_response(opened: OpenStage) -> None:
    impatience = Impatience()
    stage = await impatience.follow(opened, wait_s=WAIT_S)
    impatience.at_arrivals += (
        lambda _: None,
        cut_after(LONG_S),
        lambda stage: stage.clock.advance(seconds=10),
    )
    stage.platforms.customer_writes("xiaolin", SHOP, "什么时候发货")
    await stage.platforms.settled()
    assert stage.platforms.postman.sent[-1].statuses == [0, 0, 200]
    await stage.settle()
    assert stage.texts("xiaolin") == [FOLLOWED]
    assert await stage.writes("xiaolin", "运费多少钱", at=SHOP) == [f"{SHIPPING}\n{FEE}"]


async def test_the_same_callback_again_gets_the_same_answer(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="passive", sends=False)))
    stage.platforms.faults.add(Fault("callback:shop", FaultKind.DUPLICATE, copies=3))
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING] * 3  # WeChat shows one of them
    assert len(await stage.effects()) == 2
    assert [entry.text for entry in await stage.transcript()].count(SHIPPING) == 1


@ON_SQLITE
async def test_auto_finds_out_by_a_probe_that_an_account_cannot_send_and_answers_passively(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="auto", sends=False)))
    facts = await stage.rows(select(account_facts.c.account, account_facts.c.fact, account_facts.c.value))
    assert facts == [("shop", "sending_api", "no")]
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING]
    assert stage.platforms.calls["/cgi-bin/message/custom/send", 48001] == 0


@ON_SQLITE
async def test_auto_sends_actively_where_the_account_can(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="auto")))
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == [SHIPPING]
    assert stage.platforms.calls["/cgi-bin/message/custom/send", 0] == 2


@ON_SQLITE
async def test_an_account_that_loses_the_sending_api_says_it_in_the_next_response(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="auto")))
    stage.platforms.official(SHOP).custom_send = False
    assert await stage.writes("xiaolin", "什么时候发货", at=SHOP) == []
    await stage.product.worker.refresh()
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "运费多少钱", at=SHOP) == [f"{SHIPPING}\n{FEE}"]


@ON_SQLITE
async def test_the_number_of_a_choice_is_a_click_where_menus_are_only_text(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="passive", sends=False, more=UNSURE)))
    (menu,) = await stage.writes("xiaolin", VAGUELY, at=SHOP)
    assert menu.splitlines()[1] == "1. 多久发货"
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", "1", at=SHOP) == [SHIPPING]


@ON_SQLITE
async def test_a_click_in_a_menu_that_was_sent_actively_is_answered(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(more=UNSURE)))
    await stage.writes("xiaolin", VAGUELY, at=SHOP)
    stage.platforms.customer_clicks("xiaolin", SHOP, "script:shipping-time")
    await stage.settle()
    assert stage.texts("xiaolin")[-1] == SHIPPING


@ON_SQLITE
async def test_the_scene_of_a_scanned_code_is_kept_on_the_conversation(stage: Stage) -> None:
    stage.platforms.scan("xiaolin", SHOP, "shelf-3")  # follows by scanning
    await stage.settle()
    stage.clock.advance(seconds=1)
    await stage.writes("xiaolin", "什么时候发货", at=SHOP)
    assert (await stage.conversation()).scene == "shelf-3"
    stage.platforms.scan("xiaolin", SHOP, "counter-7")
    await stage.settle()
    assert (await stage.conversation()).scene == "counter-7"
    assert await stage.decisions() == ["greeted", "answered", "silent"]


async def test_who_unsubscribes_is_written_to_no_more(stage: Stage) -> None:
    await follow(stage)
    await stage.writes("xiaolin", "转人工", at=SHOP)
    stage.platforms.unsubscribe("xiaolin", SHOP)
    await stage.settle()
    closed = await stage.rows(select(conversations.c.state, conversations.c.owner))
    assert closed == [("closed", "bot")]
    assert await stage.product.workbench.waiting() == ()
    assert stage.cards("lina")[0].replaced["lina"] == "已结束"


@ON_SQLITE
async def test_an_event_nobody_knows_is_stored_as_it_came(stage: Stage) -> None:
    await follow(stage)
    stage.platforms.raise_event("xiaolin", SHOP, "brand_new_event", {"Strange": "值", "Number": 3})
    await stage.settle()
    assert stage.platforms.postman.sent[-1].statuses == [200]
    last = (await stage.inbox())[-1]
    assert last.body["raw"]["Strange"] == "值"
    assert (await stage.turns())[-1].decision == "silent"
    assert stage.texts("xiaolin") == [FOLLOWED]


@ON_SQLITE
async def test_nobody_ever_reads_the_platforms_apology(opened: OpenStage) -> None:
    stage = await follow(await opened(Options(answering="passive", sends=False)))
    for text in ("什么时候发货", "转人工", "在吗在吗", "你好]]><xml>"):
        await stage.writes("xiaolin", text, at=SHOP)
        stage.clock.advance(seconds=1)
    assert APOLOGY not in stage.texts("xiaolin")
