"""Is a reaction to an answer recognised, and nothing else taken for one?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning import Reaction, reaction
from bot.learning.reactions import LONGEST, asks_nothing


@pytest.mark.parametrize(
    "text",
    [
        "没用", "没用！！", "你这回答没用啊", "根本没用，谢谢", "不是这个", "不是这个意思呀", "答非所问",
        "你这是答非所问吧我问的是运费",
        "我问的不是这个", "不是我要问的", "我试了，还是没用", "还是没解决", "没听懂我说什么",
        "都不是", "不对", "看不懂", "说了等于没说",
        "你没听懂我的意思吗，我要的是发票",
    ],
)  # fmt: skip
def test_useless(text: str) -> None:
    assert reaction(text) is Reaction.UNHELPFUL


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的，谢谢你啦～",
        "嗯嗯知道了",
        "解决了，多谢",
        "明白了👌",
        "没有了，谢谢",
        "辛苦了",
        "ＴＨＡＮＫＳ",
        "懂了懂了",
    ],
)
def test_satisfied(text: str) -> None:
    assert reaction(text) is Reaction.SATISFIED


@pytest.mark.parametrize(
    "text",
    [
        "", "？", "多久发货", "没用过的可以退吗", "这款有没有用", "是不是这个", "对不对", "用完了没用的可以退吗",
        "不是说包邮吗", "谢谢，再问下多久发货",
        "有什么用", "有用吗", "能解决吗", "解决了？", "可以解决吗", "明白吗",
        "面膜没用完能退吗", "好的", "在吗", "懂车帝可以买吗", "运费谁出",
    ],
)  # fmt: skip
def test_neither(text: str) -> None:
    assert reaction(text) is Reaction.NONE


@pytest.mark.parametrize(
    "text",
    ["好的", "嗯嗯 好的 谢谢", "在吗", "12345", "我要转人工", "没用", "👌", "", "好", "你好，在吗？", "订单号：12"],
)
def test_asks_nothing(text: str) -> None:
    assert asks_nothing(text) == (text != "订单号：12")


@pytest.mark.parametrize(
    "text", ["地址错了怎么办", "电话写错了", "多久发货", "怎么退", "开发票", "在吗，多久到", "有色差吗"]
)
def test_asks_something(text: str) -> None:
    assert not asks_nothing(text)


@given(st.text(max_size=3 * LONGEST))
def test_any_text_is_one_of_three(text: str) -> None:
    assert reaction(text) in Reaction
    asks_nothing(text)


@given(st.lists(st.sampled_from("没用好的谢你这不是个对了吗"), max_size=LONGEST).map("".join))
def test_polite_words_never_hide_a_complaint(text: str) -> None:
    if reaction(text) is Reaction.UNHELPFUL and len(text) + 2 <= LONGEST:
        assert reaction(f"{text}，谢谢") is Reaction.UNHELPFUL
