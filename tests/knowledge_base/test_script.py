"""Is a script that breaks a rule refused, with the field and a remedy?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import pytest

from knowledge_base import TO_BE_WRITTEN, Picture, ScriptInvalid, Window, fingerprint, to_plain
from tests.knowledge_base.samples import SHOP, script


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"stage": "later"}, "stage"),
        ({"state": "online"}, "state"),
        ({"category": ("护肤", "")}, "category"),
        ({"answers": {"wecom_kf": "只有一个"}}, "answers"),
        ({"answers": {"default": "好", "douyin": "好"}}, "answers"),
        ({"answers": {"default": "长" * 4001}}, "answers.default"),
        ({"related": ("a b",)}, "related"),
        ({"valid_from": date(2026, 2, 2), "valid_until": date(2026, 2, 1)}, "valid_until"),
        ({"channels": ("default",)}, "channels"),
        ({"scenes": (" ",)}, "scenes"),
        ({"tags": ("长" * 65,)}, "tags"),
        ({"tags": tuple(map(str, range(101)))}, "tags"),
        ({"regions": ("省",)}, "regions"),
        ({"attachments": (Picture("a.png"),) * 5}, "attachments"),
        ({"answers": {"default": TO_BE_WRITTEN}}, "answers"),
    ],
)
def test_a_broken_rule_names_the_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(ScriptInvalid) as caught:
        script("one", "问题", **values)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["", "两", "-a", "a" * 58, "a b", "a\n"])
def test_an_id_fits_a_menu(name: str) -> None:
    with pytest.raises(ScriptInvalid, match="id"):
        script(name, "问题")


def test_a_script_asks_something() -> None:
    with pytest.raises(ScriptInvalid, match="questions"):
        script("one", "问题", "")


def test_each_channel_gets_its_own_answer_or_the_default() -> None:
    assert SHOP[0].answer("wecom_kf") == "两天内发货"
    assert SHOP[0].answer("official_account") == "48 小时内发货"


def test_the_fingerprint_follows_the_content() -> None:
    same = script("one", "问题", answers={"default": "甲", "wecom_kf": "乙"})
    turned = script("one", "问题", answers={"wecom_kf": "乙", "default": "甲"})
    assert fingerprint(same) == fingerprint(turned)
    assert fingerprint(same) != fingerprint(script("one", "问题", answers={"default": "甲"}))


NOW = datetime(2026, 3, 2, 10, 30, tzinfo=timezone(timedelta(hours=8)))  # a Monday


def test_a_script_without_conditions_serves_everyone() -> None:
    assert script("all", "问").serves(channel="wecom_kf", at=NOW)


@pytest.mark.parametrize(
    ("conditions", "serves"),
    [
        ({"channels": ("wecom_kf",)}, True),
        ({"channels": ("official_account",)}, False),
        ({"scenes": ("booth", "qr-7")}, True),
        ({"scenes": ("booth",)}, False),
        ({"tags": ("新客", "会员")}, True),
        ({"tags": ("新客",)}, False),
        ({"regions": ("广东",)}, True),
        ({"regions": ("广东省深圳市",)}, True),
        ({"regions": ("广东/广州",)}, False),
        ({"hours": (Window(opens=time(9), closes=time(10)), Window(opens=time(10, 30), closes=time(11)))}, True),
        ({"hours": (Window(frozenset({1})),)}, False),
        ({"valid_from": date(2026, 3, 3)}, False),
        ({"valid_until": date(2026, 3, 2)}, True),
        ({"tags": ("会员",), "channels": ("official_account",)}, False),
    ],
)
def test_conditions_choose_whom_it_is_said_to(conditions: dict[str, object], serves: bool) -> None:  # noqa: FBT001
    made = script("some", "问", **conditions)
    known = made.serves(channel="wecom_kf", at=NOW, region="广东省深圳市南山区", tags={"会员"}, scene="qr-7")
    assert known is serves


@pytest.mark.parametrize("conditions", [{"scenes": ("booth",)}, {"tags": ("会员",)}, {"regions": ("广东",)}])
def test_what_is_not_known_meets_no_condition(conditions: dict[str, object]) -> None:
    assert not script("some", "问", **conditions).serves(channel="wecom_kf", at=NOW)


def test_what_was_stored_before_there_were_conditions_keeps_its_fingerprint() -> None:
    assert to_plain(script("old", "问")).keys() == {"id", "title", "category", "stage", "questions", "answers", "state"}
