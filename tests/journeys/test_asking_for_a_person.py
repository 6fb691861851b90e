"""Does everybody who needs a person get one, whatever words she asks in, and does the team hear of it?"""

from __future__ import annotations

from bot.wakeups import Wakeups
from tests.databases import ON_SQLITE
from tests.stage import KF, SHOP, Stage

pytestmark = ON_SQLITE

WORDINGS = ("人工", "转人工客服", "我要找真人", "能不能换个人跟我说", "别用机器人回我", "ZHUAN人工!!", "有没有活人啊")


async def test_a_person_is_called_whatever_the_wording(stage: Stage) -> None:
    for number, wording in enumerate(WORDINGS):
        stage.platforms.add_customer(f"customer-{number}")
        (said,) = await stage.writes(f"customer-{number}", wording)
        assert "售后组" in said, wording
        assert stage.session(f"customer-{number}").state == 2
    waiting = await stage.product.workbench.waiting()
    assert [(ticket.reason, ticket.summary.asked) for ticket in waiting] == [
        ("asked_for_person", wording) for wording in WORDINGS
    ]


async def test_a_complaint_goes_to_the_team_of_its_rule_with_priority(stage: Stage) -> None:
    await stage.writes("xiaolin", "我要投诉你们，太过分了")
    (ticket,) = await stage.product.workbench.waiting()
    assert (ticket.reason, ticket.team, ticket.priority, ticket.rule) == ("complaint", "aftersale", 1, "投诉优先")


async def test_a_complaint_waits_before_an_ordinary_request(stage: Stage) -> None:
    await stage.writes("ajie", "转人工")
    await stage.writes("xiaolin", "我要投诉你们")
    assert [ticket.reason for ticket in await stage.product.workbench.waiting()] == ["complaint", "asked_for_person"]


async def test_the_ticket_knows_what_was_said_before(stage: Stage) -> None:
    await stage.writes("xiaolin", "什么时候发货")
    stage.clock.advance(seconds=5)
    await stage.writes("xiaolin", "转人工")
    (ticket,) = await stage.product.workbench.waiting()
    assert [said.text for said in ticket.summary.utterances][:1] == ["什么时候发货"]
    assert len(ticket.summary.tried) == 1


async def test_outside_opening_hours_the_customer_is_told_when_people_are_there(stage: Stage) -> None:
    stage.clock.advance(hours=6)  # midnight in the shop
    (said,) = await stage.writes("xiaolin", "转人工")
    assert "人工客服今天 09:00 上线" in said
    assert len(await stage.product.workbench.waiting()) == 1


async def test_while_she_waits_the_bot_is_silent_and_keeps_what_she_says(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=3)
    assert await stage.writes("xiaolin", "什么时候发货") == []
    assert await stage.decisions() == ["handed_over", "silent"]
    assert [entry.text for entry in await stage.transcript() if entry.voice == "customer"] == ["转人工", "什么时候发货"]


async def test_one_of_the_team_gets_one_card_then_the_next_and_nobody_else_does(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    assert [len(stage.cards(userid)) for userid in ("lina", "wanglei", "chenjing")] == [1, 0, 0]
    await stage.later(seconds=60)
    assert [len(stage.cards(userid)) for userid in ("lina", "wanglei", "chenjing")] == [1, 1, 0]


async def test_at_the_official_account_a_person_is_called_as_well(stage: Stage) -> None:
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    (said,) = await stage.writes("xiaolin", "转人工", at=SHOP)
    assert "售后组" in said
    assert len(stage.cards("lina")) == 1
    assert stage.platforms.threads.of(KF, "xiaolin") == []


async def test_the_queue_is_woken_by_who_needs_a_person_and_not_by_every_answer(stage: Stage) -> None:
    async with stage.product.wakeups.listening(Wakeups.QUEUE) as rung:
        assert await stage.writes("xiaolin", "你好")
        assert not rung.is_set()
        assert await stage.writes("xiaolin", "转人工")
        assert rung.is_set()
        rung.clear()
        await stage.writes("xiaolin", "还在吗")  # to the person she waits for
        assert rung.is_set()
