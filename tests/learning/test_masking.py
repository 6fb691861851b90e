"""Does nothing that tells who a customer is survive the mask, and everything she asks?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我电话13812345678打不通", "我电话〔电话〕打不通"),
        ("地址改成广东省深圳市南山区科技园路1号3栋502", "地址改成〔地址〕"),
        ("邮箱 li.lei@qq.com 收不到发票", "邮箱 〔邮箱〕 收不到发票"),
        ("https://item.example.com/1?a=b 这个多少钱", "〔链接〕 这个多少钱"),
        ("收件人：李雷雷，写错了", "收件人：〔姓名〕，写错了"),
        ("加我微信abc_123456", "加我微信〔账号〕"),
        ("身份证44030119900101123X", "身份证〔号码〕"),
        ("卡号 6222 0213 4567 8901 234", "卡号 〔号码〕"),
    ],
)
def test_what_is_hers_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "新疆包邮吗",
        "深圳南山区多久到",
        "50ml的多少钱",
        "满100-200减多少",
        "2026-11-11有活动吗",
        "SK-II神仙水230ml",
        "收件人不变地址变下",
        "第2件半价吗",
    ],
)
def test_what_she_asks_is_kept(text: str) -> None:
    assert mask(text) == text


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["我的号码{}", "打{}", "{}，谢谢", "tel:{} 急"])
)
def test_no_mobile_number_gets_through(number: str, sentence: str) -> None:
    assert number not in mask(sentence.format(number))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_masked_without_harm_twice(text: str) -> None:
    assert not any(run.isdecimal() and len(run) > 9 and run.isascii() for run in mask(text).split())
