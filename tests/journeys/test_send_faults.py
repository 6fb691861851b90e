"""When sending goes wrong in every way a platform knows: is it said once, later, or shown as not said?"""

from __future__ import annotations

import pytest

from bot.simulator import Fault, FaultKind
from tests.databases import ON_SQLITE
from tests.packs import FEE, SHIPPING
from tests.stage import KF, SHOP, Stage

pytestmark = ON_SQLITE

KF_SEND, OA_SEND = "/cgi-bin/kf/send_msg", "/cgi-bin/message/custom/send"


@pytest.fixture
async def following(stage: Stage) -> Stage:
    """小林 follows the official account."""
    stage.platforms.subscribe("xiaolin", SHOP)
    await stage.settle()
    stage.clock.advance(minutes=2)
    return stage


async def later_texts(stage: Stage, place: str, *, seconds: float) -> list[str]:
    """What she is shown for one question, and after so many seconds more."""
    seen = len(stage.lines("xiaolin"))
    await stage.writes("xiaolin", "什么时候发货", at=place)
    await stage.later(seconds=seconds)
    return stage.texts("xiaolin")[seen:]


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_a_busy_platform_is_asked_again(following: Stage, place: str) -> None:
    following.platforms.faults.add(Fault(KF_SEND if place == KF else OA_SEND, FaultKind.ERRCODE, count=2, errcode=-1))
    assert await later_texts(following, place, seconds=0) == [SHIPPING]


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_a_platform_busy_for_long_is_asked_again_later(following: Stage, place: str) -> None:
    following.platforms.faults.add(Fault(KF_SEND if place == KF else OA_SEND, FaultKind.ERRCODE, count=6, errcode=-1))
    assert await later_texts(following, place, seconds=60) == [SHIPPING]


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_over_the_limit_of_calls_we_rest_a_minute(following: Stage, place: str) -> None:
    path = KF_SEND if place == KF else OA_SEND
    following.platforms.faults.add(Fault(path, FaultKind.ERRCODE, errcode=45009))
    seen = len(following.lines("xiaolin"))
    await following.writes("xiaolin", "什么时候发货", at=place)
    await following.later(seconds=59)
    assert following.platforms.calls[path, 0] == (0 if place == KF else 1)  # the greeting was sent before
    await following.later(seconds=2)
    assert following.texts("xiaolin")[seen:] == [SHIPPING]


async def test_a_proxys_error_page_is_survived_where_repeats_are_recognised(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.HTTP_502))
    assert await later_texts(stage, KF, seconds=60) == [SHIPPING]


async def test_accepted_but_not_answered_is_repeated_with_its_msgid_and_shown_once(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.TIMEOUT_AFTER_ACCEPTING, seconds=8))
    assert await later_texts(stage, KF, seconds=60) == [SHIPPING]
    assert stage.platforms.kf(KF)[1].repeats == 1
    assert [effect.state for effect in await stage.effects()] == ["sent"]
    assert [entry.text for entry in await stage.transcript()].count(SHIPPING) == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER_ACCEPTING, FaultKind.HTTP_502])
async def test_what_may_have_been_said_at_the_official_account_is_recorded_and_not_repeated(
    following: Stage, kind: FaultKind
) -> None:
    following.platforms.faults.add(Fault(OA_SEND, kind, seconds=8))
    shown = await later_texts(following, SHOP, seconds=3600)
    assert shown == ([SHIPPING] if kind is FaultKind.TIMEOUT_AFTER_ACCEPTING else [])
    health = await following.health()
    assert health["outbox"]["uncertain"] == 1
    assert [letter["state"] for letter in health["outbox"]["last_dead_letters"]] == ["uncertain"]
    conversation = await following.conversation()
    thread = await following.product.workbench.thread(conversation.id)
    assert thread is not None
    assert [each["state"] for each in thread.unsent] == ["uncertain"]


async def test_an_uncertain_send_does_not_hold_up_the_next_one(following: Stage) -> None:
    following.platforms.faults.add(Fault(OA_SEND, FaultKind.HTTP_502))
    await following.writes("xiaolin", "什么时候发货", at=SHOP)
    following.clock.advance(seconds=1)
    assert await following.writes("xiaolin", "运费多少钱", at=SHOP) == [FEE]


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_a_token_that_expires_mid_way_is_renewed_once(following: Stage, place: str) -> None:
    path = KF_SEND if place == KF else OA_SEND
    following.platforms.faults.add(Fault(path, FaultKind.EXPIRE_TOKEN))
    assert await later_texts(following, place, seconds=0) == [SHIPPING]
    assert following.platforms.calls[path, 42001] == 1


async def test_a_cut_connection_before_anything_happened_is_tried_again_at_the_kf(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.TIMEOUT_BEFORE, seconds=8))
    assert await later_texts(stage, KF, seconds=60) == [SHIPPING]


async def test_what_never_gets_through_is_a_dead_letter_and_can_be_retried(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.ERRCODE, count=1000, errcode=-1))
    await stage.writes("xiaolin", "什么时候发货")
    for _ in range(10):
        await stage.later(seconds=61)
    (letter,) = (await stage.health())["outbox"]["last_dead_letters"]
    assert (letter["kind"], letter["state"]) == ("send", "dead")
    assert "xiaoer outbox retry" in letter["advice"]
    assert stage.texts("xiaolin") == []


async def test_sends_to_one_customer_keep_their_order_when_the_first_must_wait(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.ERRCODE, count=4, errcode=-1))
    await stage.writes("xiaolin", "什么时候发货")
    await stage.writes("xiaolin", "运费多少钱")
    await stage.later(seconds=60)
    assert stage.texts("xiaolin") == [SHIPPING, FEE]


async def test_a_permission_that_is_missing_names_itself_and_what_to_do(stage: Stage) -> None:
    stage.platforms.faults.add(Fault(KF_SEND, FaultKind.ERRCODE, errcode=48002))
    await stage.writes("xiaolin", "什么时候发货")
    (letter,) = (await stage.health())["outbox"]["last_dead_letters"]
    assert "48002" in letter["error"]
    assert letter["advice"]


async def test_a_card_that_came_through_without_an_answer_is_no_dead_letter(stage: Stage) -> None:
    stage.platforms.faults.add(Fault("/cgi-bin/message/send", FaultKind.TIMEOUT_AFTER_ACCEPTING, seconds=8))
    await stage.writes("xiaolin", "转人工")
    await stage.later(seconds=10)
    (card,) = await stage.effects("card")
    assert card.state == "sent"
    assert len(stage.cards("lina")) + len(stage.cards("wanglei")) == 1
