"""Which tags does a customer have, by what she said and what people decided? Pure.

Confidence is a noisy-or (Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, §4.3.2): each clue makes the tag
so probable by itself, and loses half of that every half-life. More evidence never makes it less sure, time alone never
makes it surer. A tag appears above one confidence and fades below a lower one, so that it does not flicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import chain

from archive.tagging.conditions import Observation, holds
from archive.tagging.rules import Clue, Each, TagRule, TagRules

DIGITS = 9  # of a confidence; the order of multiplications must not decide whether a tag is worn
SHOWN = 20  # messages that are kept as the evidence of a tag: the weightiest


class TagState(StrEnum):
    """ACTIVE by evidence, FADED for want of it; PINNED and VETOED by people, whatever the evidence."""

    ACTIVE = "active"
    PINNED = "pinned"
    VETOED = "vetoed"
    FADED = "faded"

    @property
    def is_worn(self) -> bool:
        """Whether the customer has the tag now."""
        return self in {TagState.ACTIVE, TagState.PINNED}

    @property
    def is_decided(self) -> bool:
        """Whether people decided it."""
        return self in {TagState.PINNED, TagState.VETOED}


@dataclass(frozen=True, slots=True)
class Share:
    """What one message, or one session or day by its newest message, adds. weight: by now, in [0, 1)."""

    entry_id: int
    at: datetime
    weight: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """How sure a tag is by its evidence alone. shares: by clue, in the rule's order; () where too few were found.

    found: how many each clue found, enough or not.
    """

    confidence: float
    shares: tuple[tuple[Share, ...], ...]
    found: tuple[int, ...]

    @property
    def evidence(self) -> tuple[Share, ...]:
        """The weightiest shares, each message once, the weightiest first."""
        best: dict[int, Share] = {}
        for share in chain.from_iterable(self.shares):
            if share.entry_id not in best or share.weight > best[share.entry_id].weight:
                best[share.entry_id] = share
        return tuple(sorted(best.values(), key=lambda share: (-share.weight, -share.entry_id))[:SHOWN])


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one tag stands. lost_to: the tag that it would exclude, and that is stronger; "" where none is."""

    name: str
    state: TagState
    weighed: Weighed
    lost_to: str = ""


NOTHING = Weighed(0.0, (), ())


def evaluate(
    rules: TagRules, evidence: Sequence[Observation], held: Mapping[str, TagState], now: datetime
) -> dict[str, Judgement]:
    """How each tag stands that is worn, was known, or would be worn but for a stronger one.

    evidence: all that she said of late, in any order. held: how each tag of hers stood before.
    """
    weighed = {rule.name: weigh(rule, evidence, now, rules.zone) for rule in rules.rules}
    judged = {
        name: Judgement(name, state, weighed.get(name, NOTHING)) for name, state in held.items() if state.is_decided
    }
    strong = [
        rule
        for rule in rules.rules
        if rule.name not in judged and _is_enough(rule, weighed[rule.name], held.get(rule.name))
    ]
    worn = [each.name for each in judged.values() if each.state is TagState.PINNED]
    for rule in sorted(strong, key=lambda rule: _rank(rule, weighed[rule.name], held.get(rule.name))):
        winner = next((name for name in worn if rules.clash(name, rule.name)), "")
        state = TagState.FADED if winner else TagState.ACTIVE
        judged[rule.name] = Judgement(rule.name, state, weighed[rule.name], winner)
        if not winner:
            worn.append(rule.name)
    for name in held:
        judged.setdefault(name, Judgement(name, TagState.FADED, weighed.get(name, NOTHING)))
    return judged


def weigh(rule: TagRule, evidence: Iterable[Observation], now: datetime, zone: tzinfo) -> Weighed:
    """How sure the tag is by what was said, whatever people decided."""
    said = list(evidence)
    found = [_shares(clue, rule.half_life, said, now, zone) for clue in rule.clues]
    counted = tuple(
        shares if len(shares) >= clue.at_least else () for clue, shares in zip(rule.clues, found, strict=True)
    )
    missed = 1.0
    for share in chain.from_iterable(counted):
        missed *= 1 - share.weight
    return Weighed(round(1 - missed, DIGITS), counted, tuple(map(len, found)))


def _shares(
    clue: Clue, half_life: timedelta, evidence: Sequence[Observation], now: datetime, zone: tzinfo
) -> tuple[Share, ...]:
    """What the clue finds, one share a unit: its newest message's."""
    newest: dict[object, Observation] = {}
    for seen in evidence:
        if seen.at < now - clue.within or not all(holds(each, seen, zone) for each in clue.conditions):
            continue
        unit = _unit(clue.each, seen, zone)
        if unit not in newest or (seen.at, seen.entry_id) > (newest[unit].at, newest[unit].entry_id):
            newest[unit] = seen
    in_order = sorted(newest.values(), key=lambda seen: (seen.at, seen.entry_id))
    return tuple(Share(seen.entry_id, seen.at, clue.weight * _left(now - seen.at, half_life)) for seen in in_order)


def _unit(each: Each, seen: Observation, zone: tzinfo) -> object:
    match each:
        case Each.MESSAGE:
            return seen.entry_id
        case Each.SESSION:
            return ("session", seen.session_id) if seen.session_id is not None else ("entry", seen.entry_id)
        case Each.DAY:
            return seen.at.astimezone(zone).date()


def _left(age: timedelta, half_life: timedelta) -> float:
    """The share of its weight that is left; what a wrong clock dates into the future is as new as can be."""
    return float(0.5 ** (max(age, timedelta(0)) / half_life))


def _is_enough(rule: TagRule, weighed: Weighed, before: TagState | None) -> bool:
    return weighed.confidence >= (rule.fades if before is TagState.ACTIVE else rule.appears) > 0


def _rank(rule: TagRule, weighed: Weighed, before: TagState | None) -> tuple[float, float, str]:
    """Higher priority first, then the surer; who is there already keeps its place against who is hardly surer."""
    bonus = rule.appears - rule.fades if before is TagState.ACTIVE else 0.0
    return (-rule.priority, -(weighed.confidence + bonus), rule.name)
