"""Are Chinese dates and periods counted from the right moment?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import find_entities
from nlu.entities.numerals import parse_decimal, parse_number

SUNDAY = datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=8)))


def _values(text: str, at: datetime | None = SUNDAY) -> list[str]:
    return [each.value for each in find_entities(text, at=at) if each.type in ("date", "period")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今天能发吗", "2026-11-22"),
        ("前天买的", "2026-11-20"),
        ("大前天", "2026-11-19"),
        ("后天到吗", "2026-11-24"),
        ("上周三拍的", "2026-11-11"),
        ("这周五", "2026-11-20"),
        ("下个星期天", "2026-11-29"),
        ("周三发的", "2026-11-18"),
        ("这周末", "2026-11-21/2026-11-22"),
        ("上周买的", "2026-11-09/2026-11-15"),
        ("三天前", "2026-11-19"),
        ("一周后", "2026-11-29"),
        ("半个月前", "2026-11-07"),
        ("两个月以前", "2026-09-23"),
        ("前两天", "2026-11-20/2026-11-21"),
        ("最近三天", "2026-11-20/2026-11-22"),
        ("月底", "2026-11-25/2026-11-30"),
        ("下个月初", "2026-12-01/2026-12-10"),
        ("上个月", "2026-10-01/2026-10-31"),
        ("上个月15号下的单", "2026-10-15"),
        ("10月3号到5号", "2026-10-03/2026-10-05"),
        ("10月30日至11月2日", "2026-10-30/2026-11-02"),
        ("1月2号", "2027-01-02"),
        ("去年10月3号", "2025-10-03"),
        ("2025年12月31日", "2025-12-31"),
        ("2026-10-03到2026-10-05", "2026-10-03/2026-10-05"),
        ("十二月二十五号", "2026-12-25"),
        ("15号能到吗", "2026-11-15"),
        ("周一到周五", "2026-11-16/2026-11-20"),
        ("双十一买的", "2026-11-11"),
        ("双11", "2026-11-11"),
        ("去年双十一", "2025-11-11"),
        ("618有活动吗", "2026-06-18"),
        ("春节发货吗", "2027-02-06"),
        ("今年中秋", "2026-09-25"),
        ("除夕", "2027-02-05"),
        ("国庆假期", "2026-10-01/2026-10-07"),
        ("昨天晚上", "2026-11-21T18:00/2026-11-22T00:00"),
        ("昨天晚上8点半买的", "2026-11-21T20:30"),
        ("明天下午三点前", "2026-11-23T15:00"),
        ("今早", "2026-11-22T06:00/2026-11-22T09:00"),
        ("下午能送吗", "2026-11-22T12:00/2026-11-22T18:00"),
        ("15:30来取", "2026-11-22T15:30"),
        ("明天10点半到12点", "2026-11-23T10:30/2026-11-23T12:00"),
        ("３天前", "2026-11-19"),
    ],
)
def test_counted_from_the_reference(text: str, value: str) -> None:
    assert _values(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "便宜一点",
        "我说两点",
        "3号色好看吗",
        "第三天",
        "每周一",
        "618元太贵了",
        "下午好",
        "晚上好呀",
        "一天",
        "三个月的货",
        "2月30号",
        "天天用",
        "日常护肤",
        "后台",
        "前台",
        "月饼",
        "13月5号",
    ],
)
def test_no_date(text: str) -> None:
    assert _values(text) == []


def test_without_a_reference_words_stay_words_and_full_dates_are_dates() -> None:
    assert _values("昨天晚上和双十一", None) == ["昨天晚上", "双十一"]
    assert _values("2026年1月2日", None) == ["2026-01-02"]


def test_the_day_is_the_shops_day() -> None:
    late = datetime(2026, 11, 21, 17, tzinfo=UTC)  # already the 22nd in Shanghai
    assert _values("今天", late.astimezone(timezone(timedelta(hours=8)))) == ["2026-11-22"]


@given(st.dates(date(2021, 1, 1), date(2039, 12, 31)), st.sampled_from(["双十一", "春节", "10月3号", "618", "中秋节"]))
def test_without_a_year_the_nearest_is_meant(day: date, name: str) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    (value,) = _values(name, at)
    assert abs((date.fromisoformat(value) - day).days) <= 200


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_written_day_is_that_day(day: date) -> None:
    assert _values(f"{day.year}年{day.month}月{day.day}日下的单", None) == [day.isoformat()]


@given(
    st.text(alphabet="今昨前大后天上下这周一二三号月年底初双十618点半晚早到至:日几个05 ", max_size=30), st.datetimes()
)
def test_any_expression_at_any_moment(text: str, at: datetime) -> None:
    _values(text, at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        ("十二", 12),
        ("二十", 20),
        ("一百二", 120),
        ("一百零二", 102),
        ("两千零五", 2005),
        ("一二三", 123),
        ("三万五", 35000),
        ("十", 10),
        ("百", 100),
        ("", None),
        ("一块", None),
    ],
)
def test_numerals(written: str, number: int | None) -> None:
    assert parse_number(written) == number


def test_decimals() -> None:
    assert str(parse_decimal("十二点五")) == "12.5"
    assert parse_decimal("十二点") == 12
    assert parse_decimal("点") is None
