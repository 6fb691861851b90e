"""What would a change do, in words? Lines that differ, tickets that would have gone elsewhere, tags gained and lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from bot.console.catalogue import text
from bot.console.names import Names
from bot.rulebook import Trial
from handoff import Outcome, Replayed

MOST_TICKETS: Final = 50  # shown one by one; all are counted
MOST_NAMED: Final = 5  # customers named for a tag


@dataclass(frozen=True, slots=True)
class DiffLine:
    """kind: added | removed | place | same."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RoutedRow:
    """A ticket that would have been routed otherwise."""

    ticket: int
    opened: str
    changes: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag that some customers would gain or lose. named: some of them."""

    name: str
    gained: int
    lost: int
    named: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """replayed, customers: how many were tried; None where this file is not tried on them. counts: (what, how many)."""

    diff: tuple[DiffLine, ...]
    replayed: int | None
    changed: int
    counts: tuple[tuple[str, int], ...]
    tickets: tuple[RoutedRow, ...]
    customers: int | None
    tags: tuple[TagRow, ...]


def trial_view(trial: Trial, names: Names) -> TrialView:
    """A trial for the page."""
    changed = [each for each in trial.routes or () if each.changes]
    counted = Counter(name for each in changed for name in each.changes)
    return TrialView(
        diff=tuple(_line(each) for each in trial.diff),
        replayed=None if trial.routes is None else len(trial.routes),
        changed=len(changed),
        counts=tuple((text(f"rules_outcome.{name}"), count) for name, count in counted.most_common()),
        tickets=tuple(_ticket(each, names) for each in changed[-MOST_TICKETS:][::-1]),
        customers=None if trial.tags is None else trial.tags.customers,
        tags=_tags(trial, names),
    )


def _line(line: str) -> DiffLine:
    kind = {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
    return DiffLine(kind, line)


def _ticket(each: Replayed, names: Names) -> RoutedRow:
    return RoutedRow(
        ticket=each.ticket.id,
        opened=names.moment(each.ticket.opened_at),
        changes="、".join(text(f"rules_outcome.{name}") for name in each.changes),
        before=_outcome(each.before, names),
        after=_outcome(each.after, names),
    )


def _outcome(outcome: Outcome, names: Names) -> str:
    told = text("rules_outcome.hand_over_yes" if outcome.hand_over else "rules_outcome.hand_over_no")
    parts = [told, names.team(outcome.team), text(f"priorities.{outcome.priority}"), outcome.sla, outcome.rule]
    return " · ".join(part for part in parts if part)


def _tags(trial: Trial, names: Names) -> tuple[TagRow, ...]:
    if trial.tags is None:
        return ()
    gained, lost = trial.tags.gained, trial.tags.lost
    return tuple(
        TagRow(
            name,
            len(gained.get(name, ())),
            len(lost.get(name, ())),
            "、".join(names.customer(*each) for each in (*gained.get(name, ()), *lost.get(name, ()))[:MOST_NAMED]),
        )
        for name in sorted({*gained, *lost})
    )
