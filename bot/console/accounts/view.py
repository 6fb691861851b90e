"""What do probes, limits and letters look like in words? Never what a letter says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.console.catalogue import text, text_or
from bot.console.names import Names
from bot.platform import Usage
from bot.store.dead_letters import Letter


@dataclass(frozen=True, slots=True)
class Standing:
    """How the installation is. problems: (what, what to do)."""

    ok: bool
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue with its counts. oldest: how long the first has been waiting, "" where nothing waits."""

    name: str
    counts: tuple[tuple[str, int], ...]
    oldest: str


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A call of an account. percent: of what may burst, 0–100."""

    account: str
    call: str
    per_minute: int
    percent: int
    resting: int
    made: int
    failed: int


@dataclass(frozen=True, slots=True)
class LetterRow:
    """What did not arrive, without its words."""

    id: int
    kind: str
    account: str
    state: str
    state_text: str
    attempts: int
    moment: str
    error: str
    advice: str


def standing_of(health: Mapping[str, object]) -> Standing:
    """From what the probes say."""
    problems = health.get("problems")
    found = (
        tuple(
            (text_or("accounts_parts", str(name)), text_or("accounts_problems", str(name), str(why)))
            for name, why in problems.items()
        )
        if isinstance(problems, Mapping)
        else ()
    )
    return Standing(ok=not found, problems=found)


def queue_rows(health: Mapping[str, object], names: Names) -> tuple[QueueRow, ...]:
    """Messages that came, words and acts that leave, and people's queues."""
    rows = []
    for name in ("inbox", "outbox"):
        told = health.get(name)
        if isinstance(told, Mapping):
            counts = tuple(
                (text_or("accounts_states", key), value) for key, value in told.items() if isinstance(value, int)
            )
            rows.append(QueueRow(name, counts, _age(told.get("oldest_pending_s"))))
    waiting = health.get("queues")
    if isinstance(waiting, Mapping):
        rows.append(
            QueueRow("queues", tuple((names.team(str(team)), int(count)) for team, count in waiting.items()), "")
        )
    return tuple(rows)


def usage_rows(usage: Sequence[Usage]) -> tuple[UsageRow, ...]:
    """By account and call."""
    return tuple(
        UsageRow(
            each.account,
            each.call,
            each.per_minute,
            round(each.used * 100),
            math.ceil(each.resting_s),
            each.made,
            each.failed,
        )
        for each in usage
    )


def letter_rows(letters: Sequence[Letter], names: Names) -> tuple[LetterRow, ...]:
    """For the table."""
    return tuple(
        LetterRow(
            id=each.id,
            kind=text_or("accounts_effects", each.kind),
            account=each.account,
            state=each.state,
            state_text=text_or("accounts_states", each.state),
            attempts=each.attempts,
            moment=names.moment(each.done_at or each.created_at),
            error=each.error,
            advice=each.advice,
        )
        for each in letters
    )


def _age(seconds: object) -> str:
    if not isinstance(seconds, int | float) or seconds < 1:
        return ""
    return text("accounts_notes.seconds", seconds=round(seconds))
