"""Is a message written plainly without losing what it says?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import tidy
from nlu.tidying import REACH


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("在在在吗？？？！！", "在吗？"),
        ("快快快快发货", "快快发货"),
        ("人工人工人工", "人工"),
        ("在吗 在吗 在吗", "在吗"),
        ("優惠券怎麼領", "优惠券怎么领"),
        ("ｈｅｌｌｏ　１２３", "hello 123"),
        ("嗯 那个我想问一下就是说这个面霜敏感肌能用吗", "我想问一下这个面霜敏感肌能用吗"),
        ("呃，我那个订单到哪了", "我那个订单到哪了"),
        ("嗯嗯嗯我要退货", "我要退货"),
        ("哈哈哈哈哈", "哈哈"),
        ("谢谢谢谢谢谢", "谢谢"),
        ("a\u200bb\x00c\ufeff", "abc"),
        ("第一行\n第二行", "第一行 第二行"),
        ("太好用了👍🏻", "太好用了很好"),
        ("气死了😡", "气死了生气"),
        ("🌈", ""),
        ("❤️❤️", "喜欢喜欢"),
        ("好。。。。。。吧", "好。吧"),
        ("什么?!?!", "什么?"),
        ("", ""),
    ],
)
def test_plain(written: str, plain: str) -> None:
    assert tidy(written) == plain


@pytest.mark.parametrize(
    "text",
    [
        "那个面霜多少钱",
        "金额不对",
        "余额怎么退",
        "XXXL码有吗",
        "就是那个面霜",
        "看看",
        "谢谢",
        "订单2026112100011111",
        "13888888888",
        "这个，能退吗？",
        "也就是说不能退",
        "然后呢",
        "满200减20",
        "A.B",
        "天天用可以吗",
        "妈妈用的",
    ],
)
def test_what_is_plain_stays(text: str) -> None:
    assert tidy(text) == text


_MESSY = st.text(alphabet="在吗？！。，的呃嗯那个就是说哈谢快 a1\n\u200b😀👍優惠", max_size=40)


@given(st.one_of(st.text(max_size=200), _MESSY))
def test_idempotent_and_bounded(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert len(once) <= REACH
    assert not any(ord(char) < 32 for char in once)


@pytest.mark.parametrize("piece", ["哈", "在吗 ", "a", "？", "😀", "退货", "那个", "\u202e", "﷽", "嗯，"])
def test_a_long_message_is_read_to_a_bounded_length(piece: str) -> None:
    assert len(tidy(piece * 10_000)) <= REACH
