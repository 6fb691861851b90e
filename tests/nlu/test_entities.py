"""Are numbers taken for what they are, and found where they stand?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import find_entities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("订单号202611210001什么时候到", [("order_number", "202611210001")]),
        ("订单：13812345678", [("order_number", "13812345678")]),
        ("单号 SF1234567890123", [("order_number", "SF1234567890123")]),
        ("我电话是138 1234 5678", [("phone", "13812345678")]),
        ("打+8613812345678", [("phone", "13812345678")]),
        ("座机010-12345678", [("phone", "010-12345678".replace("-", ""))]),
        ("退我199元和¥20.5", [("amount", "199"), ("amount", "20.5")]),
        (
            "手机13812345678，订单20261121000123，付了59块",
            [("phone", "13812345678"), ("order_number", "20261121000123"), ("amount", "59")],
        ),
        ("买2瓶", []),
        ("我下单了3天", []),
        ("转人工", []),
    ],
)
def test_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(entity.type, entity.value) for entity in find_entities(text)] == expected


@given(st.text(alphabet="0123456789订单号 元¥-+abA.", max_size=60))
def test_spans_lie_in_the_text_and_apart(text: str) -> None:
    found = find_entities(text)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(set(entity.value) <= set(text[entity.start : entity.end]) for entity in found)
