"""How does a promise count? One clock of business time: started, paused, resumed, ended; what is due by `at`.

Pure: nothing here knows where clocks are kept. Each function returns the clock with its moments worked out anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Final

from handoff.calendars import Calendar
from handoff.sla_policy import Danger, Escalation, Metric, SlaPolicy, SlaStep

_SECOND_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """What a promise counts by."""

    policy: SlaPolicy
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise about one ticket, in milliseconds of business time.

    cycle: which promise of this metric it is (for responses and resolution: how often the ticket was reopened; for
    next responses: counted through). policy, calendar: names of its terms. spent_ms: before `running_since`, which is
    None while it is paused or ended. warns_at, due_at: while it runs. next_at: when there is something to do, None if
    there is not. warned_at: when the warning was given; breached_at: when the time was over. kept: None while it is
    open, and where its ticket ended without a decision. steps: escalation steps taken.
    """

    ticket_id: int
    metric: Metric
    cycle: int
    policy: str
    calendar: str
    target_ms: int
    started_at: datetime
    spent_ms: int = 0
    running_since: datetime | None = None
    warns_at: datetime | None = None
    due_at: datetime | None = None
    next_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    ended_at: datetime | None = None
    kept: bool | None = None
    steps: int = 0

    def spent_at(self, at: datetime, calendar: Calendar) -> int:
        """The business time it has counted by `at`."""
        return self.spent_ms + (calendar.business_ms(self.running_since, at) if self.running_since else 0)


@dataclass(frozen=True, slots=True)
class SlaDanger:
    """A promise is nearly or already broken, and what is to be done about it now.

    is_news: whether the danger was reached just now; else only further steps are due. due_at: when the time is or was
    over, None while the clock is paused. steps: in the order of their moments, `taken` others went before.
    """

    ticket_id: int
    metric: Metric
    cycle: int
    policy: str
    danger: Danger
    is_news: bool
    due_at: datetime | None
    steps: tuple[Escalation, ...]
    taken: int


def start(*, ticket_id: int, metric: Metric, cycle: int, terms: Terms, at: datetime) -> Clock | None:
    """A running clock; None where the policy promises nothing of this kind."""
    target_s = terms.policy.target_s(metric)
    if target_s is None:
        return None
    clock = Clock(
        ticket_id=ticket_id,
        metric=metric,
        cycle=cycle,
        policy=terms.policy.name,
        calendar=terms.calendar.name,
        target_ms=target_s * _SECOND_MS,
        started_at=at,
        running_since=at,
    )
    return planned(clock, terms, at)


def pause(clock: Clock, terms: Terms, at: datetime) -> Clock:
    """It stands still; what it has spent stays."""
    return planned(replace(clock, spent_ms=clock.spent_at(at, terms.calendar), running_since=None), terms, at)


def resume(clock: Clock, terms: Terms, at: datetime) -> Clock:
    """It goes on; one that runs is left as it is."""
    return planned(replace(clock, running_since=clock.running_since or at), terms, at)


def end(clock: Clock, terms: Terms, at: datetime, *, fulfilled: bool) -> Clock:
    """What was promised has been done or, if not `fulfilled`, nobody waits for it any more.

    In time is before the target is reached: the instant of the breach is already too late.
    """
    spent = clock.spent_at(at, terms.calendar)
    late = spent >= clock.target_ms
    return replace(
        clock,
        spent_ms=spent,
        running_since=None,
        warns_at=None,
        due_at=None,
        next_at=None,
        breached_at=clock.breached_at or (_moment(clock, terms, clock.target_ms) or at if late else None),
        ended_at=at,
        kept=False if late or clock.breached_at else (True if fulfilled else None),
    )


def replan(clock: Clock, before: Terms, after: Terms, at: datetime) -> Clock:
    """The promise of other terms from now on: what it has spent under the old ones stays spent.

    A breach stays one. Steps of the new policy whose moment lies behind an announced danger are not made up for. Where
    the new policy promises nothing, it ends.
    """
    target_s = after.policy.target_s(clock.metric)
    if target_s is None:
        return end(clock, before, at, fulfilled=False)
    moved = replace(
        clock,
        policy=after.policy.name,
        calendar=after.calendar.name,
        target_ms=target_s * _SECOND_MS,
        spent_ms=clock.spent_at(at, before.calendar),
        running_since=max(clock.running_since, at) if clock.running_since else None,
    )
    if moved.policy != clock.policy:
        moved = replace(moved, steps=_behind(moved, after.policy))
    return planned(moved, after, at)


