"""Is the rest of a thought waited for as long as the text suggests, and never beyond the bounds?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Address, ChannelKind, Inbound, MessageKind, Sender
from bot.patience import INLINE_SHARE, AdaptivePatience
from bot.settings import WorkSettings
from bot.speech import AccountPlan
from bot.store.bubbles import Waiting

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KIND = ChannelKind.OFFICIAL_ACCOUNT
PLANS = {
    ("shop", KIND): AccountPlan("shop", KIND, "active", "console", ""),
    ("quiet", KIND): AccountPlan("quiet", KIND, "inline", "console", ""),
}
PATIENCE = AdaptivePatience(WorkSettings(), PLANS, 4.5)
GREETING, OPENER, QUESTION = "你好", "我想问一下", "什么时候发货？"


def written(text: str, *, account: str = "shop", sent_at: datetime = NOW) -> Inbound:
    return Inbound(
        address=Address(account, "", "amy"), channel=KIND, message_id="1", kind=MessageKind.TEXT,
        sender=Sender.CUSTOMER, sent_at=sent_at, text=text,
    )  # fmt: skip


def before(*texts: str, began: datetime = NOW) -> list[Waiting]:
    return [Waiting(number, written(text), began, NOW) for number, text in enumerate(texts)]


def wait(message: Inbound, earlier: list[Waiting] | None = None, patience: AdaptivePatience = PATIENCE) -> float:
    until = patience(message, earlier or [], NOW)
    return 0.0 if until is None else (until - NOW).total_seconds()


@pytest.mark.parametrize("text", [QUESTION, "转人工", "1", "12", "202611220001234567", "谢谢", "退货", "包邮吗"])
def test_a_whole_message_does_not_wait(text: str) -> None:
    assert wait(written(text)) == 0


@pytest.mark.parametrize("text", [GREETING, OPENER, "那个面霜，"])
def test_half_a_thought_waits_a_moment(text: str) -> None:
    assert 0.2 < wait(written(text)) <= 1.5


def test_who_has_begun_in_pieces_is_waited_for_sooner() -> None:
    statement = "昨天买的东西"
    assert wait(written(statement)) == 0
    assert 0 < wait(written(statement), before(OPENER)) < wait(written(OPENER))


def test_the_first_waits_four_seconds_at_most() -> None:
    assert wait(written(OPENER), before(OPENER, began=NOW - timedelta(seconds=3.9))) == pytest.approx(0.1)


def test_what_was_written_long_ago_waited_long_enough() -> None:
    until = PATIENCE(written(OPENER, sent_at=NOW - timedelta(minutes=5)), [], NOW)
    assert until is not None  # it is unfinished all the same, and read with what follows
    assert until < NOW


def test_a_passive_answer_leaves_less_time() -> None:
    first = [Waiting(0, written(OPENER), NOW - timedelta(seconds=1), NOW)]
    assert wait(written(OPENER, account="quiet"), first) <= 4.5 * INLINE_SHARE - 1


def test_it_can_be_switched_off() -> None:
    assert wait(written(OPENER), patience=AdaptivePatience(WorkSettings(bubble_wait_s=0), PLANS, 4.5)) == 0


@given(
    texts=st.lists(st.sampled_from([GREETING, OPENER, QUESTION, "嗯", "", "😀"]), min_size=1, max_size=8),
    text=st.text(),
)
def test_it_is_never_longer_than_the_settings_say(texts: list[str], text: str) -> None:
    assert wait(written(text), before(*texts)) <= 1.5
