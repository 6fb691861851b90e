"""Do words fit the platform's limits and the send budget?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.wecom_kf import WeComKfChannel
from bot.domain import Address, ChannelKind, Content, Inbound, MenuContent, MessageKind, Sender, Speaker, TextContent
from bot.settings import LimitSettings
from bot.speech import AccountPlan, Speech
from bot.store.views import Budget

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = AccountPlan("corp", ChannelKind.WECOM_KF, "active", "client", "corp")
INLINE = AccountPlan("corp", ChannelKind.WECOM_KF, "inline", "console", "corp")
SPEECH = Speech({("corp", ChannelKind.WECOM_KF): WeComKfChannel("corp")}, LimitSettings())


def said(
    contents: tuple[Content, ...], left: int, speaker: Speaker = Speaker.BOT, plan: AccountPlan = PLAN
) -> list[str]:
    effects = SPEECH.say(plan, contents, speaker=speaker, budget=Budget(left, NOW), inline=True)
    return [str(dict(effect.payload["content"])["text"]) for effect in effects]  # type: ignore[call-overload] # JSON


def message(**changes: object) -> Inbound:
    values = {"kind": MessageKind.TEXT, "sender": Sender.CUSTOMER, "text": "在吗", **changes}
    address = Address("corp", "wk1", "wm1")
    return Inbound(address=address, channel=ChannelKind.WECOM_KF, message_id="1", sent_at=NOW, **values)  # type: ignore[arg-type] # fields of Inbound


def test_texts_are_joined_until_they_fit_the_budget_with_one_kept_for_the_hand_over() -> None:
    texts = tuple(TextContent(word) for word in "一二三四五")
    assert said(texts, 5) == ["一\n二", "三", "四", "五"]
    assert said(texts, 2) == ["一\n二\n三\n四\n五"]
    assert said(texts, 5, Speaker.SYSTEM) == ["一", "二", "三", "四", "五"]


def test_an_inline_answer_spends_no_budget() -> None:
    effects = SPEECH.say(INLINE, (TextContent("一"),), speaker=Speaker.BOT, budget=Budget(0, NOW), inline=True)
    assert [effect.inline for effect in effects] == [True]


def test_what_is_no_text_is_not_joined() -> None:
    menu = MenuContent("哪个", ())
    effects = SPEECH.say(PLAN, (menu, menu), speaker=Speaker.BOT, budget=Budget(1, NOW), inline=False)
    assert len(effects) == 2


@pytest.mark.parametrize(
    ("inbound", "before", "after"),
    [
        (message(), Budget(0, None), Budget(5, NOW + timedelta(hours=48))),
        (message(sender=Sender.SERVICER), Budget(1, NOW), None),
        (message(kind=MessageKind.EVENT, event="click"), Budget(0, None), Budget(3, NOW + timedelta(minutes=1))),
        (message(kind=MessageKind.EVENT, event="click"), Budget(4, NOW + timedelta(hours=1)), None),
        (message(kind=MessageKind.EVENT, event="view"), Budget(0, None), None),
    ],
)
def test_what_a_message_opens(inbound: Inbound, before: Budget, after: Budget | None) -> None:
    assert SPEECH.window_after(inbound, before) == after
