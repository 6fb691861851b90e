"""Are mistyped words repaired, and right ones left alone?"""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import Speller, read_training_data
from nlu.pinyin import blurred, readings
from nlu.word_costs import common_costs, segment

PACK = Path(__file__).parents[2] / "examples" / "cosmetics" / "intents"


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.of(["怎么退货", "什么时候发货", "云朵面霜敏感肌能用吗", "可以开发票吗", "运费谁出"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("我要退或", "我要退货"),
        ("怎么法货", "怎么发货"),
        ("运废多少", "运费多少"),
        ("发什么快底", "发什么快递"),
        ("有忧惠券吗", "有优惠券吗"),
        ("转人公", "转人工"),
        ("开张发漂", "开张发票"),
        ("敏感机可以用吗", "敏感肌可以用吗"),
        ("我的订但到哪了", "我的订单到哪了"),
        ("多少前", "多少钱"),
        ("能不能变宜点", "能不能便宜点"),
        ("退款多久到帐", "退款多久到账"),
        ("物刘怎么不动", "物流怎么不动"),
        ("质量问提", "质量问题"),
    ],
)
def test_repaired(typed: str, meant: str, speller: Speller) -> None:
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "办法货到付款",
        "这个效果发火",
        "收获很大",
        "我要退货",
        "云朵面霜",
        "你好",
        "abc 123",
        "",
        "😀",
        "订单202611210001",
        "在哪里",
        "发火",
        "推货车",
        "会员价",
        "试试",
    ],
)
def test_what_is_known_is_never_touched(text: str, speller: Speller) -> None:
    assert speller.correct(text) == text


@given(st.one_of(st.text(max_size=80), st.text(alphabet="退或货法发票漂运费废的吗我要单但订", max_size=30)))
def test_same_length_and_settled(text: str) -> None:
    speller = _SHARED
    once = speller.correct(text)
    assert len(once) == len(text)
    assert all(one == other or "一" <= one <= "鿿" for one, other in zip(text, once, strict=True))


def test_a_long_text_is_read_to_a_bounded_length(speller: Speller) -> None:
    text = "法货" * 5_000
    assert speller.correct(text)[1_000:] == text[1_000:]


def test_of_the_packs_own_words_few_are_changed_and_many_mistakes_repaired() -> None:
    texts = [example.text for example in read_training_data(PACK).examples]
    speller = Speller.of(texts)
    changed = [text for text in texts if speller.correct(text) != text]
    assert len(changed) / len(texts) < 0.01, changed
    wrong = repaired = 0
    dice = random.Random(1)
    for text in texts:
        typed = _mistyped(text, dice)
        for right, written, corrected in zip(text, typed, speller.correct(typed), strict=True):
            wrong += right != written
            repaired += right != written and right == corrected
    assert wrong > 100
    assert repaired / wrong > 0.4


def _mistyped(text: str, dice: random.Random) -> str:
    return "".join(dice.choice(_alike(char)) if dice.random() < 0.1 else char for char in text)


def _alike(char: str) -> list[str]:
    known = readings().get(char)
    return _BY_SOUND[known[0]] if known else [char]


def _by_sound() -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for char, sounds in readings().items():
        if common_costs().get(char, 999) < 120:  # a typing method offers common characters first
            grouped[sounds[0]].append(char)
        else:
            grouped.setdefault(sounds[0], [])
    return {sound: chars or ["一"] for sound, chars in grouped.items()}


_BY_SOUND = _by_sound()
_SHARED = Speller.of(["退货", "发货", "发票", "运费", "订单"])


def test_sounds() -> None:
    assert blurred("zhang") == blurred("zan")
    assert blurred("shui") == blurred("sui")
    assert blurred("ning") == blurred("lin")
    assert blurred("hui") == blurred("fui")
    assert blurred("ma") != blurred("mo")
    assert len(readings()) == 6_763


@given(st.text(alphabet="退货发票运费的吗abc ", max_size=40))
def test_segments_are_the_text(text: str) -> None:
    assert "".join(segment(text, common_costs())) == text
