"""Is a script that breaks a rule refused, with the field and a remedy?"""

from __future__ import annotations

from datetime import date

import pytest

from knowledge_base import ScriptInvalid, fingerprint
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
    ],
)
def test_a_broken_rule_names_the_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(ScriptInvalid) as caught:
        script("one", "问题", **values)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["", "两", "-a", "a" * 65, "a b", "a\n"])
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
