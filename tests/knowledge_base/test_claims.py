"""Are figures and promises of two answers compared by what they mean?"""

from __future__ import annotations

import pytest

from knowledge_base.claims import claims, contradiction


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("48 小时内发货", "72小时内发货"),
        ("48 小时内发货", "三天内发货"),
        ("支持七天无理由", "不支持7天无理由退货"),
        ("满99元包邮", "满 129 块包邮"),
        ("11 月 11 日开始", "11月12号开始"),
        ("下午 16:00 截单", "18点前都能发"),
        ("打八折", "打 9 折"),
        ("可以用优惠券", "优惠券不可以用"),
        ("每人限购十二件", "每人限购２件"),
    ],
)
def test_they_contradict(one: str, other: str) -> None:
    assert contradiction(claims(one), claims(other))
    assert contradiction(claims(other), claims(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("48 小时内发货", "两天内发货"),
        ("满99元包邮", "满 99 元包邮，不满不包邮"),
        ("支持七天无理由", "本店不换货"),
        ("一年保修", "12 个月保修，发票要留好"),
        ("半小时内回复", "0.5 小时内回复"),
        ("一百二十元", "120块"),
        ("", "都可以"),
    ],
)
def test_they_do_not(one: str, other: str) -> None:
    assert contradiction(claims(one), claims(other)) == ""
