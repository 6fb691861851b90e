"""Which facts do we know, which are missing, and how are they asked for? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.content.shop import Slot
from bot.decide import Need
from bot.store.views import Asked
from nlu import Entity, SlotNeed, fill

ASK_TIMES: Final = 2  # then a person takes over without it
SURE: Final = 0.5  # confidence from which an intent counts


def collect(
    slots: Sequence[Slot], values: Mapping[str, str], entities: Sequence[Entity], text: str
) -> Mapping[str, str]:
    """Every value known after this message, what was told unasked too. entities: those of `text`."""
    if not entities:
        return values
    needs = [SlotNeed(name=slot.name, entity=slot.entity, ask=slot.ask) for slot in slots]
    return fill(needs, values, entities, text).values


def need_of(
    slots: Sequence[Slot], *, intent: str, confidence: float, rule: str, values: Mapping[str, str], asked: Asked | None
) -> Need | None:
    """What must be known before a person can do what is wanted; None if it is nothing for slots.

    Its `ask` is "" once all is known, or asking for it twice did not help.
    """
    wanted = [slot for slot in slots if rule in slot.rules or (intent in slot.intents and confidence >= SURE)]
    if not wanted:
        return None
    missing = next((slot for slot in wanted if slot.name not in values), None)
    if missing is None:
        return Need(wanted[-1].name, "")
    times = asked.times if asked is not None and asked.slot == missing.name else 0
    return Need(missing.name, missing.ask if times < ASK_TIMES else "")
