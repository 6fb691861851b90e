"""What does one more message say about the scripts that were shown before it, and which are shown now?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.learning.hearing import Found, Heard
from bot.learning.reactions import Reaction, reaction
from nlu import normalise

ALIKE = 0.45  # Dice of character pairs: of LCQMC's rewordings 88 % lie above, of unrelated questions 0.2 %
SHORTEST = 4  # characters; of shorter messages a shared pair says nothing


class UseKind(StrEnum):
    """A fact about one script in one turn.

    What a turn did: SHOWN (said as the answer), OFFERED (in a menu), MISSED (nothing fitted the question).
    What the customer then made of it: CHOSEN and PASSED_OVER of what a menu offered; UNHELPFUL ("没用"), PERSON
    (she asked for one), SATISFIED ("谢谢"), ASKED_AGAIN (the same in other words) of what was shown.
    """

    SHOWN = "shown"
    OFFERED = "offered"
    MISSED = "missed"
    CHOSEN = "chosen"
    PASSED_OVER = "passed_over"
    UNHELPFUL = "unhelpful"
    PERSON = "person"
    SATISFIED = "satisfied"
    ASKED_AGAIN = "asked_again"


@dataclass(frozen=True, slots=True)
class ScriptUse:
    """One fact, before it has a turn.

    script_id: "" for MISSED. question: the script's own question that matched, "" where none did.
    about: id of the turn that showed, offered or missed; 0: the turn being written.
    asked: id of the turn whose message asked; 0: the turn being written. parts: questions that message was read as.
    """

    kind: UseKind
    script_id: str
    question: str = ""
    probability: float = 0.0
    about: int = 0
    asked: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class LastShown:
    """What the customer of a conversation saw last.

    turn: id of the turn that said it. asked: id of the turn whose message asked for it. text: what that message said,
    "" where nothing was shown.
    parts: questions it was read as. shown, offered: the scripts; neither where nothing fitted.
    """

    turn: int
    asked: int
    text: str = ""
    parts: int = 1
    shown: tuple[Found, ...] = ()
    offered: tuple[Found, ...] = ()


def uses_of(previous: LastShown | None, heard: Heard) -> tuple[ScriptUse, ...]:
    """Facts about what was shown before, then about what is shown now; each (kind, script, about) once."""
    says = reaction(heard.text)
    found = (*_of_before(previous, heard, says), *_of_now(previous, heard, says))
    return tuple({(use.kind, use.script_id, use.about): use for use in found}.values())


def _of_before(previous: LastShown | None, heard: Heard, says: Reaction) -> Iterator[ScriptUse]:
    if previous is None:
        return
    verdict = _verdict(previous, heard, says)
    if verdict is not None:
        for each in previous.shown:
            yield _use(verdict, each, previous)
    if not previous.offered or says is Reaction.SATISFIED or not (heard.substantial or says is Reaction.UNHELPFUL):
        return
    chosen = heard.picked in {each.script_id for each in previous.offered}
    for each in previous.offered:
        kind = UseKind.CHOSEN if each.script_id == heard.picked else UseKind.PASSED_OVER
        yield _use(kind, each, previous)
    if not chosen and verdict is not None:  # none of what the menu offered was it
        yield ScriptUse(UseKind.MISSED, "", about=previous.turn, asked=previous.asked, parts=previous.parts)


def _verdict(previous: LastShown, heard: Heard, says: Reaction) -> UseKind | None:
    if heard.wants_person:
        return UseKind.PERSON
    if heard.picked:
        return None
    if says is Reaction.UNHELPFUL:
        return UseKind.UNHELPFUL
    if says is Reaction.SATISFIED:
        return UseKind.SATISFIED
    again = heard.best in {each.script_id for each in previous.shown} or alike(previous.text, heard.text)
    return UseKind.ASKED_AGAIN if again and heard.substantial else None


def _of_now(previous: LastShown | None, heard: Heard, says: Reaction) -> Iterator[ScriptUse]:
    menu = {each.script_id: each for each in previous.offered} if previous else {}
    for each in heard.shown:
        if previous is not None and heard.picked == each.script_id and each.script_id in menu:
            # what she picked answers what she asked before, not the menu's own words
            yield replace(_use(UseKind.SHOWN, menu[each.script_id], previous), about=0)
        else:
            yield _new(UseKind.SHOWN, each, heard)
    for each in heard.offered:
        yield _new(UseKind.OFFERED, each, heard)
    if heard.missed and says is Reaction.NONE:
        yield ScriptUse(UseKind.MISSED, "", parts=heard.parts)


def _use(kind: UseKind, found: Found, previous: LastShown) -> ScriptUse:
    return ScriptUse(
        kind=kind,
        script_id=found.script_id,
        question=found.question,
        probability=found.probability,
        about=previous.turn,
        asked=previous.asked,
        parts=previous.parts,
    )


def _new(kind: UseKind, found: Found, heard: Heard) -> ScriptUse:
    return ScriptUse(kind, found.script_id, found.question, found.probability, parts=heard.parts)


def alike(one: str, other: str) -> bool:
    """Whether two messages ask the same in nearly the same words."""
    first, second = normalise(one), normalise(other)
    if min(len(first), len(second)) < SHORTEST:
        return False
    left, right = _pairs(first), _pairs(second)
    return 2 * len(left & right) >= ALIKE * (len(left) + len(right))


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}
