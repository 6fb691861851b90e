"""Which amounts of money does a text name?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nlu.entities.found import Found, Rank
from nlu.entities.numerals import DIGITS, NUMERAL, parse_decimal
from nlu.training_data import Entity

_FIGURE = r"[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,2})?"
_PREFIXED = re.compile(rf"(?:[¥￥]|(?<![A-Za-z])(?:RMB|rmb|CNY))\s{{0,2}}(?P<value>{_FIGURE})(?![0-9])")
_WRITTEN = re.compile(
    rf"(?<![0-9A-Za-z.零〇一二两三四五六七八九十百千万])"
    rf"(?P<value>(?:{_FIGURE}|{NUMERAL}(?:点{NUMERAL})?))\s{{0,2}}(?P<scale>[万千百]?)"
    r"(?P<unit>元钱|元整|元|块钱|块|rmb|RMB|毛钱|毛|角|分钱)"
    r"(?P<rest>[0-9一二两三四五六七八九](?![0-9个只瓶盒支套件包袋片天次号月年点.斤克米条双箱罐公份本人])"
    r"(?:毛|角)?|半)?(?!面膜|香皂|儿)(?<!一块(?=[拍买发寄退下付用]))"
)
# "一百二" names money only after a word of paying or costing
_SPOKEN = re.compile(
    rf"(?:花了|付了|给了|收了|收我|退我|退了|退|补|卖|只要|价格是?|原价|现价|便宜|优惠|减)(?P<value>{NUMERAL}|{_FIGURE})"
    r"(?![0-9.%个只瓶盒支套件包袋箱天次号月年点周折成下些起款种条位回块元毛角])"
)
_HINTS = frozenset("¥￥元块毛角分RrC花付给收退补卖要价宜惠减")
_SCALES = {"": 1, "百": 100, "千": 1_000, "万": 10_000}
_UNITS = {"毛": Decimal("0.1"), "角": Decimal("0.1"), "分": Decimal("0.01")}
_LEAST_SPOKEN = 10


def find_amounts(text: str) -> Iterator[Found]:
    """Find "amount"; value: yuan as a decimal number without trailing zeros ("三十五块" → "35", "两块五" → "2.5")."""
    if _HINTS.isdisjoint(text):
        return
    for match in _PREFIXED.finditer(text):
        yield _found(match.span("value"), Decimal(match["value"].replace(",", "")))
    for match in _WRITTEN.finditer(text):
        if (value := _yuan(match)) is not None:
            # "几分" of a product's rating is not money, hence 分钱; the span leaves the unit out
            yield _found(_span(match), value)
    for match in _SPOKEN.finditer(text):
        value = parse_decimal(match["value"].replace(",", ""))
        if value is not None and value >= _LEAST_SPOKEN:
            yield _found(match.span("value"), value)


def _yuan(match: re.Match[str]) -> Decimal | None:
    number = parse_decimal(match["value"].replace(",", ""))
    if number is None:
        return None
    factor = _UNITS.get(match["unit"][0])
    amount = number * _SCALES[match["scale"]] * (factor or 1)
    rest = match["rest"] or ""
    if factor is None and rest:
        tenths = Decimal("0.5") if rest[0] == "半" else Decimal(_digit(rest[0])) / 10
        amount += tenths
    return amount


def _span(match: re.Match[str]) -> tuple[int, int]:
    """The number; with the tenths behind the unit ("35块8") the whole."""
    return (match.start("value"), match.end("rest") if match["rest"] else match.end("value"))


def _digit(char: str) -> int:
    return int(char) if char.isascii() else DIGITS[char]


def _found(span: tuple[int, int], yuan: Decimal) -> Found:
    plain = format(yuan.normalize(), "f")
    return Found(Entity("amount", *span, plain), Rank.AMOUNT)
