"""Does an agent find the script she means by a few letters of it?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge_base import Finder
from tests.knowledge_base.samples import script

SHIPPING = replace(script("shipping", "问"), title="什么时候发货", questions=("多久发货",))
RETURN = replace(script("return", "问"), title="七天无理由退货", questions=("可以退货吗", "不想要了怎么办"))
WEIGHT = replace(script("weight", "问"), title="精华重量", questions=("一瓶多少毫升", "VIP 有折扣吗"))
FINDER = Finder([SHIPPING, RETURN, WEIGHT])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("退货", "return"),
        ("tuihuo", "return"),
        ("qtwly", "return"),
        ("smsh", "shipping"),
        ("fahuo", "shipping"),
        ("duojiu", "shipping"),
        ("byl", None),
        ("zhongliang", "weight"),  # of its readings the one that the phrase has
        ("vip", "weight"),
        ("VIP 有", "weight"),
        ("不想要", "return"),
    ],
)
def test_by_text_pinyin_and_first_letters(typed: str, found: str | None) -> None:
    assert [each.id for each in FINDER.find(typed, limit=1)] == ([found] if found else [])


def test_the_title_and_its_beginning_come_first() -> None:
    early = replace(SHIPPING, id="early", title="发货前可以改地址")
    late = replace(SHIPPING, id="late", title="周末发货", questions=("周末呢",))
    asked = replace(SHIPPING, id="asked", title="快递", questions=("能发货吗",))
    assert [each.id for each in Finder([asked, late, early]).find("发货", limit=3)] == ["early", "late", "asked"]


def test_what_did_not_change_is_taken_over() -> None:
    changed = replace(RETURN, title="退货运费谁出")
    after = Finder([SHIPPING, changed], FINDER)
    assert [each.title for each in after.find("thyf", limit=3)] == ["退货运费谁出"]
    assert after.find("smsh", limit=1) == [SHIPPING]
    assert after.find("qtwly", limit=3) == []
    assert [each.id for each in after.find("  ", limit=5)] == ["shipping", "return"]
