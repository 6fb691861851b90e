"""Which sizes and quantities does a text name?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nlu.entities.found import Found, Rank
from nlu.entities.numerals import NUMBER, parse_number
from nlu.training_data import Entity

_BODY = re.compile(r"(?<![0-9/])(?P<value>(?:1[0-9]{2})/[0-9]{2,3}[ABCYabcy]?)(?![0-9/])")
_LETTERS = re.compile(
    r"(?<![0-9A-Za-z/])(?P<value>[2-6]?[Xx]{1,4}[SsLl]|均)\s?(?:码|号)?(?![0-9A-Za-z])|"
    r"(?<![0-9A-Za-z/])(?P<one>[SMLsml])\s?(?:码|号|的)(?!是)"
)
_SHOE = re.compile(r"(?<![0-9.])(?P<value>(?:2[0-9]|3[0-9]|4[0-8])(?:\.5)?)\s?(?:码|号鞋)")
_MEASURE = re.compile(
    r"(?<![0-9A-Za-z.])(?P<number>[0-9]{1,5}(?:\.[0-9]{1,2})?)\s?"
    r"(?P<unit>毫升|ml|ML|mL|Ml|升|L|kg|KG|Kg|公斤|千克|克|mg|g|G|斤|cm|CM|厘米|公分|mm|MM|毫米|米|寸|英寸)"
    r"(?![A-Za-z0-9])"
)
_PACK = re.compile(rf"(?<![0-9.])(?P<number>{NUMBER})(?P<unit>[支片瓶盒只包袋件抽粒颗条双])装")
_UNITS = {
    "毫升": ("ml", 1, "volume"), "ml": ("ml", 1, "volume"), "升": ("ml", 1_000, "volume"), "l": ("ml", 1_000, "volume"),
    "kg": ("g", 1_000, "weight"), "公斤": ("g", 1_000, "weight"), "千克": ("g", 1_000, "weight"),
    "克": ("g", 1, "weight"), "g": ("g", 1, "weight"), "mg": ("mg", 1, "weight"), "斤": ("g", 500, "weight"),
    "cm": ("cm", 1, "length"), "厘米": ("cm", 1, "length"), "公分": ("cm", 1, "length"), "米": ("cm", 100, "length"),
    "mm": ("mm", 1, "length"), "毫米": ("mm", 1, "length"), "寸": ("inch", 1, "length"), "英寸": ("inch", 1, "length"),
}  # fmt: skip
# "一个", "一下", "一件事" count nothing
_QUANTITY = re.compile(
    rf"(?<![0-9.第一二两三四五六七八九十百千万])(?P<number>{NUMBER})(?P<unit>[瓶盒支件个套包袋箱双条片只罐份张台本把对组])"
    r"(?!装|月|星期|礼拜|小时|工作日|事|问题|人|客服|意思|道理|多)"
)
_HINT = re.compile("[0-9一二两三四五六七八九十百千SMLXsmlx均]")
_VAGUE_ONE = frozenset("个件条张份片本把对组只")


def find_sizes(text: str) -> Iterator[Found]:
    """Find "size" (role: clothing, shoe, pack, volume, weight or length) and "quantity" (role: what is counted).

    Values: clothing in capitals ("XL", "165/88A", "均码"), shoes the number, volumes in ml, weights in g, lengths in
    cm, packs number and counter ("5支"), quantities the number.
    """
    if not _HINT.search(text):
        return
    for match in _BODY.finditer(text):
        yield _size(match.span("value"), match["value"].upper(), "clothing")
    for match in _LETTERS.finditer(text):
        written = "均码" if match["value"] == "均" else (match["value"] or match["one"]).upper()
        yield _size(match.span("value" if match["value"] else "one"), written, "clothing")
    for match in _SHOE.finditer(text):
        yield _size(match.span("value"), match["value"], "shoe")
    for match in _MEASURE.finditer(text):
        unit, factor, role = _UNITS[match["unit"].lower()]
        yield _size(match.span(), f"{_plain(Decimal(match['number']) * factor)}{unit}", role)
    for match in _PACK.finditer(text):
        if (number := parse_number(match["number"])) is not None:
            yield _size(match.span(), f"{number}{match['unit']}", "pack")
    yield from _quantities(text)


def _quantities(text: str) -> Iterator[Found]:
    for match in _QUANTITY.finditer(text):
        number = parse_number(match["number"])
        if number and not (match["number"] == "一" and match["unit"] in _VAGUE_ONE):
            yield Found(Entity("quantity", *match.span(), str(number), match["unit"]), Rank.QUANTITY)


def _size(span: tuple[int, int], value: str, role: str) -> Found:
    return Found(Entity("size", *span, value, role), Rank.SIZE)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
