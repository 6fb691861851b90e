"""What of a message and its decision matters to the scripts?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.decide import CHOICE_PREFIX, Part
from bot.domain import Answer, AskBack, AskSlot, Choice, Decision, HandOver, Several, StaySilent
from bot.learning.reactions import asks_nothing

SMALL_TALK = "reply:"  # an answer that is no script
NOTHING_FOUND = "nothing_found"  # the signal of the router that no script fitted, again and again
WANTS_PERSON = frozenset({"asked_for_person", "complaint"})  # hand-overs that judge the answer before


@dataclass(frozen=True, slots=True)
class Found:
    """A script as it was found. question: its own question that matched. probability: of being right."""

    script_id: str
    question: str = ""
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a customer and what it got.

    picked: id of the script she chose from a menu, "" if none. best: id of the script found best, "" if none.
    shown, offered: said as the answer, and put into a menu. missed: no script fitted it, or one of its questions.
    wants_person: she is handed over because she asked for a person or complained. substantial: more than a greeting,
    a thank-you or a yes. parts: how many questions it was read as.
    """

    text: str
    picked: str = ""
    best: str = ""
    shown: tuple[Found, ...] = ()
    offered: tuple[Found, ...] = ()
    missed: bool = False
    wants_person: bool = False
    substantial: bool = True
    parts: int = 1


def heard_of(text: str, decision: Decision, whole: Part, parts: Sequence[Part] = ()) -> Heard | None:
    """The message as the scripts see it; None where nobody was asked (a person has the conversation).

    text: as she wrote it. whole, parts: what the decision was made from.
    """
    if isinstance(decision, StaySilent):
        return None
    known = _known((whole, *parts))
    found = [
        each for part in (parts or (whole,)) for each in part.candidates if each.probability >= each.thresholds.ask
    ]
    answers, rest = _taken_apart(decision)
    scripts = [each for each in answers if not each.script_id.startswith(SMALL_TALK)]
    shown = tuple(known.get(each.script_id, Found(each.script_id, "", each.probability)) for each in scripts)
    offered = _offered(rest.choices, known) if isinstance(rest, AskBack) else ()
    empty = asks_nothing(text)
    return Heard(
        text=text,
        picked=whole.candidates[0].script_id if whole.picked and whole.candidates else "",
        best=shown[0].script_id if shown else found[0].script_id if found else "",
        shown=shown,
        offered=offered,
        missed=not empty and _found_nothing(rest),
        wants_person=isinstance(rest, HandOver) and rest.reason in WANTS_PERSON,
        substantial=bool(shown or offered) or isinstance(rest, HandOver) or not (empty or answers),
        parts=max(len(parts), 1),
    )


def _known(parts: Sequence[Part]) -> dict[str, Found]:
    """Every script found, as the question that found it best saw it."""
    candidates = sorted((each for part in parts for each in part.candidates), key=lambda each: each.probability)
    return {each.script_id: Found(each.script_id, each.question or each.title, each.probability) for each in candidates}


def _taken_apart(
    decision: Answer | Several | AskBack | AskSlot | HandOver,
) -> tuple[tuple[Answer, ...], AskBack | AskSlot | HandOver | None]:
    match decision:
        case Answer():
            return (decision,), None
        case Several(answers=answers, rest=rest):
            return answers, rest
        case AskBack() | AskSlot() | HandOver():
            return (), decision


def _found_nothing(rest: AskBack | AskSlot | HandOver | None) -> bool:
    match rest:
        case AskBack(choices=choices):
            return not choices
        case HandOver(reason=reason):
            return reason == NOTHING_FOUND
        case AskSlot() | None:
            return False


def _offered(choices: Sequence[Choice], known: Mapping[str, Found]) -> tuple[Found, ...]:
    ids = [each.id.removeprefix(CHOICE_PREFIX) for each in choices if each.id.startswith(CHOICE_PREFIX)]
    return tuple(known.get(each, Found(each)) for each in dict.fromkeys(ids))
