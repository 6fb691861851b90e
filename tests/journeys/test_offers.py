"""Is a ticket offered to one person at a time, does silence pass it on, and is somebody called in the end?"""

from __future__ import annotations

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.store.tables import cards
from handoff import AgentStatus
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import KF, SHOP, Options, Stage

pytestmark = ON_SQLITE


@pytest.fixture
async def offered(stage: Stage) -> Stage:
    """小林 asked for a person; 李娜 was offered her."""
    await stage.writes("xiaolin", "转人工")
    stage.clock.advance(seconds=2)
    return stage


async def everybody_is(stage: Stage, status: AgentStatus) -> None:
    for agent in await stage.product.workbench.agents():
        await stage.product.workbench.set_status(agent.id, status)
    await stage.settle()


async def test_an_offer_is_one_persons_card_and_says_how_long_she_has(offered: Stage) -> None:
    (card,) = offered.cards("lina")
    assert card.members == ["lina"]
    assert "60 秒内" in str(card.body)
    assert offered.cards("wanglei") == []


async def test_silence_passes_it_on_and_the_card_says_so(offered: Stage) -> None:
    await offered.later(seconds=60)
    assert offered.cards("lina")[0].replaced["lina"] == "已超时"
    assert [card.members for card in offered.cards("wanglei")] == [["wanglei"]]
    await offered.clicks("wanglei")
    assert (await offered.conversation()).agent == "wanglei"


async def test_passing_on_tells_where_to_choose_whom(offered: Stage) -> None:
    await offered.clicks("lina", "pass")
    assert offered.cards("lina")[0].replaced["lina"] == "已转给下一位"
    assert "/console/tickets/" in offered.told("lina")[-1]
    assert len(offered.cards("wanglei")) == 1
    await offered.later(seconds=30)
    assert len(offered.cards("lina")) == 1  # it is not offered again to whom it passed


async def test_who_lets_it_pass_may_still_take_it_while_it_waits(offered: Stage) -> None:
    await offered.later(seconds=60)
    assert await offered.product.workbench.accept((await offered.conversation()).id, "lina") is None
    await offered.settle()
    assert (await offered.conversation()).agent == "lina"
    assert offered.cards("wanglei")[0].replaced["wanglei"] == "已由李娜接单"


async def test_when_all_let_it_pass_everybody_is_called_at_last(offered: Stage) -> None:
    await offered.later(seconds=60)
    await offered.later(seconds=60)
    called = offered.cards("lina")[-1]
    assert sorted(called.members) == ["lina", "wanglei"]
    await offered.clicks("lina")
    assert (await offered.conversation()).agent == "lina"


async def test_where_nobody_is_ready_the_whole_team_is_called_and_taking_it_makes_ready(opened: OpenStage) -> None:
    stage = await opened(Options())
    await everybody_is(stage, AgentStatus.OFF)
    await stage.writes("xiaolin", "转人工")
    assert sorted(stage.cards("wanglei")[0].members) == ["lina", "wanglei"]
    await stage.clicks("wanglei")
    assert (await stage.conversation()).agent == "wanglei"
    status = {agent.id: agent.status for agent in await stage.product.workbench.agents()}
    assert (status["wanglei"], status["lina"]) == ("ready", "off")
    assert stage.cards("lina")[0].replaced["lina"] == "已由王磊接单"


async def test_who_is_there_is_called_before_who_is_off(opened: OpenStage) -> None:
    stage = await opened(Options())
    await everybody_is(stage, AgentStatus.OFF)
    await stage.product.workbench.set_status("wanglei", AgentStatus.BUSY)
    await stage.writes("xiaolin", "转人工")
    assert [card.members for card in stage.cards("wanglei")] == [["wanglei"]]
    await stage.clicks("wanglei")
    assert (await stage.conversation()).agent == "wanglei"


