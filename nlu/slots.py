"""What do we still need to know from the customer, and what did she just tell us?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlu.training_data import Entity

# right before a value: it is what she does not mean ("不是13800000000，是13900000000")
_DENIED = re.compile(r"(?:不是|不要|别用|别发|不用|写错了?|错的|取消|不发|而非)[^，,。！!？?；;]{0,4}$")
# right behind it: the same
_WRONG = re.compile(r"^[^，,。！!？?；; ]{0,3}(?:不对|错了|写错|作废|不要了|不用了)")
_CONTEXT = 10  # characters around a value that can deny it


@dataclass(frozen=True, slots=True)
class SlotNeed:
    """A fact that is needed. name: of the slot. entity: type that fills it. ask: how we ask for it.

    role: of the entity, "" for any.
    """

    name: str
    entity: str
    ask: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """What is known after an utterance: slot → value, plain strings. next_question: "" where nothing is missing."""

    values: Mapping[str, str]
    missing: tuple[str, ...]
    next_question: str


def fill(needs: Sequence[SlotNeed], known: Mapping[str, str], entities: Iterable[Entity], text: str) -> Filled:
    """Take what `entities` of `text` say into the slots; what was known before stays, unless it is said anew.

    Of several values for one slot the last that is not denied counts ("不是13800000000，是13900000000"); needs that
    the same entities could fill take them in their order, those still missing first. A known value that is denied
    without another being named is forgotten, and asked for again. known: other names in it are kept as they are.
    """
    said = sorted(entities, key=lambda entity: entity.start)
    judged = [(entity, _is_denied(text, entity)) for entity in said]
    meant = [entity for entity, is_denied in judged if not is_denied]
    denied = {entity.value for entity, is_denied in judged if is_denied}
    slots = {need.name for need in needs}
    values = {name: value for name, value in known.items() if name not in slots or value not in denied}
    for group in _groups(needs):
        matching = [entity for entity in meant if _fits(group[0], entity)]
        values |= _assigned(group, values, [entity.value for entity in matching])
    missing = tuple(need.name for need in needs if not values.get(need.name))
    question = next((need.ask for need in needs if need.name in missing), "")
    return Filled(values, missing, question)


def _groups(needs: Sequence[SlotNeed]) -> list[list[SlotNeed]]:
    """Needs that the same entities could fill, in their order."""
    groups: dict[tuple[str, str], list[SlotNeed]] = {}
    for need in needs:
        groups.setdefault((need.entity, need.role), []).append(need)
    return list(groups.values())


def _assigned(group: Sequence[SlotNeed], known: Mapping[str, str], said: Sequence[str]) -> dict[str, str]:
    distinct = list(dict.fromkeys(said))
    if not distinct:
        return {}
    if len(group) == 1:
        return {group[0].name: distinct[-1]}
    order = [need for need in group if not known.get(need.name)] or list(group)
    return {need.name: value for need, value in zip(order, distinct, strict=False)}


def _fits(need: SlotNeed, entity: Entity) -> bool:
    return entity.type == need.entity and need.role in ("", entity.role)


def _is_denied(text: str, entity: Entity) -> bool:
    before = text[max(0, entity.start - _CONTEXT) : entity.start]
    behind = text[entity.end : entity.end + _CONTEXT]
    return bool(_DENIED.search(before) or _WRONG.match(behind))
