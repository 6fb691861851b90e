"""Given all that is known about one message, what do we do? Pure: no await, no clock, no text of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain import Answer, AskBack, Choice, Decision, HandOver, StaySilent
from handoff import Verdict

CHOICE_PREFIX = "script:"  # a menu item that stands for a script
CHOICE_HUMAN = "ask_human"  # the menu item "none of these, a person please"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated probabilities: at `answer` and above we answer, at `ask` and above we offer choices."""

    answer: float
    ask: float
    choices: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A script that may answer, with the calibrated probability that it is right."""

    script_id: str
    title: str
    answer: str
    probability: float


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one decision depends on.

    owner: bot | queue | agent. picked: the script id chosen from a menu, "" if none.
    small_talk: a ready reply to a greeting, thanks or goodbye, "" if the message is none of these.
    """

    owner: str
    picked: str
    candidates: Sequence[Candidate]
    small_talk: tuple[str, str]  # (intent, reply)
    verdict: Verdict
    wordings: Mapping[str, str]  # ask_back, ask_back_none, ask_again


def decide(situation: Situation, thresholds: Thresholds) -> Decision:
    """Answer, ask back, hand over or stay silent; the order of the rules is their priority."""
    if situation.owner != "bot":
        return StaySilent("a person is serving" if situation.owner == "agent" else "waiting for a person")
    if situation.verdict.hand_over:
        return _hand_over(situation.verdict)
    best = situation.candidates[0] if situation.candidates else None
    if best is not None and (situation.picked or best.probability >= thresholds.answer):
        return _answer(best)
    intent, reply = situation.small_talk
    if reply:
        return Answer(script_id=f"reply:{intent}", text=reply, probability=1.0)
    return _ask(situation, thresholds)


def found_nothing(candidates: Sequence[Candidate], thresholds: Thresholds) -> bool:
    """Whether no script is even worth offering."""
    return not candidates or candidates[0].probability < thresholds.ask


def _hand_over(verdict: Verdict) -> HandOver:
    return HandOver(
        reason=verdict.reason,
        signals=verdict.signals,
        team=verdict.team,
        priority=verdict.priority,
        rule=verdict.rule,
    )


def _answer(candidate: Candidate) -> Answer:
    return Answer(script_id=candidate.script_id, text=candidate.answer, probability=candidate.probability)


def _ask(situation: Situation, thresholds: Thresholds) -> AskBack:
    worth = [each for each in situation.candidates if each.probability >= thresholds.ask][: thresholds.choices]
    if not worth:
        return AskBack(question=situation.wordings["ask_again"], choices=())
    choices = [Choice(id=CHOICE_PREFIX + each.script_id, label=each.title) for each in worth]
    choices.append(Choice(id=CHOICE_HUMAN, label=situation.wordings["ask_back_none"]))
    return AskBack(question=situation.wordings["ask_back"], choices=tuple(choices))
