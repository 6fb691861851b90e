"""Which of the readings of a text are kept where they overlap?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from nlu.training_data import Entity


class Rank(IntEnum):
    """How specific a reading is: of two that overlap the higher wins, then the longer, then the earlier."""

    QUANTITY = 1
    NUMBER = 2  # digits that look like an order number, nothing more
    PLACE = 3
    SIZE = 4
    DAY = 5
    AMOUNT = 6
    ADDRESS = 7  # a place with street or house: its "18号" is no day
    WORD = 8  # the shop's own lists
    PHONE = 9
    NAMED_NUMBER = 10  # a number whose kind stands before it, or whose shape leaves no doubt
    SHOP_PATTERN = 11


@dataclass(frozen=True, slots=True)
class Found:
    """One reading and how specific it is."""

    entity: Entity
    rank: Rank


def choose(found: Iterable[Found], length: int) -> tuple[Entity, ...]:
    """Keep what does not overlap with something more specific, by where it starts. length: of the text."""
    taken = bytearray(length)
    kept: list[Entity] = []
    for each in sorted(found, key=_order):
        entity = each.entity
        if not any(taken[entity.start : entity.end]):
            taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
            kept.append(entity)
    return tuple(sorted(kept, key=lambda entity: entity.start))


def _order(found: Found) -> tuple[int, int, int]:
    return -found.rank, found.entity.start - found.entity.end, found.entity.start
