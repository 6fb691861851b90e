"""Are values found in real conversations? Masks of JDDC are filled with values whose kind and place we know."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu import find_entities
from tests.local_data import local_data

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
_MASK = re.compile(r"\[(订单|电话|日期|地址)x\]")


def _order(dice: random.Random) -> str:
    return str(dice.randrange(10**11, 10**12))


def _phone(dice: random.Random) -> str:
    return f"1{dice.choice('3578')}{dice.randrange(10**9):09d}"


def _day(dice: random.Random) -> str:
    day, month = dice.randrange(1, 28), dice.randrange(1, 13)
    return dice.choice([f"{month}月{day}号", f"2026-{month:02d}-{day:02d}", "前天", "上周三", "昨天", "双十一"])


def _address(dice: random.Random) -> str:
    return dice.choice(
        ["浙江省杭州市西湖区文三路90号", "广东深圳南山区科技园1栋", "上海市浦东新区", "成都市武侯区天府大道18号"]
    )


_FILL: dict[str, tuple[set[str], Callable[[random.Random], str]]] = {
    "订单": ({"order_number"}, _order),
    "电话": ({"phone"}, _phone),
    "日期": ({"date"}, _day),
    "地址": ({"address"}, _address),
}


def _filled(text: str, dice: random.Random) -> tuple[str, list[tuple[set[str], int, int]]]:
    """The text with values in its masks, and which kinds must stand where."""
    pieces, expected, position, length = [], [], 0, 0
    for mask in _MASK.finditer(text):
        kinds, generate = _FILL[mask[1]]
        before, value = text[position : mask.start()], generate(dice)
        start = length + len(before)
        expected.append((kinds, start, start + len(value)))
        pieces += [before, value]
        position, length = mask.end(), start + len(value)
    return "".join([*pieces, text[position:]]), expected


@pytest.mark.local_data
def test_what_stood_behind_the_masks_is_found_where_it_stood() -> None:
    dice = random.Random(3)
    hits = wanted = 0
    missed: list[str] = []
    for row in _rows(local_data("dialogues/jddc_sessions.tsv")):
        text, expected = _filled(row, dice)
        found = {(entity.type, entity.start, entity.end) for entity in find_entities(text, at=AT)}
        for kinds, start, end in expected:
            wanted += 1
            hit = any((kind, start, end) in found for kind in kinds)
            hits += hit
            if not hit:
                missed.append(text[max(0, start - 8) : end + 8])
    assert wanted > 300
    assert hits / wanted >= 0.98, missed[:20]


def _rows(file: Path) -> list[str]:
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    return [row[-1] for row in rows if row[2] == "0" and _MASK.search(row[-1])]
