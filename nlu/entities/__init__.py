"""Which order numbers, telephones, amounts, dates, addresses, sizes and products does a text name, and where?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nlu.entities.dates import find_dates
from nlu.entities.found import Found, choose
from nlu.entities.gazetteer import EMPTY, Gazetteer
from nlu.entities.money import find_amounts
from nlu.entities.numbers import find_numbers
from nlu.entities.places import find_places
from nlu.entities.sizes import find_sizes
from nlu.text import folded
from nlu.training_data import Entity

REACH = 2_000  # characters; platforms carry at most 2,048 bytes, so only a made-up text is longer

__all__ = ["EMPTY", "Gazetteer", "find_entities"]


def find_entities(text: str, *, at: datetime | None = None, gazetteer: Gazetteer = EMPTY) -> tuple[Entity, ...]:
    """Find them all, by where they start, spans in the text as given; of two that overlap the more specific wins.

    at: when it was written, in the shop's time zone: what "昨天" is counted from. gazetteer: the shop's own words.
    Types and their values: `find_numbers` (order_number, tracking_number, phone), `find_amounts` (amount),
    `find_dates` (date, period), `find_places` (address), `find_sizes` (size, quantity), and the names of the
    gazetteer's lists (product). Of a text longer than `REACH` the beginning is read; time grows
    linearly, for the repetitions in every pattern are bounded.
    """
    seen = folded(text[:REACH])
    return choose(_all(seen, at, gazetteer), len(seen))


def _all(text: str, at: datetime | None, gazetteer: Gazetteer) -> Iterator[Found]:
    yield from gazetteer.find(text)
    yield from find_numbers(text)
    yield from find_amounts(text)
    yield from find_dates(text, at)
    yield from find_places(text)
    yield from find_sizes(text)
