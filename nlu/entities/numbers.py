"""Which order numbers, parcel numbers and telephone numbers does a text name?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from nlu.entities.found import Found, Rank
from nlu.training_data import Entity

# [0-9], not \d: other scripts' digits are no order number
_NO_NEIGHBOUR = r"(?![0-9A-Za-z])"
_DIGITS = re.compile(r"[0-9][0-9 ()-]{4}")  # nothing shorter is any of these
_CUE = re.compile(
    r"(?:(?P<parcel>快递|物流|运单|包裹)|订单|单|交易)(?:编号|单号|号码|号)?\s{0,3}(?:是|为|[:：#])?\s{0,3}"
    rf"(?P<value>[A-Za-z]{{0,4}}[0-9][0-9A-Za-z-]{{4,31}}){_NO_NEIGHBOUR}"
)
_PARCEL = re.compile(
    rf"(?<![0-9A-Za-z])(?P<value>(?:SF|YT|ZTO|STO|JDV|JDX|JT|EMS|DPK|YD)[A-Z]{{0,2}}[0-9]{{10,15}}){_NO_NEIGHBOUR}"
)
_PINDUODUO = re.compile(r"(?<![0-9A-Za-z])(?P<value>[0-9]{6}-[0-9]{15})(?![0-9A-Za-z-])")
_YOUZAN = re.compile(rf"(?<![0-9A-Za-z])(?P<value>[Ee][0-9]{{22,26}}){_NO_NEIGHBOUR}")
_LONG = re.compile(rf"(?<![0-9A-Za-z.])(?P<value>[0-9]{{18,19}}A?){_NO_NEIGHBOUR}")
_PLAIN = re.compile(r"(?<![0-9A-Za-z.-])(?P<value>[A-Za-z]{1,4}[0-9]{8,24}|[0-9]{11,24})(?![0-9A-Za-z]|\.[0-9])")
_MOBILE = re.compile(rf"(?<![0-9A-Za-z])(?:\+?86[- ]?)?(?P<value>1[3-9][0-9](?:[- ]?[0-9]{{4}}){{2}}){_NO_NEIGHBOUR}")
_HOTLINE = re.compile(r"(?<![0-9A-Za-z-])(?P<value>[48]00[- ]?[0-9]{3}[- ]?[0-9]{4})(?![0-9-])")
_LANDLINE = re.compile(r"(?<![0-9A-Za-z-])(?P<value>\(?0[1-9][0-9]{1,2}\)?[- ]?[1-9][0-9]{6,7})(?![0-9-])")
_NAMED_PLATFORM = (("taobao", re.compile("淘宝|天猫|旺旺")), ("douyin", re.compile("抖音|抖店")))
_JD_LENGTHS = (11, 12)


def find_numbers(text: str) -> Iterator[Found]:
    """Find "order_number" (role: platform or ""), "tracking_number" and "phone" (role: mobile, landline, hotline).

    The platform by shape: Pinduoduo writes YYMMDD and 15 digits, Youzan E and a moment and a counter, JD 11 or 12
    digits, Douyin's older numbers end in A. 18 or 19 digits may be Taobao's, Tmall's or Douyin's: the role then says
    what the text names, and "" where it names none. 11 digits that could be a mobile number are one, unless the text
    says that they are an order. Values: digits only for telephones, as written (upper case) otherwise.
    """
    if _DIGITS.search(text):
        yield from _orders(text)
        yield from _phones(text)


def _orders(text: str) -> Iterator[Found]:
    for match in _CUE.finditer(text):
        kind = "tracking_number" if match["parcel"] or _PARCEL.match(match["value"]) else "order_number"
        yield _found(match, kind, Rank.NAMED_NUMBER, _platform(match["value"], text) if kind == "order_number" else "")
    for match in _PARCEL.finditer(text):
        yield _found(match, "tracking_number", Rank.NAMED_NUMBER)
    for match in _PINDUODUO.finditer(text):
        yield _found(match, "order_number", Rank.NAMED_NUMBER, _platform(match["value"], text))
    for pattern in (_YOUZAN, _LONG, _PLAIN):
        for match in pattern.finditer(text):
            yield _found(match, "order_number", Rank.NUMBER, _platform(match["value"], text))


def _platform(number: str, text: str) -> str:
    if _PINDUODUO.fullmatch(number) and _is_moment(number[:6], "%y%m%d"):
        return "pinduoduo"
    if _YOUZAN.fullmatch(number) and _is_moment(number[1:15], "%Y%m%d%H%M%S"):
        return "youzan"
    if _LONG.fullmatch(number):
        if number.endswith("A"):
            return "douyin"
        return next((name for name, words in _NAMED_PLATFORM if words.search(text)), "")
    return "jd" if number.isdigit() and len(number) in _JD_LENGTHS else ""


def _is_moment(digits: str, shape: str) -> bool:
    try:
        datetime.strptime(digits, shape)  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return True


def _phones(text: str) -> Iterator[Found]:
    for role, pattern in (("mobile", _MOBILE), ("hotline", _HOTLINE), ("landline", _LANDLINE)):
        for match in pattern.finditer(text):
            digits = "".join(char for char in match["value"] if char.isdigit())
            yield Found(Entity("phone", *match.span("value"), digits, role), Rank.PHONE)


def _found(match: re.Match[str], kind: str, rank: Rank, role: str = "") -> Found:
    return Found(Entity(kind, *match.span("value"), match["value"].upper(), role), rank)
