"""How does what a customer wrote look to those who may not know who she is? One masker for all of us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from archive import MASKED_KINDS, Span
from archive import mask as mask_spans
from nlu import Entity, find_entities

_WINDOW: Final = 2_000  # characters that `find_entities` reads
_OVERLAP: Final = 200  # longer than an address or a number


def mask(text: str) -> str:
    """`text` with telephone, id, card, order and parcel numbers, street addresses, names, accounts, mail, links and
    long numbers replaced by what they are, as 〔电话〕. Where somebody lives is kept up to the district: "新疆包邮吗"
    asks by it.
    """  # noqa: D205 - one sentence
    return mask_spans(text, _entities)


def _entities(text: str) -> Iterator[Span]:
    for start in range(0, max(len(text) - _OVERLAP, 1), _WINDOW - _OVERLAP):
        for each in find_entities(text[start : start + _WINDOW]):
            if each.type in MASKED_KINDS and _tells(each):
                yield Span(start + each.start, start + each.end, each.type)


def _tells(entity: Entity) -> bool:
    """An address is somebody's from the street on; its value is province/city/district/street."""
    return entity.type != "address" or bool(entity.value.split("/", 3)[-1])
