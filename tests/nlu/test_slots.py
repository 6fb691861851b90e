"""Are slots filled over turns, corrected, and asked for in their order?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import Filled, SlotNeed, fill, find_entities

NEEDS = (
    SlotNeed("order", "order_number", "麻烦发一下订单号"),
    SlotNeed("phone", "phone", "方便留个电话吗"),
)


def _say(text: str, known: dict[str, str] | None = None, needs: tuple[SlotNeed, ...] = NEEDS) -> Filled:
    return fill(needs, known or {}, find_entities(text), text)


def test_asked_in_order_until_nothing_is_missing() -> None:
    first = _say("我要退货")
    assert (first.values, first.missing, first.next_question) == ({}, ("order", "phone"), "麻烦发一下订单号")
    second = _say("订单202611210001", dict(first.values))
    assert (second.missing, second.next_question) == (("phone",), "方便留个电话吗")
    third = _say("13812345678", dict(second.values))
    assert third == Filled({"order": "202611210001", "phone": "13812345678"}, (), "")


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("不对，是13900000000", "13900000000"),
        ("不是13812345678，是13900000000", "13900000000"),
        ("13900000000，不是13812345678", "13900000000"),
        ("13812345678写错了，13900000000", "13900000000"),
        ("13811111111或者13900000000", "13900000000"),
        ("随便", "13812345678"),
        ("13812345678不对", None),
    ],
)
def test_corrections(text: str, phone: str | None) -> None:
    found = _say(text, {"phone": "13812345678"})
    assert found.values.get("phone") == phone
    assert ("phone" in found.missing) == (phone is None)


def test_one_kind_for_two_slots_goes_in_order() -> None:
    needs = (SlotNeed("from", "address", "从哪"), SlotNeed("to", "address", "到哪"))
    both = _say("从杭州寄到北京", needs=needs)
    assert both.values == {"from": "浙江省/杭州市//", "to": "北京市/北京市//"}
    second = _say("北京", {"from": "浙江省/杭州市//"}, needs)
    assert second.values == {"from": "浙江省/杭州市//", "to": "北京市/北京市//"}


def test_a_role_chooses() -> None:
    needs = (SlotNeed("shoe", "size", "鞋码多少", role="shoe"),)
    assert _say("XL的衣服和38码的鞋", needs=needs).values == {"shoe": "38"}


def test_what_is_no_slot_of_ours_is_kept() -> None:
    assert _say("13900000000", {"name": "李"}).values == {"name": "李", "phone": "13900000000"}


@given(
    st.text(alphabet="不是对，订单号138123456780 错了", max_size=60),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
)
def test_any_text_gives_json_and_a_question_for_each_gap(text: str, known: dict[str, str]) -> None:
    found = _say(text, known)
    assert json.loads(json.dumps(dict(found.values))) == found.values
    assert bool(found.next_question) == bool(found.missing)
    assert fill(NEEDS, found.values, (), "").values == found.values