def danger(clock: Clock, terms: Terms, at: datetime) -> SlaDanger | None:
    """What there is to say and to do about an open clock by `at`; None: nothing.

    A breach that comes together with its warning (nobody looked in between) is told alone; no step is left out.
    """
    spent = clock.spent_at(at, terms.calendar)
    breached, warned = spent >= clock.target_ms, spent >= _warning_ms(clock, terms.policy)
    due = tuple(takewhile(lambda entry: entry[0] <= spent, _agenda(clock, terms.policy)[clock.steps :]))
    is_news = (breached and clock.breached_at is None) or (warned and clock.warned_at is None and not clock.breached_at)
    if clock.ended_at or not (is_news or due):
        return None
    return SlaDanger(
        ticket_id=clock.ticket_id,
        metric=clock.metric,
        cycle=clock.cycle,
        policy=clock.policy,
        danger=Danger.BREACH if breached or clock.breached_at else Danger.WARNING,
        is_news=is_news,
        due_at=_moment(clock, terms, clock.target_ms),
        steps=tuple(step.do for _, step in due),
        taken=clock.steps,
    )


def mark(clock: Clock, found: SlaDanger, terms: Terms, at: datetime) -> Clock | None:
    """The clock with this danger announced and its steps taken; None if it was before, or the clock has ended."""
    is_breach = found.danger is Danger.BREACH
    announced = clock.breached_at if is_breach else clock.warned_at
    if clock.ended_at or (clock.policy, clock.steps) != (found.policy, found.taken) or (found.is_news and announced):
        return None
    marked = replace(
        clock,
        warned_at=clock.warned_at or at,
        breached_at=clock.breached_at or ((found.due_at or at) if is_breach else None),
        steps=clock.steps + len(found.steps),
    )
    return planned(marked, terms, at)


def planned(clock: Clock, terms: Terms, at: datetime) -> Clock:
    """The clock with its moments worked out by the calendar."""
    ahead = [moment for moment, _ in _agenda(clock, terms.policy)[clock.steps : clock.steps + 1]]
    if clock.breached_at is None:
        ahead.append(clock.target_ms)
        if clock.warned_at is None:
            ahead.append(_warning_ms(clock, terms.policy))
    soonest = min(ahead, default=None)
    overdue = soonest is not None and soonest <= clock.spent_ms
    return replace(
        clock,
        warns_at=_moment(clock, terms, _warning_ms(clock, terms.policy)),
        due_at=_moment(clock, terms, clock.target_ms),
        next_at=None if soonest is None else _moment(clock, terms, soonest) or (at if overdue else None),
    )


def _moment(clock: Clock, terms: Terms, business_ms: int) -> datetime | None:
    """When a running clock has counted so much: None while it stands, or if that never comes."""
    if clock.running_since is None:
        return None
    return terms.calendar.add_business(clock.running_since, max(business_ms - clock.spent_ms, 0))


def _warning_ms(clock: Clock, policy: SlaPolicy) -> int:
    return int(clock.target_ms * policy.warn_at)


def _agenda(clock: Clock, policy: SlaPolicy) -> list[tuple[int, SlaStep]]:
    """The steps with their moments in business time, in order; among equals as the policy lists them."""
    since = {Danger.WARNING: _warning_ms(clock, policy), Danger.BREACH: clock.target_ms}
    return sorted(
        ((since[step.on] + step.after_s * _SECOND_MS, step) for step in policy.steps), key=lambda entry: entry[0]
    )


def _behind(clock: Clock, policy: SlaPolicy) -> int:
    """How many steps lie behind what the clock has spent, of dangers that were announced."""
    announced = {
        each for each, at in ((Danger.WARNING, clock.warned_at), (Danger.BREACH, clock.breached_at)) if at is not None
    }
    passed = takewhile(lambda entry: entry[0] <= clock.spent_ms and entry[1].on in announced, _agenda(clock, policy))
    return sum(1 for _ in passed)
