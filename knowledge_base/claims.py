"""What does an answer promise in figures and in yes or no, and do two answers promise different things?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from knowledge_base.words import words

_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_POWERS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_NUMBER = r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万]+|半"
_HOUR, _DAY = 1, 24
# unit as written → (what it measures, how much of it one is)
_UNITS: dict[str, tuple[str, int]] = {
    "分钟": ("分钟", 1),
    "小时": ("时间", _HOUR),
    "个小时": ("时间", _HOUR),
    "天": ("时间", _DAY),
    "日": ("时间", _DAY),
    "个工作日": ("工作日", 1),
    "工作日": ("工作日", 1),
    "周": ("时间", 7 * _DAY),
    "个月": ("月", 1),
    "年": ("年", 1),
    "元": ("元", 1),
    "块": ("元", 1),
    "块钱": ("元", 1),
    "%": ("%", 1),
    "折": ("折", 1),
    "倍": ("倍", 1),
    "件": ("件", 1),
    "次": ("次", 1),
    "积分": ("积分", 1),
    "ml": ("ml", 1),
    "g": ("g", 1),
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_DATE = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_CLOCK = re.compile(r"(\d{1,2})[:点](\d{2})?")
_AMOUNT = re.compile(rf"(?<![\d.])({_NUMBER})({_UNIT})")
_NOT = "不|没|没有|未|无法|不能|不可|暂不|无|别|勿"
# what a shop promises or refuses; the longer word first, as it holds the shorter
_PROMISES = (
    "支持",
    "包邮",
    "免费",
    "需要",
    "提供",
    "可以",
    "发货",
    "开票",
    "参加",
    "退换",
    "退货",
    "换货",
    "叠加",
    "能用",
)
_PROMISE = re.compile(rf"(?P<not>(?:{_NOT})(?:再|能|可以|可|支持|提供)?)?(?P<word>{'|'.join(_PROMISES)})")


@dataclass(frozen=True, slots=True)
class Claims:
    """amounts: the figures by what they measure. promises: each word as affirmed (True), refused (False) or both."""

    amounts: dict[str, dict[Fraction, str]]
    promises: dict[str, set[bool]]


def claims(answer: str) -> Claims:
    """Read the claims of an answer."""
    text = unicodedata.normalize("NFKC", answer).lower().replace(" ", "")
    amounts: dict[str, dict[Fraction, str]] = {}
    for pattern, measure, base in ((_DATE, "日期", 100), (_CLOCK, "钟点", 60)):
        for found in pattern.finditer(text):
            value = Fraction(int(found[1]) * base + int(found[2] or 0))
            amounts.setdefault(measure, {}).setdefault(value, found[0])
    for found in _AMOUNT.finditer(_DATE.sub("", text)):
        measure, factor = _UNITS[found[2]]
        amounts.setdefault(measure, {}).setdefault(_number(found[1]) * factor, found[0])
    promises: dict[str, set[bool]] = {}
    for found in _PROMISE.finditer(text):
        promises.setdefault(found["word"], set()).add(found["not"] is None)
    return Claims(amounts, promises)


def contradiction(one: Claims, other: Claims) -> str:
    """How they differ, "" where they do not.

    They do where figures of one measure have none in common, or where one affirms what the other refuses; a figure
    only one of them names is no contradiction.
    """
    said = words("differences")
    for measure in one.amounts.keys() & other.amounts.keys():
        mine, theirs = one.amounts[measure], other.amounts[measure]
        if mine.keys().isdisjoint(theirs):
            return said["amount"].format(unit=measure, one="、".join(mine.values()), other="、".join(theirs.values()))
    for word in one.promises.keys() & other.promises.keys():
        sides = one.promises[word], other.promises[word]
        if sides in (({True}, {False}), ({False}, {True})):
            affirmed, refused = word, f"不{word}"
            first, second = (affirmed, refused) if sides[0] == {True} else (refused, affirmed)
            return said["polarity"].format(one=first, other=second)
    return ""


def _number(text: str) -> Fraction:
    if text == "半":
        return Fraction(1, 2)
    if text[0].isdigit():
        return Fraction(text)
    total, pending = 0, 0
    for character in text:
        if character in _DIGITS:
            pending = pending * 10 + _DIGITS[character]
        else:
            total += (pending or 1) * _POWERS[character]
            pending = 0
    return Fraction(total + pending)
