"""Which time of day is meant: "晚上8点半", "下午", "15:30"?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from nlu.entities.numerals import parse_number

_HOURS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早上": (6, 9), "早晨": (6, 9), "一早": (6, 9), "早": (6, 9), "上午": (8, 12),
    "中午": (11, 13), "下午": (12, 18), "傍晚": (17, 19), "晚上": (18, 24), "夜里": (18, 24), "半夜": (0, 6),
    "晚": (18, 24),
}  # fmt: skip
_PARTS = "凌晨|清晨|早上|早晨|一早|上午|中午|下午|傍晚|晚上|夜里|半夜"
_HOUR = r"(?:1[0-9]|2[0-4]|0?[0-9]|十[一二]?|[一二两三四五六七八九])"
_AFTER_NOON = frozenset({"下午", "傍晚", "晚上", "夜里", "晚"})
# a bare "一点" or "两点" is no time of day ("便宜一点", "说两点"): the part of the day, or digits, must stand there
CLOCK = re.compile(
    rf"(?:(?P<part>{_PARTS}|[早晚](?=[0-9十一二三四五六七八九])|(?<=[今昨明])[早晚])(?![好安]))?的?"
    rf"(?:(?P<hour>{_HOUR})(?:[点时](?!间|候|装|刻|尚|[0-9]*[%折])(?:(?P<half>半)|(?P<minute>[0-5]?[0-9])分?|(?P<quarter>[一三])刻)?"
    rf"|(?::|：)(?P<minutes>[0-5][0-9])(?![0-9])))?"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment (first == last), or a part of the day. last: None is midnight at the day's end."""

    first: time
    last: time | None


def read_clock(match: re.Match[str], *, after_day: bool) -> Clock | None:
    """Read a match of `CLOCK`; None where it names no time of day. after_day: a day stands right before it."""
    part, hour = match["part"], match["hour"]
    if hour is None:
        return _part_of_day(part) if part else None
    if not part and not after_day and not match["minutes"] and not hour.isascii():
        return None
    return _moment(match, part, hour)


def _part_of_day(part: str) -> Clock:
    first, last = _HOURS[part]
    return Clock(time(first), None if last == 24 else time(last))  # noqa: PLR2004 - midnight


def _moment(match: re.Match[str], part: str | None, hour: str) -> Clock | None:
    number = parse_number(hour)
    minute = int(match["minutes"] or match["minute"] or 0)
    if match["half"]:
        minute = 30
    elif match["quarter"]:
        minute = 15 if match["quarter"] == "一" else 45
    if number is None:
        return None
    if part in _AFTER_NOON and number < 12:  # noqa: PLR2004 - noon
        number += 12
    moment = time(number % 24, minute)
    return Clock(moment, moment)
