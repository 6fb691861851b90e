"""Does an operator see what customers ask in vain, as drafts that stay drafts, and which scripts fail them?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.bootstrap import utc_now
from bot.learning import Found, Heard
from bot.store.tables import conversations
from bot.store.uses import Uses
from knowledge_base import TO_BE_WRITTEN, read_scripts
from tests.cli.shop import CommandShop
from tests.cli.test_content import script_states
from tests.store.counter import SAID, Clock, Counter, message

SHIPPING = Found("shipping-time", "多久能发货", 0.9)
MISSED = ("口红能刻字吗", "口红可以刻字吗", "请问口红能不能刻字", "可以给口红刻字吗，我电话13812345678")
ALONE = "你们老板是哪里人"
REFUSED = ("周末下单多久能发货", "周末下单什么时候发货")


def say(number: int, customer: str, heard: Heard) -> tuple[int, str, Heard]:
    return number, customer, heard


HEARD = (
    *(say(at, f"c{at}", Heard(text, missed=True)) for at, text in enumerate((*MISSED, ALONE))),
    *(say(10 + at, f"d{at}", Heard(text, best="shipping-time", shown=(SHIPPING,))) for at, text in enumerate(REFUSED)),
    *(say(20 + at, f"d{at}", Heard("没用")) for at in range(len(REFUSED))),
    say(30, "e", Heard("什么时候发货", best="shipping-time", shown=(SHIPPING,))),
    say(31, "e", Heard("谢谢", substantial=False)),
)


async def hear(engine: AsyncEngine, heard: Sequence[tuple[int, str, Heard]]) -> None:
    """Each message arrives, is answered, and the facts about it are written."""
    counter = Counter(engine, Clock(utc_now()))
    uses = Uses(now=counter.clock)
    for number, customer, each in heard:
        await counter.intake.accept([message(number, customer, text=each.text, at=counter.clock())])
        claimed = await counter.claim()
        turn = await counter.turns.commit_turn(claimed, SAID)
        async with engine.begin() as connection:
            conversation = claimed.conversation.id or await _newest(connection)
            await uses.follow(connection, turn, conversation, each)
    await counter.intake.aclose()


async def _newest(connection: AsyncConnection) -> int:
    return int((await connection.execute(select(func.max(conversations.c.id)))).scalar_one())


@pytest.fixture(scope="session")
def asked_shop(trained_shop: CommandShop) -> CommandShop:
    """The trained shop after a day of customers, from whom it may learn by contract."""
    trained_shop.open('[archive.consent.service]\ntrain = "contract"\n')
    trained_shop.ok("content", "apply", trained_shop.pack)
    trained_shop.in_database(lambda engine: hear(engine, HEARD))
    return trained_shop


def test_what_is_asked_in_vain_becomes_drafts(asked_shop: CommandShop) -> None:
    gaps = asked_shop.ok("kb", "gaps", "--json").json
    engraving = next(gap for gap in gaps if "刻字" in gap["title"])
    assert (engraving["customers"], engraving["asked"], engraving["extends"]) == (4, 4, "")
    assert not any("138" in question for gap in gaps for question in gap["questions"])
    assert not any("老板" in gap["title"] for gap in gaps)
    shipping = next(gap for gap in gaps if "周末" in gap["title"])
    assert (shipping["extends"], shipping["nearest"]["id"]) == ("shipping-time", "shipping-time")
    table = asked_shop.ok("kb", "gaps").out
    assert "write a script" in table
    assert "extend or rewrite shipping-time" in table


def test_drafts_are_imported_as_drafts_and_not_drafted_again(asked_shop: CommandShop) -> None:
    file = asked_shop.folder / "drafts.yaml"
    asked_shop.ok("kb", "gaps", "--out", file)
    drafts = read_scripts(file)
    assert {each.state for each in drafts} == {"draft"}
    assert all(each.answers == {"default": TO_BE_WRITTEN} for each in drafts)
    assert "is there already" in asked_shop.refused("kb", "gaps", "--out", file)
    asked_shop.ok("kb", "import", file)
    states = asked_shop.in_database(script_states)
    assert [states[each.id] for each in drafts] == ["draft"] * len(drafts)
    assert {gap["draft"] for gap in asked_shop.ok("kb", "gaps", "--json").json} == {each.id for each in drafts}
    asked_shop.ok("kb", "gaps", "--out", asked_shop.folder / "again.yaml")
    assert not (asked_shop.folder / "again.yaml").exists()


def test_an_unwritten_answer_cannot_go_live(asked_shop: CommandShop) -> None:
    file = asked_shop.folder / "live.yaml"
    file.write_text(
        "- id: gap-live\n  title: 刻字\n  stage: before\n  questions: [能刻字吗]\n"
        f"  answers: {{default: {TO_BE_WRITTEN}}}\n  state: live\n",
        encoding="utf-8",
    )
    assert "answers" in asked_shop.refused("kb", "import", file)
    assert "gap-live" not in asked_shop.in_database(script_states)


def test_the_scripts_that_fail_come_first(asked_shop: CommandShop) -> None:
    worst = asked_shop.ok("kb", "uses", "--json").json[0]
    assert (worst["script"], worst["shown"], worst["unhelpful"], worst["satisfied"]) == ("shipping-time", 3, 2, 1)
    assert (worst["failed"], worst["contained"]) == (2, pytest.approx(1 / 3))
    assert "33%" in asked_shop.ok("kb", "uses").out
    assert asked_shop.ok("kb", "uses", "--by-question", "--json").json[0]["question"] == "多久能发货"


def test_a_shop_nobody_asked_has_nothing_to_show(shop: CommandShop) -> None:
    assert "run: xiaoer migrate" in shop.refused("kb", "uses")
    shop.ok("migrate")
    assert "no script was shown" in shop.ok("kb", "uses").out
    assert ".yaml" in shop.refused("kb", "gaps", "--out", shop.folder / "drafts.csv")
