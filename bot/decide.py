"""Given all that is known about one message, what do we do? Pure: no await, no clock, no text of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.costs import Thresholds
from bot.domain import Answer, AskBack, AskSlot, Choice, Content, Decision, HandOver, Several, StaySilent
from handoff import Verdict

CHOICE_PREFIX = "script:"  # a menu item that stands for a script
CHOICE_HUMAN = "ask_human"  # the menu item "none of these, a person please"
NEEDS_PERSON = "needs_person"  # the reason where only a person can do what is wanted


@dataclass(frozen=True, slots=True)
class Candidate:
    """A script that may answer, with the calibrated probability that it is right and what that must reach.

    attachments: what is sent after the answer.
    """

    script_id: str
    title: str
    answer: str
    probability: float
    thresholds: Thresholds
    question: str = ""
    attachments: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What is wanted takes a person who knows a fact. ask: how to ask for it, "" if that is settled."""

    slot: str
    ask: str


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message.

    text: in the customer's words. picked: its script was chosen from a menu, not searched for.
    small_talk: (intent, ready reply) to a greeting, thanks or goodbye, ("", "") if it is none of these.
    facts: what the router knew, as a ticket keeps it. withdraws: she takes back what she agreed to.
    """

    text: str
    candidates: Sequence[Candidate]
    verdict: Verdict
    small_talk: tuple[str, str] = ("", "")
    need: Need | None = None
    picked: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision depends on.

    owner: bot | queue | agent. whole: the message read as one question. parts: its questions one by one, in
    order, where there are several, else empty. choices: how many scripts are offered at most. withdrawal: whether she
    means it, to who wants to be forgotten.
    """

    owner: str
    whole: Part
    parts: Sequence[Part]
    wordings: Mapping[str, str]  # ask_back, ask_back_none, ask_again, ask_rest, ask_rest_again
    choices: int
    withdrawal: AskBack


def decide(situation: Situation) -> Decision:
    """Answer, ask back, hand over or stay silent; the order of the rules is their priority."""
    if situation.owner != "bot":
        return StaySilent("a person is serving" if situation.owner == "agent" else "waiting for a person")
    if situation.parts:
        return _together(situation)
    return _about(situation.whole, situation)


def found_nothing(candidates: Sequence[Candidate]) -> bool:
    """Whether no script is even worth offering."""
    return not candidates or candidates[0].probability < candidates[0].thresholds.ask


def is_certain(candidates: Sequence[Candidate]) -> bool:
    """Whether the best script may be said without asking."""
    return bool(candidates) and candidates[0].probability >= candidates[0].thresholds.answer


def _about(part: Part, situation: Situation) -> Answer | AskBack | AskSlot | HandOver:
    verdict = part.verdict
    if verdict.hand_over:
        return _hand_over(part, verdict.reason)
    if part.withdraws and not part.picked:
        return situation.withdrawal
    return _by_ourselves(part, situation)


def _by_ourselves(part: Part, situation: Situation) -> Answer | AskBack | AskSlot | HandOver:
    if part.candidates and (part.picked or is_certain(part.candidates)):
        return _answer(part.candidates[0])
    intent, reply = part.small_talk
    if reply:
        return Answer(script_id=f"reply:{intent}", text=reply, probability=1.0)
    if part.need is not None:
        if part.need.ask:
            return AskSlot(part.need.slot, part.need.ask)
        return replace(_hand_over(part, NEEDS_PERSON), left_open=(part.text,))
    return _ask((part,), situation, "ask_back", "ask_again")


def _together(situation: Situation) -> Decision:
    """What is certain in order, then the rest: a person before what she takes back, a missing fact, choices."""
    whole = _about(situation.whole, situation)
    about = [(part, _about(part, situation)) for part in situation.parts]
    answers = _once([each for _, each in about if isinstance(each, Answer)])
    if not answers and isinstance(whole, Answer):
        return whole
    rest = _rest(situation, whole, about, answered=bool(answers))
    if rest is None:
        return answers[0] if len(answers) == 1 else Several(answers, None)
    return Several(answers, rest) if answers else rest


def _rest(
    situation: Situation,
    whole: Answer | AskBack | AskSlot | HandOver,
    about: Sequence[tuple[Part, Answer | AskBack | AskSlot | HandOver]],
    *,
    answered: bool,
) -> AskBack | AskSlot | HandOver | None:
    handed = [each for _, each in about if isinstance(each, HandOver)]
    if isinstance(whole, HandOver) and situation.whole.verdict.hand_over:
        handed.append(whole)  # words that call a person may stand across two questions
    left = [(part, each) for part, each in about if not isinstance(each, Answer)]
    if handed:
        first = min(handed, key=lambda each: each.priority)
        return replace(first, left_open=tuple(part.text for part, _ in left) if answered else first.left_open)
    if any(each is situation.withdrawal for _, each in left):
        return situation.withdrawal
    slots = [each for _, each in left if isinstance(each, AskSlot)]
    if slots or not left:
        return slots[0] if slots else None
    names = ("ask_rest", "ask_rest_again") if answered else ("ask_back", "ask_again")
    return _ask([part for part, _ in left], situation, *names)


def _once(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Each script once; a ready reply only where nothing else is said."""
    scripts = {each.script_id: each for each in answers if not each.script_id.startswith("reply:")}
    return tuple(scripts.values()) or tuple(answers[:1])


def _hand_over(part: Part, reason: str) -> HandOver:
    verdict = part.verdict
    return HandOver(
        reason=reason,
        signals=verdict.signals,
        team=verdict.team,
        priority=verdict.priority,
        rule=verdict.rule,
        skills=verdict.skills,
        sla=verdict.sla,
        type=verdict.type,
        facts=part.facts,
    )


def _answer(candidate: Candidate) -> Answer:
    return Answer(candidate.script_id, candidate.answer, candidate.probability, candidate.attachments)


def _ask(parts: Sequence[Part], situation: Situation, with_choices: str, without: str) -> AskBack:
    """Offer what is worth offering: the best of each part first, then their second…, none twice."""
    worth = [
        [each for each in part.candidates if each.probability >= each.thresholds.ask][: situation.choices]
        for part in parts
    ]
    in_turn = [row[rank] for rank in range(situation.choices) for row in worth if rank < len(row)]
    offered = list({each.script_id: each for each in in_turn}.values())[: situation.choices]
    if not offered:
        return AskBack(question=situation.wordings[without], choices=())
    choices = [Choice(id=CHOICE_PREFIX + each.script_id, label=each.title) for each in offered]
    choices.append(Choice(id=CHOICE_HUMAN, label=situation.wordings["ask_back_none"]))
    return AskBack(question=situation.wordings[with_choices], choices=tuple(choices))
