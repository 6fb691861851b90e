"""Which order numbers, telephone numbers and amounts does a text name, and where?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlu.training_data import Entity

# [0-9], not \d: full-width digits are folded by the caller's channel, other scripts' digits are no order number
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "order_number",
        re.compile(
            r"(?:订单(?:编号|号码|号)?|单号)\s*(?:是|为|[:：#])?\s*(?P<value>[A-Za-z]{0,4}[0-9][0-9A-Za-z-]{4,31})(?![0-9A-Za-z])",
        ),
    ),
    ("phone", re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?(?P<value>1[3-9][0-9](?:[- ]?[0-9]{4}){2})(?![0-9A-Za-z])")),
    ("phone", re.compile(r"(?<![0-9A-Za-z-])(?P<value>0[0-9]{2,3}-[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})(?![0-9-])")),
    ("order_number", re.compile(r"(?<![0-9A-Za-z.])(?P<value>[A-Z]{1,4}[0-9]{8,24}|[0-9]{12,24})(?![0-9A-Za-z.])")),
    (
        "amount",
        re.compile(r"(?:¥|￥|RMB|rmb)\s*(?P<value>[0-9]{1,9}(?:\.[0-9]{1,2})?)(?![0-9])"),
    ),
    (
        "amount",
        re.compile(r"(?<![0-9A-Za-z.])(?P<value>[0-9]{1,9}(?:\.[0-9]{1,2})?)\s*(?:元钱|元|块钱|块|rmb|RMB)"),
    ),
)
_SEPARATORS = re.compile(r"[ -]")


def find_entities(text: str) -> tuple[Entity, ...]:
    """Find them all, by where they start; of two that overlap the more specific pattern wins.

    Types: "phone" (value: digits only), "order_number" (as written), "amount" (yuan, decimal digits).
    """
    found: list[Entity] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span("value")
            if not _overlaps(found, start, end):
                value = match["value"]
                found.append(Entity(kind, start, end, _SEPARATORS.sub("", value) if kind == "phone" else value))
    return tuple(sorted(found, key=lambda entity: entity.start))


def _overlaps(found: Iterable[Entity], start: int, end: int) -> bool:
    return any(entity.start < end and start < entity.end for entity in found)