async def test_who_comes_back_is_offered_what_waits(opened: OpenStage) -> None:
    stage = await opened(Options())
    await everybody_is(stage, AgentStatus.OFF)
    await stage.writes("xiaolin", "转人工")
    before = len(stage.cards("lina"))
    await stage.product.workbench.set_status("lina", AgentStatus.READY)
    await stage.settle()
    assert [card.members for card in stage.cards("lina")[before:]] == [["lina"]]


async def test_the_second_click_is_told_who_has_it(offered: Stage) -> None:
    offered.cards("lina")[-1].members.append("wanglei")
    card = offered.cards("lina")[-1].msgid
    await offered.clicks("lina")
    offered.cards("lina")[-1].replaced.pop("wanglei", None)  # his phone has not seen the change yet
    offered.platforms.member_clicks_card("wanglei", "corp", card, "accept")
    await offered.settle()
    assert "已由李娜接单" in offered.told("wanglei")[-1]


async def test_who_has_no_right_is_refused_and_logged_without_words(offered: Stage) -> None:
    offered.cards("lina")[-1].members.append("chenjing")
    card = offered.cards("lina")[-1].msgid
    with capture_logs() as logs:
        offered.platforms.member_clicks_card("chenjing", "corp", card, "accept")
        await offered.settle()
    assert "别的团队" in offered.told("chenjing")[-1]
    (line,) = [each for each in logs if each["event"] == "claim.no_right"]
    assert (line["agent"], line["reason"]) == ("chenjing", "not_in_team")
    assert "转人工" not in str(line)


async def test_a_card_older_than_72_hours_is_replaced_by_a_fresh_one_and_its_click_answered_by_words(
    opened: OpenStage,
) -> None:
    stage = await opened(Options())
    stage.platforms.subscribe("xiaolin", SHOP)
    await everybody_is(stage, AgentStatus.OFF)
    stage.clock.advance(minutes=2)
    await stage.writes("xiaolin", "转人工", at=SHOP)
    (old,) = stage.cards("wanglei")
    await stage.later(hours=71)
    assert len(stage.cards("wanglei")) == 1
    await stage.later(hours=1)
    fresh = stage.cards("wanglei")[-1]
    assert fresh.msgid != old.msgid
    await stage.clicks("wanglei")
    assert (await stage.conversation()).agent == "wanglei"
    stage.platforms.member_clicks_card("lina", "corp", old.msgid, "accept")
    await stage.settle()
    assert "已由王磊接单" in stage.told("lina")[-1]


async def test_a_card_nobody_knows_any_more_is_answered_by_words(offered: Stage) -> None:
    async with offered.product.engine.begin() as connection:
        await connection.execute(cards.delete())
    await offered.clicks("lina")
    assert "失效" in offered.told("lina")[-1]
    assert (await offered.rows(select(cards))) == []


async def test_who_goes_off_is_relieved_after_a_minute_in_the_console(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    await stage.product.workbench.set_status("lina", AgentStatus.OFF)
    await stage.later(seconds=59)
    assert (await stage.conversation()).agent == "lina"
    await stage.later(seconds=1)
    conversation = await stage.conversation()
    assert conversation.owner == "queue"
    assert len(stage.cards("wanglei")) == 1


async def test_who_goes_off_is_relieved_by_a_colleague_in_the_client(offered: Stage) -> None:
    await offered.clicks("lina")
    offered.platforms.servicer_receives("lina", KF, receiving=False)
    await offered.settle()
    await offered.later(seconds=60)
    assert (offered.session().state, offered.session().servicer) == (3, "wanglei")
    assert (await offered.conversation()).agent == "wanglei"


async def test_a_card_that_is_not_hers_cannot_be_put_off(stage: Stage) -> None:
    await stage.writes("xiaolin", "转人工")
    card = next(cards[-1] for each in ("wanglei", "lina") if (cards := stage.cards(each)))
    card.members.append("chenjing")
    before = len(stage.cards("chenjing"))
    await stage.clicks("chenjing", "later")
    await stage.later(minutes=6)
    assert len(stage.cards("chenjing")) == before
    assert stage.told("chenjing") != []
