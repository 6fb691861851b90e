"""How do Chinese customers write days? Patterns, the more specific first, each with what it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from nlu.entities import days
from nlu.entities.festivals import festival_pattern
from nlu.entities.numerals import NUMERAL

_COUNT = rf"(?:[0-9]{{1,3}}|{NUMERAL}|几|半)"
_YEAR = r"(?:(?P<year>20[0-9]{2})年?|(?P<this>[今去前明])年)?的?"
_OF_MONTH = r"(?:[12][0-9]|3[01]|0?[1-9]|[一二三四五六七八九十]{1,3})"
_MONTHS = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_NEAR = r"(?P<near>上上|下下|[上这本下])个?"
_PART = r"(?P<part>初|中旬|中|底|末|上旬|下旬)"
_NO_COUNT = r"(?<![每一二两三四五六七八九十几0-9半个])"
_UNIT = r"(?P<unit>天|日|周|星期|礼拜|月|年)"
# "3号" alone may be a colour, a shelf, a line: what follows must be about time
_TIME_FOLLOWS = (
    r"(?=到|至|之?前|以?后|左右|那天|当天|早|晚|上午|下午|中午|凌晨|"
    r"[买发送拍付收能就还才可我的下\s]|[-~—，。,.?？！!呢吗]|$)"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern, what its match means, and characters of which a text must hold one for the pattern to be tried."""

    needs: frozenset[str]
    pattern: re.Pattern[str]
    resolve: Callable[[re.Match[str], date], days.Days | None]


def _expression(needs: str, pattern: str, resolve: Callable[[re.Match[str], date], days.Days | None]) -> Expression:
    return Expression(frozenset(needs), re.compile(pattern), resolve)


EXPRESSIONS: tuple[Expression, ...] = (
    _expression(
        "2",
        r"(?<![0-9])(?P<year>20[0-9]{2})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})[日号]?(?![0-9])",
        days.iso,
    ),
    _expression(
        "日号", rf"{_YEAR}(?<![0-9.])(?P<month>{_MONTHS})(?:月份?|\.)(?P<day>{_OF_MONTH})[日号]", days.month_day
    ),
    _expression(
        "月",
        rf"{_YEAR}(?<![0-9.双])(?P<month>{_MONTHS})月(?P<day>[12][0-9]|3[01]|[1-9])(?![0-9号日多个块元])",
        days.month_day,
    ),
    _expression(
        "节十1258五六春过除端七中重清年元国圣平夜",
        rf"{_YEAR}(?<![0-9.])(?P<festival>{festival_pattern()})(?P<holidays>假期|期间|长假|放假|黄金周)?"
        r"(?![0-9多元块个号路])",
        days.festival,
    ),
    _expression("天日", r"(?P<relative>大前|前|昨|今|明|大后|后)(?:天|日)", days.relative),
    _expression("昨今明", r"(?P<relative>[昨今明])(?=[早晚]|儿)(?:儿(?!子|童|女|媳))?", days.relative),
    _expression(
        "周期拜",
        rf"(?:{_NEAR})?{_NO_COUNT.replace('个', '')}(?:周|星期|礼拜)"
        r"(?P<weekday>[一二三四五六日天末](?!年)|[1-7](?![0-9]))",
        days.weekday,
    ),
    _expression("周期拜", rf"{_NEAR}(?:周|星期|礼拜)", days.weekday),
    _expression("前后", rf"(?P<count>{_COUNT})个?{_UNIT}(?:之|以)?(?:前|(?P<after>后))(?!台|面|置)", days.ago),
    _expression("前近这去", rf"(?P<ago>前|最近|近|这|过去)(?P<count>{_COUNT})个?{_UNIT}", days.last_days),
    _expression("月", rf"{_NEAR}月(?:的|份)?(?P<day>{_OF_MONTH})[日号]", days.day_of_month),
    _expression("月", rf"(?:{_NEAR})?{_NO_COUNT}月{_PART}", days.month),
    _expression("月", rf"{_NEAR}月{_PART}?", days.month),
    _expression("月", rf"{_YEAR}(?<![0-9.])(?P<month>{_MONTHS})月(?:份的?)?{_PART}?(?![0-9一二三]|饼|经)", days.month),
    _expression("日号", rf"(?<![0-9A-Za-z.第十月])(?P<day>{_OF_MONTH})[号日]{_TIME_FOLLOWS}", days.day_of_month),
)
