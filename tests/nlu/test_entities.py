"""Are numbers taken for what they are, and found where they stand?"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import find_entities
from nlu.entities import REACH

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("订单号202611210001什么时候到", [("order_number", "202611210001")]),
        ("订单：13812345678", [("order_number", "13812345678")]),
        ("单号 SF1234567890123", [("tracking_number", "SF1234567890123")]),
        ("快递单号773123456789", [("tracking_number", "773123456789")]),
        ("我电话是138 1234 5678", [("phone", "13812345678")]),
        ("打+8613812345678", [("phone", "13812345678")]),
        ("座机010-12345678", [("phone", "01012345678")]),
        ("打你们400-820-8820没人接", [("phone", "4008208820")]),
        ("１３８１２３４５６７８", [("phone", "13812345678")]),
        ("退我199元和¥20.5", [("amount", "199"), ("amount", "20.5")]),
        ("￥１９９", [("amount", "199")]),
        (
            "手机13812345678，订单20261121000123，付了59块",
            [("phone", "13812345678"), ("order_number", "20261121000123"), ("amount", "59")],
        ),
        ("买2瓶", [("quantity", "2")]),
        ("来三盒，再要两支", [("quantity", "3"), ("quantity", "2")]),
        ("我下单了3天", []),
        ("转人工", []),
        ("想问一个问题", []),
        ("一直没回我，一会再说", []),
    ],
)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(entity.type, entity.value) for entity in find_entities(text)] == expected


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("251120-123456789012345", "pinduoduo"),
        ("259920-123456789012345", ""),  # the 20th day of month 99
        ("E20260101120000123456789", "youzan"),
        ("6931234567890123456A", "douyin"),
        ("抖音的6931234567890123456", "douyin"),
        ("淘宝买的 3931234567890123456", "taobao"),
        ("3931234567890123456", ""),  # Taobao and Douyin both write 19 digits
        ("订单283761234567", "jd"),
        ("订单XD20261118001", ""),
    ],
)
def test_the_platform_is_told_by_the_shape_or_not_at_all(text: str, platform: str) -> None:
    (found,) = find_entities(text)
    assert (found.type, found.role) == ("order_number", platform)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("三十五块", "35"),
        ("花了一百二", "120"),
        ("两块五", "2.5"),
        ("35块8", "35.8"),
        ("5毛钱", "0.5"),
        ("1.2万元", "12000"),
        ("两千零五元", "2005"),
        ("1,299元", "1299"),
        ("退我30", "30"),
        ("三块半", "3.5"),
        ("618元太贵了", "618"),
        ("9.9元2斤", "9.9"),
    ],
)
def test_amounts_in_yuan(text: str, yuan: str) -> None:
    assert [each.value for each in find_entities(text, at=AT) if each.type == "amount"] == [yuan]


@pytest.mark.parametrize(
    "text", ["一块儿拍有优惠吗", "便宜一点", "打一折", "能便宜多少", "补发一件", "满三减一", "退了两次"]
)
def test_no_amount(text: str) -> None:
    assert not [each for each in find_entities(text) if each.type == "amount"]


@pytest.mark.parametrize(
    ("text", "role", "value"),
    [
        ("要XL的", "clothing", "XL"),
        ("m码有吗", "clothing", "M"),
        ("165/88a的", "clothing", "165/88A"),
        ("均码吗", "clothing", "均码"),
        ("38码的鞋", "shoe", "38"),
        ("42.5码", "shoe", "42.5"),
        ("30毫升的", "volume", "30ml"),
        ("1.5L", "volume", "1500ml"),
        ("2斤装", "weight", "1000g"),
        ("５００ｇ", "weight", "500g"),
        ("5支装", "pack", "5支"),
        ("1米8的床", "length", ""),
        ("70cm", "length", "70cm"),
    ],
)
def test_sizes(text: str, role: str, value: str) -> None:
    found = [(each.role, each.value) for each in find_entities(text) if each.type == "size"]
    assert found == ([(role, value)] if value else [])


@given(st.text(alphabet="0123456789订单号 元¥-+abA.两三点块周上下月日浙江杭州路店市区", max_size=60))
def test_spans_lie_in_the_text_and_apart(text: str) -> None:
    found = find_entities(text, at=AT)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(entity.value for entity in found)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for entity in find_entities(text, at=AT):
        assert 0 <= entity.start < entity.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "路",
        "三点",
        "一百二",
        "3号到",
        "2026-1",
        "三百块三",
        "浙江杭州西湖区",
        " ",
        "1-",
        "5支",
        "上海号路",
        "周",
        "年的",
        "九",
    ],
)
def test_a_long_text_is_read_to_a_bounded_length(piece: str) -> None:
    # a pattern that backtracks would run into the time limit of the suite
    found = find_entities(piece * (10_000 // len(piece)), at=AT)
    assert all(entity.end <= REACH for entity in found)
