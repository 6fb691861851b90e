"""Which days does a matched expression mean, seen from a reference day?"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from nlu.entities.festivals import festival_day
from nlu.entities.numerals import parse_number

Days = tuple[date, date]  # first and last

_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_WEEKDAYS |= {str(index + 1): index for index in range(7)}
_RELATIVE = {
    "大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3,
}  # fmt: skip
_NEAR = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_YEARS = {"今": 0, "去": -1, "前": -2, "明": 1}
_DECADES = {"初": (1, 10), "上旬": (1, 10), "中": (11, 20), "中旬": (11, 20), "底": (25, 31), "末": (25, 31)}
_DECADES |= {"下旬": (21, 31)}
_HOLIDAYS = {"国庆": 7, "国庆节": 7, "春节": 8, "过年": 8, "五一": 5, "劳动节": 5}


def relative(match: re.Match[str], at: date) -> Days:
    """昨天, 大后天, 今(早)."""
    day = at + timedelta(_RELATIVE[match["relative"]])
    return day, day


def weekday(match: re.Match[str], at: date) -> Days:
    """周三, 上周三, 下周末, 这周."""
    monday = at - timedelta(at.weekday()) + timedelta(7 * _NEAR.get(_said(match, "near") or "这", 0))
    if not (written := _said(match, "weekday")):
        return monday, monday + timedelta(6)
    first = monday + timedelta(_WEEKDAYS[written])
    return first, first + timedelta(1 if written == "末" else 0)


def ago(match: re.Match[str], at: date) -> Days | None:
    """三天前, 一周后, 半个月前; None for a count that is none."""
    days = _length(match["count"], match["unit"])
    if days is None:
        return None
    day = at + timedelta(days if match["after"] else -days)
    return day, day


def last_days(match: re.Match[str], at: date) -> Days | None:
    """前两天, 最近一周: up to yesterday, or with today."""
    days = _length(match["count"], match["unit"])
    if days is None:
        return None
    yesterday = match["ago"] == "前"
    return at - timedelta(days if yesterday else days - 1), at - timedelta(1 if yesterday else 0)


def _length(count: str, unit: str) -> int | None:
    if count == "几":
        # "前几天": loosely a week
        return 7 if unit == "天" else None
    number = 0.5 if count == "半" else parse_number(count)
    if number is None or number > 999:  # noqa: PLR2004 - a number, but no length of time
        return None
    factor = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}[unit]
    return round(number * factor) or None


def month_day(match: re.Match[str], at: date) -> Days | None:
    """10月3号, 去年10月3日."""
    month, day = parse_number(match["month"]), parse_number(match["day"])
    if month is None or day is None:
        return None
    return _one(_dated(_year_of(match, at), month, day, at))


def iso(match: re.Match[str], _: date) -> Days | None:
    """2026-10-03, 2026年10月3日."""
    return _one(_day(int(match["year"]), int(match["month"]), int(match["day"])))


def day_of_month(match: re.Match[str], at: date) -> Days | None:
    """15号, 上个月15号."""
    day = parse_number(match["day"])
    if day is None:
        return None
    year, month = _shifted(at, _NEAR.get(_said(match, "near") or "这", 0))
    return _one(_day(year, month, day))


def month(match: re.Match[str], at: date) -> Days | None:
    """月底, 上个月, 10月中旬, 3月."""
    if written := _said(match, "month"):
        month = parse_number(written)
        if month is None or not 1 <= month <= 12:  # noqa: PLR2004 - months
            return None
        anchor = _dated(_year_of(match, at), month, 1, at)
        if anchor is None:
            return None
        year = anchor.year
    else:
        year, month = _shifted(at, _NEAR.get(_said(match, "near") or "这", 0))
    last = monthrange(year, month)[1]
    low, high = _DECADES.get(_said(match, "part") or "", (1, last))
    return date(year, month, low), date(year, month, min(high, last))


def festival(match: re.Match[str], at: date) -> Days | None:
    """双十一, 去年618, 国庆假期."""
    name = match["festival"]
    day = festival_day(name, at, _year_of(match, at))
    if day is None:
        return None
    eve = timedelta(1 if match["holidays"] and name in ("春节", "过年") else 0)  # the holidays begin on the eve
    length = _HOLIDAYS.get(name, 1) if match["holidays"] else 1
    return day - eve, day - eve + timedelta(length - 1)


def _year_of(match: re.Match[str], at: date) -> int | None:
    if year := _said(match, "year"):
        return int(year)
    this = _said(match, "this")
    return at.year + _YEARS[this] if this else None


def _said(match: re.Match[str], name: str) -> str:
    """What the group matched; "" where the expression has no such group or it stayed empty."""
    return match.groupdict().get(name) or ""


def _dated(year: int | None, month: int, day: int, at: date) -> date | None:
    """The day of that year; without a year the one nearest to `at`."""
    if year is not None:
        return _day(year, month, day)
    years = (_day(at.year + shift, month, day) for shift in (-1, 0, 1))
    return min((each for each in years if each), key=lambda each: abs((each - at).days), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _one(day: date | None) -> Days | None:
    return None if day is None else (day, day)


def _shifted(at: date, months: int) -> tuple[int, int]:
    count = at.year * 12 + at.month - 1 + months
    return count // 12, count % 12 + 1
