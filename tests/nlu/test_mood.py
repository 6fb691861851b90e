"""Does the mood follow the words, their negations and their loudness?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import mood


@pytest.mark.parametrize("text", ["谢谢，很好用", "非常满意，会回购", "不错", "客服很耐心，解决了"])
def test_pleased(text: str) -> None:
    assert mood(text).sentiment > 0.3


@pytest.mark.parametrize(
    "text", ["你们是骗子吧", "太差了，我要投诉", "一点都不满意", "不好用", "垃圾！！退钱", "没有解决了"]
)
def test_displeased(text: str) -> None:
    assert mood(text).sentiment < -0.3


@pytest.mark.parametrize("text", ["这个多少钱", "几天能到", "怎么操作", "滚动条在哪", ""])
def test_unmoved(text: str) -> None:
    assert mood(text).sentiment == 0
    assert mood(text).urgency == 0


@pytest.mark.parametrize("text", ["马上给我处理", "急用！在线等", "等了三天了到底什么时候才发", "我已经送医院了"])
def test_urgent(text: str) -> None:
    assert mood(text).urgency > 0.45


def test_a_negation_does_not_reach_over_a_comma_or_a_spent_word() -> None:
    assert mood("不用了，谢谢").sentiment > 0
    assert mood("不错，好看").sentiment > mood("不错").sentiment


def test_degree_and_shouting_make_it_stronger() -> None:
    assert mood("非常失望").sentiment < mood("失望").sentiment < mood("有点失望").sentiment < 0
    assert mood("失望！！").sentiment < mood("失望").sentiment
    assert mood("在吗？？？").urgency > 0


@given(st.text(max_size=200))
def test_any_text_stays_in_range(text: str) -> None:
    found = mood(text)
    assert -1 <= found.sentiment <= 1
    assert 0 <= found.urgency <= 1
