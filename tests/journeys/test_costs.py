"""Do the shop's costs decide what is said, per channel and per category, and does the trace tell which?"""

from __future__ import annotations

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING, VAGUELY
from tests.stage import KF, SHOP, Options, Stage

pytestmark = ON_SQLITE


async def passage(stage: Stage) -> dict[str, object]:
    """The best script of the newest turn, as its trace has it."""
    found: dict[str, object] = (await stage.turns())[-1].explanation["passages"][0]
    return found


async def test_a_channel_where_mistakes_are_dearer_asks_where_the_other_answers(opened: OpenStage) -> None:
    stage = await opened(Options(more="decision: {channels: {wecom_kf: {wrong_answer: 100000}}}\n"))
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(seconds=1)
    assert await stage.writes("xiaolin", VAGUELY, at=SHOP) == [SHIPPING]
    assert (await passage(stage))["costs_of"] == []
    await stage.writes("xiaolin", VAGUELY, at=KF)
    assert await stage.decisions() == ["greeted", "answered", "asked_back"]
    told = await passage(stage)
    assert (told["costs_of"], told["fate"]) == (["channel wecom_kf"], "may be offered")


async def test_a_category_whose_scripts_must_not_be_offered_lightly_finds_nothing(opened: OpenStage) -> None:
    stage = await opened(Options(more="decision: {categories: {常见问题: {ask_back: 1, wrong_answer: 100000}}}\n"))
    await stage.writes("xiaolin", VAGUELY)
    assert [turn.reason for turn in await stage.turns()] == ["nothing found"]
    told = await passage(stage)
    assert (told["costs_of"], told["fate"]) == (["category 常见问题"], "refused: too improbable")
    assert told["ask_above"] == 1.0


async def test_the_trace_holds_features_and_costs_and_no_words_of_hers(stage: Stage) -> None:
    await stage.writes("xiaolin", f"{VAGUELY}，我住在甘露寺路")
    (turn,) = await stage.turns()
    told = await passage(stage)
    assert told["script"] == "shipping-time"
    assert told["costs"] == {"wrong_answer": 1.625, "ask_back": 0.25, "handover": 1.0}
    assert told["features"]
    assert turn.explanation["stage"]
    assert "甘露寺" not in str(turn.explanation)
