"""Does a promise count business time only, warn and break once, and lose nothing by pausing and moving?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff import ALWAYS, Calendar, Danger, Escalation, Metric, SlaPolicy, SlaStep, sla
from handoff.sla import Clock, Terms
from tests.handoff.hours import BEGINNINGS, HOUR_MS, OFFICE, SHANGHAI, WORKWEEK, calendars, local

STEPS = (
    SlaStep(Danger.WARNING, Escalation.REMIND),
    SlaStep(Danger.BREACH, Escalation.TELL_SUPERVISOR),
    SlaStep(Danger.BREACH, Escalation.REASSIGN, after_s=1800),
)
HOURLY = SlaPolicy(name="hourly", first_response_s=3600, resolution_s=8 * 3600, steps=STEPS)
OFFICE_HOURS, AROUND_THE_CLOCK = Terms(HOURLY, WORKWEEK), Terms(HOURLY, ALWAYS)


def started(terms: Terms, at: datetime, metric: Metric = Metric.FIRST_RESPONSE) -> Clock:
    clock = sla.start(ticket_id=1, metric=metric, cycle=0, terms=terms, at=at)
    assert clock is not None
    return clock


def announced(clock: Clock, terms: Terms, at: datetime) -> tuple[Clock, Danger, bool, tuple[Escalation, ...]]:
    found = sla.danger(clock, terms, at)
    assert found is not None
    marked = sla.mark(clock, found, terms, at)
    assert marked is not None
    return marked, found.danger, found.is_news, found.steps


def test_what_is_not_promised_has_no_clock() -> None:
    assert (
        sla.start(ticket_id=1, metric=Metric.NEXT_RESPONSE, cycle=0, terms=OFFICE_HOURS, at=local("2026-03-02T09:00"))
        is None
    )


@pytest.mark.parametrize(
    ("asked", "warned", "due"),
    [
        ("2026-03-03T11:30", "2026-03-03T13:48", "2026-03-03T14:00"),  # lunch does not count
        ("2026-09-30T17:30", "2026-10-08T09:18", "2026-10-08T09:30"),  # nor does national day
        ("2026-10-09T17:30", "2026-10-10T09:18", "2026-10-10T09:30"),  # a Saturday that is worked for it does
    ],
)
def test_the_examples_of_the_documentation(asked: str, warned: str, due: str) -> None:
    clock = started(OFFICE_HOURS, local(asked))
    assert clock.warns_at == clock.next_at == local(warned)
    assert clock.due_at == local(due)
    assert sla.danger(clock, OFFICE_HOURS, local(warned) - timedelta(milliseconds=1)) is None


def test_the_story_of_a_broken_promise() -> None:
    """Warning, breach and each step at its moment, once; then nothing more."""
    clock = started(AROUND_THE_CLOCK, local("2026-03-02T09:00"))
    clock, *told = announced(clock, AROUND_THE_CLOCK, local("2026-03-02T09:48"))
    assert told == [Danger.WARNING, True, (Escalation.REMIND,)]
    assert clock.next_at == local("2026-03-02T10:00")
    assert sla.danger(clock, AROUND_THE_CLOCK, local("2026-03-02T09:59")) is None
    clock, *told = announced(clock, AROUND_THE_CLOCK, local("2026-03-02T10:01"))
    assert told == [Danger.BREACH, True, (Escalation.TELL_SUPERVISOR,)]
    assert clock.breached_at == local("2026-03-02T10:00")  # not when somebody looked
    assert clock.next_at == local("2026-03-02T10:30")
    clock, *told = announced(clock, AROUND_THE_CLOCK, local("2026-03-02T10:30"))
    assert told == [Danger.BREACH, False, (Escalation.REASSIGN,)]
    assert clock.next_at is None
    assert sla.danger(clock, AROUND_THE_CLOCK, local("2026-04-02T10:30")) is None
    assert sla.end(clock, AROUND_THE_CLOCK, local("2026-03-02T11:00"), fulfilled=True).kept is False


def test_after_a_night_without_anybody_looking_the_breach_is_told_alone_and_no_step_is_lost() -> None:
    clock = started(AROUND_THE_CLOCK, local("2026-03-02T09:00"))
    clock, *told = announced(clock, AROUND_THE_CLOCK, local("2026-03-03T09:00"))
    assert told == [Danger.BREACH, True, (Escalation.REMIND, Escalation.TELL_SUPERVISOR, Escalation.REASSIGN)]
    assert (clock.warned_at, clock.next_at) == (local("2026-03-03T09:00"), None)


def test_a_danger_found_twice_is_marked_once() -> None:
    at = local("2026-03-02T09:50")
    clock = started(AROUND_THE_CLOCK, local("2026-03-02T09:00"))
    found = sla.danger(clock, AROUND_THE_CLOCK, at)
    assert found is not None
    marked = sla.mark(clock, found, AROUND_THE_CLOCK, at)
    assert marked is not None
    assert sla.mark(marked, found, AROUND_THE_CLOCK, at) is None
    ended = sla.end(clock, AROUND_THE_CLOCK, at, fulfilled=True)
    assert sla.mark(ended, found, AROUND_THE_CLOCK, at) is None


@pytest.mark.parametrize(
    ("minutes", "fulfilled", "kept"),
    [(59, True, True), (60, True, False), (61, True, False), (59, False, None), (61, False, False)],
)
def test_kept_is_in_time(minutes: int, fulfilled: bool, kept: bool | None) -> None:  # noqa: FBT001
    at = local("2026-03-02T09:00")
    ended = sla.end(
        started(AROUND_THE_CLOCK, at), AROUND_THE_CLOCK, at + timedelta(minutes=minutes), fulfilled=fulfilled
    )
    assert ended.kept is kept
    assert ended.breached_at == (at + timedelta(hours=1) if minutes >= 60 else None)
    assert (ended.due_at, ended.next_at, ended.running_since) == (None, None, None)


def test_a_pause_outside_the_hours_costs_nothing_and_inside_it_gives_time() -> None:
    clock = started(OFFICE_HOURS, local("2026-03-02T17:30"))
    paused = sla.pause(clock, OFFICE_HOURS, local("2026-03-02T17:45"))
    assert (paused.spent_ms, paused.next_at, paused.due_at) == (HOUR_MS // 4, None, None)
    assert sla.resume(paused, OFFICE_HOURS, local("2026-03-03T09:00")).due_at == local("2026-03-03T09:45")
    assert sla.resume(paused, OFFICE_HOURS, local("2026-03-03T11:30")).due_at == local("2026-03-03T13:45")


def test_a_breach_nobody_saw_before_the_pause_is_still_told() -> None:
    clock = sla.pause(started(AROUND_THE_CLOCK, local("2026-03-02T09:00")), AROUND_THE_CLOCK, local("2026-03-02T10:15"))
    assert clock.next_at == local("2026-03-02T10:15")
    clock, danger, *_ = announced(clock, AROUND_THE_CLOCK, local("2026-03-02T10:16"))
    assert danger is Danger.BREACH
    assert clock.next_at is None  # the step of the half hour waits until the clock goes on
    assert sla.resume(clock, AROUND_THE_CLOCK, local("2026-03-02T12:00")).next_at == local("2026-03-02T12:15")


# ── other terms ──────────────────────────────────────────────────────────────────────────────


def test_in_another_team_it_keeps_what_it_spent_and_goes_on_by_its_hours() -> None:
    late = Calendar("late", SHANGHAI, (((local("2026-01-01T14:00").time(), local("2026-01-01T22:00").time()),),) * 7)
    clock = started(OFFICE_HOURS, local("2026-03-02T11:30"))
    moved = sla.replan(clock, OFFICE_HOURS, Terms(HOURLY, late), local("2026-03-02T13:00"))
    assert (moved.spent_ms, moved.calendar, moved.due_at) == (HOUR_MS // 2, "late", local("2026-03-02T14:30"))


def test_another_policy_does_not_take_back_a_breach_nor_repeat_its_steps() -> None:
    day = SlaPolicy(name="day", first_response_s=7200, steps=(*STEPS, SlaStep(Danger.BREACH, Escalation.REMIND, 60)))
    clock = started(AROUND_THE_CLOCK, local("2026-03-02T09:00"))
    clock, *_ = announced(clock, AROUND_THE_CLOCK, local("2026-03-02T10:30"))
    moved = sla.replan(clock, AROUND_THE_CLOCK, Terms(day, ALWAYS), local("2026-03-02T10:40"))
    assert moved.breached_at == local("2026-03-02T10:00")
    assert moved.steps == 1  # the reminder of its warning lies behind; the breach steps of the longer target do not
    assert moved.next_at == local("2026-03-02T11:00")
    ended = sla.end(moved, Terms(day, ALWAYS), local("2026-03-02T10:45"), fulfilled=True)
    assert ended.kept is False


def test_a_policy_that_promises_nothing_ends_it() -> None:
    clock = started(AROUND_THE_CLOCK, local("2026-03-02T09:00"))
    nothing = Terms(SlaPolicy(name="none"), ALWAYS)
    moved = sla.replan(clock, AROUND_THE_CLOCK, nothing, local("2026-03-02T09:30"))
    assert (moved.ended_at, moved.kept) == (local("2026-03-02T09:30"), None)


# ── I12: pause/resume sums equal business time; warning, breach, steps once each ─────────────


@given(
    calendars(),
    st.lists(st.tuples(st.sampled_from(("wait", "toggle", "move", "look")), st.integers(0, 20 * HOUR_MS)), max_size=25),
    st.integers(1, 40 * 3600),
    st.sampled_from((0.0, 0.5, 0.8, 1.0)),
)
def test_i12(drawn: tuple[Calendar, object], story: list[tuple[str, int]], target_s: int, warn_at: float) -> None:
    """Whatever is done: what is spent is the business time of the running stretches, and nothing is told twice."""
    calendar, begins = drawn
    assert begins in BEGINNINGS
    own = Terms(SlaPolicy(name="p", resolution_s=target_s, warn_at=warn_at, steps=STEPS), calendar)
    other = replace(own, calendar=Calendar("other", ZoneInfo("Europe/Berlin"), (OFFICE,) * 7))
    at = datetime.fromisoformat(f"{begins}T00:00:00+00:00")
    terms, clock = own, started(own, at, Metric.RESOLUTION)
    counted, told, steps = 0, [], 0
    for act, ms in story:
        later = at + timedelta(milliseconds=ms)
        before = clock.spent_at(at, terms.calendar)
        if clock.running_since is not None:
            counted += terms.calendar.business_ms(at, later)
        at = later
        assert before <= clock.spent_at(at, terms.calendar) == counted
        if act == "toggle":
            clock = (sla.resume if clock.running_since is None else sla.pause)(clock, terms, at)
        elif act == "move":
            after = other if terms is own else own
            clock, terms = sla.replan(clock, terms, after, at), after
        elif act == "look" and (found := sla.danger(clock, terms, at)):
            assert clock.next_at is not None
            assert clock.next_at <= at  # an index by next_at would have found it
            marked = sla.mark(clock, found, terms, at)
            assert marked is not None
            clock = marked
            told += [found.danger] * found.is_news
            steps += len(found.steps)
        assert clock.spent_at(at, terms.calendar) == counted
    assert told in ([], [Danger.WARNING], [Danger.WARNING, Danger.BREACH], [Danger.BREACH])
    assert (Danger.BREACH in told) <= (counted >= target_s * 1000)
    assert steps == clock.steps <= len(STEPS)
    ended = sla.end(clock, terms, at, fulfilled=True)
    assert ended.spent_ms == counted
    assert ended.kept == (counted < target_s * 1000)


@given(calendars(), st.integers(1, 20 * 3600), st.integers(0, 30 * HOUR_MS))
def test_next_at_is_when_something_becomes_due(drawn: tuple[Calendar, object], target_s: int, ms: int) -> None:
    calendar, begins = drawn
    terms = Terms(SlaPolicy(name="p", resolution_s=target_s, steps=STEPS), calendar)
    at = datetime.fromisoformat(f"{begins}T00:00:00+00:00")
    clock = started(terms, at, Metric.RESOLUTION)
    later = at + timedelta(milliseconds=ms)
    assert (sla.danger(clock, terms, later) is not None) == (clock.next_at is not None and clock.next_at <= later)
