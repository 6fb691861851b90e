"""Are keywords what a message is about, and never anything else, whatever is written?"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.words import Keywords, normalise
from archive.words.candidates import LONGEST
from archive.words.normalising import REACH

SHOP = Keywords(["水光面霜", "花漾 Pro 2", "小红瓶", "焕颜精华水光面霜礼盒"])
PLAIN = Keywords()
PIECES = (
    "退货", "换货", "面霜", "发票", "抬头", "[订单x]", "20231105123456", "谢谢", "的", "😀", "。", "\n",
    "AB-12", "\u200b", "〔电话〕",
)  # fmt: skip
MESSAGES = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


def words(text: str, keywords: Keywords = PLAIN) -> list[str]:
    return [each.text for each in keywords.of(text)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("您好，请问能修改收货地址吗", "收货地址"),
        ("我想把个人发票改成公司抬头", "公司抬头"),
        ("这个月见草油孕妇可以吃吗", "孕妇"),
        ("申请价格保护要多久", "价格保护"),
        ("能用花呗分期付款吗", "分期付款"),
    ],
)
def test_what_a_message_is_about_is_found(message: str, expected: str) -> None:
    assert any(expected in each for each in words(message))


@pytest.mark.parametrize(
    "message",
    [
        "好的，谢谢", "在吗？", "嗯嗯 知道了", "您好，请问在吗", "亲亲，不客气哦", "那我就", "什么情况", "问题",
        "没有了，谢谢！",
        "13812345678", "20231105123456", "JD0012345678901", "3", "99.5", "[订单x] [金额x]", "〔电话〕", "[微笑][玫瑰]",
        "[ORDERID_10003206]",
        "https://item.example.com/100012043978.html", "me@example.com", "😀😀", "", "。", " \n ",
    ],
)  # fmt: skip
def test_courtesies_numbers_ids_and_masks_are_no_keywords(message: str) -> None:
    assert words(message) == []


def test_an_id_or_mask_beside_words_stays_out_of_them() -> None:
    found = "".join(words("订单20231105123456的退货运费〔电话〕谁出，物流SF1234567890123到哪了"))
    assert "退货运费" in found
    assert not any(character.isdigit() or character in "〔〕" for character in found)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("水光面霜什么时候补货", "水光面霜"),
        ("我的花漾 pro 2坏了", "花漾 pro 2"),
        ("小红瓶过敏怎么办", "小红瓶"),
        ("焕颜精华水光面霜礼盒有货吗", "焕颜精华水光面霜礼盒"),
    ],
)
def test_goods_are_one_word_and_come_first(message: str, name: str) -> None:
    assert name in words(message, SHOP)[0]


def test_goods_are_not_cut_out_of_latin_words() -> None:
    shop = Keywords(["Pro"])
    assert words("Problem solved", shop) == words("Problem solved", PLAIN)
    assert words("Pro怎么卖", shop)[0] == "Pro"


def test_goods_break_no_word_of_the_text() -> None:
    assert words("水光面霜", SHOP) == ["水光面霜"]
    assert words("İ水光面霜", SHOP)


def test_a_headline_tells_most() -> None:
    text = "顾客说快递很慢。商品没有破损。包装也好。 敏感肌面霜过敏处理"
    assert words(text)[0] == "敏感肌面霜"


def test_a_part_is_no_keyword_beside_its_whole_unless_it_stands_alone() -> None:
    together = words("平方和优化方法。平方和优化方法。平方和优化方法。")
    assert sum("优化" in each for each in together) == 1
    apart = words("糖尿病患者注意：二型糖尿病。预防糖尿病。二型糖尿病，糖尿病。")
    assert {"糖尿病", "二型糖尿病"} <= set(apart)


def test_traditional_and_full_width_are_read_plainly() -> None:
    assert words("電子發票") == words("电子发票")
    assert words("ＵＳＢ数据线") == words("USB数据线")


@settings(max_examples=150)
@given(MESSAGES, st.integers(0, 8))
@example("\ud800退货", 5)
@example("\x00面\x07霜", 5)
def test_keywords_are_few_parts_of_the_text_and_always_the_same(text: str, top: int) -> None:
    plain = normalise(text)
    found = SHOP.of(text, top=top)
    assert found == SHOP.of(text, top=top)
    assert len(found) <= top
    assert len({each.text for each in found}) == len(found)
    assert [each.weight for each in found] == sorted((each.weight for each in found), reverse=True)
    for each in found:
        assert each.text in plain
        assert 2 <= len(each.text) <= LONGEST
        assert 0 <= each.weight <= 1
        assert not each.text.isdecimal()
        assert "[" not in each.text
        assert "〔" not in each.text


@settings(max_examples=100)
@given(MESSAGES)
def test_no_keyword_lies_within_another_all_the_time(text: str) -> None:
    plain = normalise(text)
    found = words(text)
    for part in found:
        for whole in found:
            if part != whole and part in whole:
                taken = set().union(*places(whole, plain))
                assert any(not place <= taken for place in places(part, plain))


def places(text: str, plain: str) -> list[set[int]]:
    """The places of each time the text can be read."""
    starts = (start for start in range(len(plain)) if plain.startswith(text, start))
    return [set(range(start, start + len(text))) for start in starts]


def test_what_overlaps_itself_is_read_wherever_it_can_be() -> None:
    assert not {"00䮟", "00䮟0"} <= set(words("00䮟00䮟0"))


@pytest.mark.parametrize("message", ["保持手机畅通配送备注号码", "售后维护退货地址设置", "修改收货地址电话号码"])
def test_in_a_message_no_keyword_crosses_another(message: str) -> None:
    found = words(message)
    assert found
    assert sum(len(each) for each in found) <= len(message)
    taken = [place for each in found for place in range(message.find(each), message.find(each) + len(each))]
    assert len(set(taken)) == len(taken)


@settings(max_examples=30)
@given(st.text())
def test_normalising_twice_changes_nothing_that_is_read(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "unit",
    [
        "哈",
        "退货",
        "😀",
        "\x00",
        "A",
        "1",
        "[",
        "〔",
        "退 ",
        "水光面霜",
        "a.b@c",
        "http://a",
        "\ud83d",
        "退货运费，",
        "a-",
    ],
)
def test_long_messages_are_read(unit: str) -> None:
    text = unit * (10_000 // len(unit))
    assert len(SHOP.of(text)) <= 5
    assert SHOP.of(text) == SHOP.of(text + " ")


def test_of_a_document_only_the_beginning_is_read() -> None:
    assert words("。" * REACH + "退货运费") == []
