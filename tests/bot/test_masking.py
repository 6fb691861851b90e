"""Does nothing that tells who a customer is survive the mask, and everything she asks?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.masking import is_card_number, is_id_number
from bot.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我电话13812345678打不通", "我电话〔电话〕打不通"),
        ("地址改成广东省深圳市南山区科技园路1号3栋502", "地址改成〔地址〕"),
        ("邮箱 li.lei@qq.com 收不到发票", "邮箱 〔邮箱〕 收不到发票"),
        ("https://item.example.com/1?a=b 这个多少钱", "〔链接〕 这个多少钱"),
        ("收件人：李雷雷，写错了", "收件人：〔姓名〕，写错了"),
        ("加我微信abc_123456", "加我微信〔账号〕"),
        ("身份证44030119900101123X", "身份证〔号码〕"),  # its check character is wrong
        ("身份证11010519491231002X", "身份证〔身份证号〕"),
        ("卡号 6222 0213 4567 8901 234", "卡号 〔号码〕"),
        ("卡号 6222 0213 4567 8901 230", "卡号 〔银行卡号〕"),
        ("１３８１２３４５６７８给我打", "〔电话〕给我打"),
        ("打13812345678@qq.com", "打〔邮箱〕"),
        ("138 1234 5678或0755-26880000", "〔电话〕或〔电话〕"),
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


PIECES = st.sampled_from(
    [
        *("13812345678", "138 1234 5678", "11010519491231002X", "6222021345678901230", "12345678", "0", "x", "-"),
        *("a@b.cn", "www.x.cn/1", "我叫王小明", "微信号abc_123", "广东省深圳市南山区科技园路1号", "收件人：", "订单号"),
        *("是", "，", " ", "〔", "〕", "电话"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_masking_again_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=40), st.text(max_size=40))
def test_no_digits_of_a_number_that_stands_alone_remain(number: str, before: str, after: str) -> None:
    masked = mask(f"{before} {number} {after}".replace("〔", "").replace("〕", ""))
    assert number not in masked
    assert number[3:] not in masked


def test_what_stands_far_down_a_long_text_is_masked_too() -> None:
    far = "好" * 3_000 + "广东省深圳市南山区科技园路1号3栋502，13812345678"
    assert mask(far) == "好" * 3_000 + "〔地址〕，〔电话〕"


def luhn(digits: str) -> str:
    return next(digits + str(check) for check in range(10) if is_card_number(digits + str(check)))


@given(st.from_regex(r"62[0-9]{14,16}", fullmatch=True))
def test_cards_and_ids_are_known_by_their_check_digits(digits: str) -> None:
    assert mask(f"卡{luhn(digits)}") == "卡〔银行卡号〕"
    one_off = str((int(luhn(digits)[-1]) + 1) % 10)
    assert not is_card_number(digits + one_off)


def test_an_id_number_needs_a_day_of_birth() -> None:
    assert is_id_number("11010519491231002X")
    assert is_id_number("11010519491231002x")
    assert not is_id_number("110105194912310021")
    assert not is_id_number("110105194913310021")
