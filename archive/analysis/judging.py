"""Which of the shop's rules did a session break, by which of its lines, and when may that still change?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from archive.analysis.lines import SHOP, Line, Wait, answers, waits
from archive.analysis.rules import (
    BrokenPromise,
    CausedHandover,
    Drift,
    ForbiddenPhrase,
    MissingPhrase,
    Node,
    QualityRule,
    Severity,
    SlowAnswer,
    Unanswered,
)
from archive.entry import Voice

BusinessSeconds = Callable[[datetime, datetime], float]
Likeness = Callable[[str, str], float | None]  # question, answer → like the approved one, None: none is approved


@dataclass(frozen=True, slots=True)
class Answered:
    """The bot's line said this script, which belongs to this stage."""

    script: str
    stage: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The bot gave the conversation to people."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is known of a session beside its words. said: by the source id of a line. outcome: of its ticket.

    region: where the customer is, in words that the caller compares; "": not known.
    """

    said: Mapping[str, Answered] = field(default_factory=dict)
    handed_over: tuple[HandedOver, ...] = ()
    outcome: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A session to be judged.

    lines: at least one, oldest first. nodes: which script a line of the bot's said, by entry id. later: when the shop
    spoke to this customer after the session. timed: False where the source knew no times; then nothing is late.
    """

    lines: tuple[Line, ...]
    nodes: Mapping[int, Answered] = field(default_factory=dict)
    handed_over: tuple[HandedOver, ...] = ()
    later: tuple[datetime, ...] = ()
    timed: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken. lines: those that show it, the first is the anchor. value: seconds or likeness, None for words."""

    rule: str
    severity: Severity
    lines: tuple[Line, ...]
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and when to look again because time alone may change it; None: never."""

    findings: tuple[Finding, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds sessions against the rules. Pure but for `likeness`, which asks the approved scripts."""

    rules: Sequence[QualityRule]
    business_seconds: BusinessSeconds
    likeness: Likeness

    def judge(self, case: Case, now: datetime) -> Verdict:
        """All findings of a session as it stands at `now`."""
        found, due = [], []
        for rule in self.rules:
            for each in self._broken(rule, case, now):
                if isinstance(each, datetime):
                    due.append(each)
                else:
                    lines, value = each
                    found.append(Finding(rule.name, rule.severity, lines, value))
        return Verdict(tuple(found), min(due, default=None))

    def _broken(  # noqa: PLR0911 - one for each kind of check
        self, rule: QualityRule, case: Case, now: datetime
    ) -> Iterator[tuple[tuple[Line, ...], float | None] | datetime]:
        """The lines that break the rule, with the value measured; a moment: when that has to be looked at again."""
        match rule.check:
            case Unanswered() as check:
                return _unanswered(check, case, now)
            case SlowAnswer() as check:
                return self._slow(check, case)
            case ForbiddenPhrase() as check:
                return _forbidden(check, case)
            case MissingPhrase() as check:
                return _missing(check, case)
            case BrokenPromise() as check:
                return _broken_promises(check, case, now)
            case Drift() as check:
                return self._drifting(check, case)
            case CausedHandover() as check:
                return _caused(check, case)
            case _ as never:
                assert_never(never)

    def _slow(self, check: SlowAnswer, case: Case) -> Iterator[tuple[tuple[Line, ...], float]]:
        if not case.timed:
            return
        answered = [(wait, wait.reply) for wait in waits(case.lines) if wait.reply is not None]
        for wait, reply in answered[:1] if check.first else answered:
            if reply.voice in check.side.voices and wait.is_question:
                seconds = self._between(wait.began, reply.at, business=check.business)
                if seconds > check.over.total_seconds():
                    yield (*wait.asked, reply), seconds

    def _between(self, start: datetime, end: datetime, *, business: bool) -> float:
        return self.business_seconds(start, end) if business else (end - start).total_seconds()

    def _drifting(self, check: Drift, case: Case) -> Iterator[tuple[tuple[Line, ...], float]]:
        for asked, said in answers(case.lines):
            likeness = self.likeness(asked.text, said.text)
            if likeness is not None and likeness < check.below:
                yield (said, asked), likeness


def _unanswered(check: Unanswered, case: Case, now: datetime) -> Iterator[tuple[tuple[Line, ...], float] | datetime]:
    last: Wait | None = next(reversed(waits(case.lines)), None)
    if last is None or last.reply is not None or not last.is_question:
        return
    if not case.timed:
        yield last.asked, 0.0
    elif now < last.began + check.after:
        yield last.began + check.after
    else:
        yield last.asked, (now - last.began).total_seconds()


def _forbidden(check: ForbiddenPhrase, case: Case) -> Iterator[tuple[tuple[Line, ...], None]]:
    for line in case.lines:
        held = line.voice in check.side.voices and _at_node(check.stages, check.scripts, case.nodes.get(line.entry_id))
        if held and any(phrase in line.text for phrase in check.phrases):
            yield (line,), None


def _missing(check: MissingPhrase, case: Case) -> Iterator[tuple[tuple[Line, ...], None]]:
    if (check.stages or check.scripts) and not any(
        _at_node(check.stages, check.scripts, node) for node in case.nodes.values()
    ):
        return
    said = [line for line in case.lines if line.voice in check.side.voices and line.text]
    if not said:
        return
    looked_at = _at(check.node, said)
    if not any(phrase in line.text for line in looked_at for phrase in check.phrases):
        yield (looked_at[-1],), None


def _at(node: Node, said: Sequence[Line]) -> Sequence[Line]:
    match node:
        case Node.OPENING:
            return said[:1]
        case Node.CLOSING:
            return said[-1:]
        case Node.ANYWHERE:
            return said


def _broken_promises(
    check: BrokenPromise, case: Case, now: datetime
) -> Iterator[tuple[tuple[Line, ...], float | None] | datetime]:
    for place, line in enumerate(case.lines):
        if line.voice not in check.side.voices or not any(phrase in line.text for phrase in check.phrases):
            continue
        if not case.timed:  # the order alone is known: it is broken where the shop never spoke again
            if not any(each.voice in SHOP for each in case.lines[place + 1 :]):
                yield (line,), None
            continue
        heard = (*(each.at for each in case.lines[place + 1 :] if each.voice in SHOP), *case.later)
        if any(line.at + check.not_before <= at <= line.at + check.within for at in heard):
            continue
        if now <= line.at + check.within:
            yield line.at + check.within
        else:
            yield (line,), check.within.total_seconds()


def _caused(check: CausedHandover, case: Case) -> Iterator[tuple[tuple[Line, ...], None]]:
    for each in case.handed_over:
        if each.reason in check.reasons:
            before = [line for line in case.lines if line.voice is Voice.CUSTOMER and line.at <= each.at]
            if before:
                yield (before[-1],), None


def _at_node(stages: frozenset[str], scripts: frozenset[str], node: Answered | None) -> bool:
    if not stages and not scripts:
        return True
    return node is not None and (node.stage in stages or node.script in scripts)
