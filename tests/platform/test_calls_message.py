"""Calls to our own people have the shape the platform wants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from bot.platform.calls import message
from bot.platform.calls.cards import Card, CardButton, CardField, render
from bot.platform.calls.message import Receivers
from tests.platform.builder_cases import Case, untested

CARD = Card(
    title="新工单",
    desc="客户要求人工",
    task_id="ticket-1@v2",
    buttons=(CardButton("claim:1", "接单"), CardButton("later:1", "稍后", style=2)),
    fields=(CardField("客户", "小王"),),
    url="https://desk.example/t/1",
)
RENDERED = {
    "card_type": "button_interaction",
    "main_title": {"title": "新工单", "desc": "客户要求人工"},
    "task_id": "ticket-1@v2",
    "button_list": [
        {"text": "接单", "style": 1, "key": "claim:1"},
        {"text": "稍后", "style": 2, "key": "later:1"},
    ],
    "horizontal_content_list": [{"keyname": "客户", "value": "小王"}],
    "card_action": {"type": 1, "url": "https://desk.example/t/1"},
}
TO = Receivers(users=("zhangsan", "lisi"))

CASES = [
    Case(
        partial(message.send_text, 7, TO, "您好"),
        "message/send",
        {"touser": "zhangsan|lisi", "agentid": 7, "msgtype": "text", "text": {"content": "您好"}},
        repeatable=False,
    ),
    Case(
        partial(message.send_card, 7, Receivers(parties=("2",), tags=("3", "4")), CARD),
        "message/send",
        {
            "toparty": "2",
            "totag": "3|4",
            "agentid": 7,
            "msgtype": "template_card",
            "template_card": RENDERED,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        },
        repeatable=True,
    ),
    Case(
        partial(message.update_card_button, 7, "rc", "已由 张三 接单", ["lisi"]),
        "message/update_template_card",
        {"userids": ["lisi"], "agentid": 7, "response_code": "rc", "button": {"replace_name": "已由 张三 接单"}},
        repeatable=False,
    ),
    Case(
        partial(message.update_card, 7, "rc", CARD),
        "message/update_template_card",
        {"atall": 1, "agentid": 7, "response_code": "rc", "template_card": RENDERED},
        repeatable=False,
    ),
    Case(partial(message.recall, "m1"), "message/recall", {"msgid": "m1"}, repeatable=True),
    Case(
        partial(message.appchat_create, "群", "zhangsan", ["zhangsan", "lisi"]),
        "appchat/create",
        {"name": "群", "owner": "zhangsan", "userlist": ["zhangsan", "lisi"]},
        repeatable=False,
    ),
    Case(
        partial(message.appchat_update, "c1", add=["wangwu"]),
        "appchat/update",
        {"chatid": "c1", "add_user_list": ["wangwu"]},
        repeatable=True,
    ),
    Case(
        partial(message.appchat_send_text, "c1", "好"),
        "appchat/send",
        {"chatid": "c1", "msgtype": "text", "text": {"content": "好"}},
        repeatable=False,
    ),
    Case(partial(message.appchat_get, "c1"), "appchat/get", {"chatid": "c1"}, repeatable=True, method="GET"),
]

TOO_MUCH: list[Callable[[], object]] = [
    lambda: message.send_text(7, TO, "字" * 683),
    lambda: message.appchat_send_text("c1", "字" * 683),
    Receivers,
    lambda: Receivers(users=("u",) * 1001),
    lambda: Receivers(parties=("p",) * 101),
    lambda: Card("t", "d", "bad id", (CardButton("k", "t"),)),
    lambda: Card("t", "d", "i", ()),
    lambda: Card("t", "d", "i", (CardButton("k", "t"),) * 7),
    lambda: Card("t", "d", "i", (CardButton("k", "t"),), (CardField("n", "v"),) * 7),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.func.__name__)
def test_shape(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("build", TOO_MUCH)
def test_what_the_platform_would_refuse_is_refused_here(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        build()


def test_every_builder_was_asked() -> None:
    assert untested((message,), CASES) == set()


def test_a_text_of_just_the_limit_passes() -> None:
    assert message.send_text(7, TO, "字" * 682 + "ab").json is not None


def test_a_text_whose_repeats_are_dropped_may_be_repeated() -> None:
    call = message.send_text(7, TO, "您好", drop_repeats=True)
    assert call.repeatable
    assert call.json is not None
    assert call.json["enable_duplicate_check"] == 1


def test_a_card_may_be_spare_or_speak_with_a_source() -> None:
    spare = render(Card("t", "d", "i", (CardButton("k", "好"),)))
    assert set(spare) == {"card_type", "main_title", "task_id", "button_list"}
    rich = render(Card("t", "d", "i", (CardButton("k", "好"),), body="正文", source="店小二"))
    assert (rich["sub_title_text"], rich["source"]) == ("正文", {"desc": "店小二"})
