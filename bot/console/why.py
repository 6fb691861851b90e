"""Why did the bot say this, and why did a conversation change hands? What is kept of it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.console.catalogue import text, text_or
from bot.console.names import Names
from bot.thread_reasons import TurnReason
from handoff import Assignment, Refusal

_SCRIPTS: Final = 3  # of a ranking; the rest is told by `xiaoer explain`


@dataclass(frozen=True, slots=True)
class WhyScript:
    """A script that was thought of. sure: in per cent. fate: what its probability allowed."""

    question: str
    sure: int
    fate: str


@dataclass(frozen=True, slots=True)
class Why:
    """One decision. turn: its id, for `xiaoer explain`. facts: (name, words)."""

    turn: int
    decision: str
    facts: tuple[tuple[str, str], ...]
    scripts: tuple[WhyScript, ...]


@dataclass(frozen=True, slots=True)
class WhyMoved:
    """One change of owner. others: (colleague, why it did not go to her)."""

    moment: str
    words: str
    others: tuple[tuple[str, str], ...]


def why(reason: TurnReason, names: Names) -> Why:
    """A turn of the bot's."""
    told = reason.explanation
    return Why(
        turn=reason.turn,
        decision=text_or("decisions", reason.decision),
        facts=tuple(_facts(told, reason, names)),
        scripts=tuple(_script(each) for each in _list(told, "passages")[:_SCRIPTS] if isinstance(each, Mapping)),
    )


def why_moved(assignments: Sequence[Assignment], names: Names) -> tuple[WhyMoved, ...]:
    """The changes of owner, the newest first."""
    return tuple(
        WhyMoved(
            moment=names.moment(each.at),
            words=text(
                "why.moved",
                whom=names.agent(each.agent) if each.agent else text(f"owners_short.{each.to_owner.value}"),
                candidates=len(each.candidates),
            ),
            others=tuple((names.agent(agent), _refusal(said, names)) for agent, said in each.exclusions.items()),
        )
        for each in reversed(assignments)
    )


def _facts(told: Mapping[str, Any], reason: TurnReason, names: Names) -> Sequence[tuple[str, str]]:
    facts = []
    if intent := told.get("intent"):
        sure = round(float(told.get("confidence") or 0) * 100)
        facts.append((text("why.intent"), text("why.sure", what=intent, percent=sure)))
    if signals := _list(told, "signals"):
        facts.append((text("why.signals"), text("why.comma").join(names.reason(str(each)) for each in signals)))
    if "need" in told:
        need = round(float(told["need"]) * 100)
        facts.append((text("why.need"), text("why.percent", percent=need)))
    if rule := told.get("rule"):
        facts.append((text("why.rule"), str(rule)))
    mood = told.get("mood")
    if isinstance(mood, Mapping):
        facts.append((text("why.mood"), f"{float(mood.get('sentiment') or 0):+.1f}"))
    if parts := _list(told, "parts"):
        facts.append((text("why.parts"), str(len(parts))))
    if reason.reason:
        facts.append((text("why.reason"), names.reason(reason.reason)))
    return facts


def _script(passage: Mapping[str, Any]) -> WhyScript:
    fate = str(passage.get("fate", ""))
    return WhyScript(
        question=str(passage.get("question", "")),
        sure=round(float(passage.get("probability") or 0) * 100),
        fate=text_or("fates", fate),
    )


def _refusal(said: str, names: Names) -> str:
    try:
        return names.say(f"refusals.{Refusal(said)}")
    except ValueError:
        return said


def _list(told: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else ()
