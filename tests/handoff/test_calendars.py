"""Is business time what a clerk with a list of minutes would count, on any calendar, in any zone?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.calendars import ALWAYS, Calendar, Span
from handoff.holidays import DayKind, day_kind, holidays_known_until
from tests.handoff.hours import DAYS, HOUR_MS, OFFICE, SHANGHAI, WORKWEEK, calendars, local

MINUTE = timedelta(minutes=1)


def shown(at: datetime | None, zone: ZoneInfo = SHANGHAI) -> str | None:
    return None if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


# ── 2026 as the State Council announced it, from the library's data ──────────────────────────


@pytest.mark.parametrize("day", range(1, 8))
def test_national_day_is_free(day: int) -> None:
    assert WORKWEEK.spans_on(date(2026, 10, day)) == ()


@pytest.mark.parametrize(
    "day", [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)], ids=lambda day: f"{day[0]}-{day[1]}"
)
def test_makeup_weekends_are_worked_like_mondays(day: tuple[int, int]) -> None:
    worked = date(2026, *day)
    assert worked.weekday() >= 5
    assert WORKWEEK.spans_on(worked) == OFFICE


def test_a_makeup_day_may_have_hours_of_its_own() -> None:
    short = ((time(10), time(16)),)
    calendar = Calendar("office", SHANGHAI, (OFFICE,) * 5 + ((), ()), holidays=True, makeup=short)
    assert calendar.spans_on(date(2026, 10, 10)) == short
    assert calendar.spans_on(date(2026, 10, 9)) == OFFICE


def test_without_holidays_the_week_goes_on() -> None:
    calendar = Calendar("shop", SHANGHAI, (OFFICE,) * 5 + ((), ()))
    assert calendar.spans_on(date(2026, 10, 1)) == OFFICE
    assert calendar.spans_on(date(2026, 10, 10)) == ()


def test_a_special_day_wins_over_a_holiday() -> None:
    hours = ((time(10), time(15)),)
    calendar = Calendar(
        "office", SHANGHAI, (OFFICE,) * 7, holidays=True, special={date(2026, 10, 1): hours, date(2026, 10, 9): ()}
    )
    assert calendar.spans_on(date(2026, 10, 1)) == hours
    assert calendar.spans_on(date(2026, 10, 9)) == ()


@pytest.mark.parametrize(
    ("at", "opens", "closes"),
    [
        ("2026-09-30T17:59", "2026-09-30 17:59", "2026-09-30 18:00"),
        ("2026-09-30T18:00", "2026-10-08 09:00", None),  # the end of a span is outside, and the holiday follows
        ("2026-10-03T12:00", "2026-10-08 09:00", None),
        ("2026-10-09T12:30", "2026-10-09 13:30", None),
        ("2026-10-09T18:30", "2026-10-10 09:00", None),  # Saturday, worked
        ("2026-10-10T18:30", "2026-10-12 09:00", None),
        ("2026-09-20T09:00", "2026-09-20 09:00", "2026-09-20 12:00"),  # Sunday, worked
    ],
)
def test_openings_around_national_day(at: str, opens: str, closes: str | None) -> None:
    moment = local(at)
    assert shown(WORKWEEK.next_opening(moment)) == opens
    assert shown(WORKWEEK.closes_at(moment)) == closes
    assert WORKWEEK.is_open(moment) == (closes is not None)
    assert shown(WORKWEEK.next_change(moment)) == (closes or opens)


def test_two_hours_promised_before_the_holiday_are_due_after_it() -> None:
    assert shown(WORKWEEK.add_business(local("2026-09-30T17:00"), 2 * HOUR_MS)) == "2026-10-08 10:00"
    assert shown(WORKWEEK.add_business(local("2026-10-01T12:00"), HOUR_MS)) == "2026-10-08 10:00"


def test_beyond_the_librarys_years_the_weekly_hours_hold() -> None:
    new_year = date(holidays_known_until().year + 1, 1, 1)
    assert day_kind(holidays_known_until() - timedelta(days=364)) is DayKind.HOLIDAY
    assert day_kind(new_year) is DayKind.ORDINARY
    assert WORKWEEK.spans_on(new_year) == WORKWEEK.weekly[new_year.weekday()]
    assert day_kind(date(1999, 10, 1)) is DayKind.ORDINARY


# ── edges ────────────────────────────────────────────────────────────────────────────────────


def test_always_is_always() -> None:
    at = local("2026-03-01T00:00")
    assert ALWAYS.is_open(at)
    assert (ALWAYS.next_opening(at), ALWAYS.closes_at(at), ALWAYS.next_change(at)) == (at, None, None)
    assert ALWAYS.business_ms(at, at + timedelta(days=400)) == 400 * 24 * HOUR_MS
    assert ALWAYS.add_business(at, 36 * HOUR_MS) == at + timedelta(hours=36)


@pytest.mark.parametrize("microseconds", [1, 499, 500, 999])
def test_what_is_open_opens_at_once_and_not_at_the_next_millisecond(microseconds: int) -> None:
    at = local("2026-03-02T11:00") + timedelta(microseconds=microseconds)
    assert (WORKWEEK.next_opening(at), WORKWEEK.is_open(at)) == (at, True)


def test_never_is_never() -> None:
    never = Calendar("", SHANGHAI, ((),) * 7, special={date(2026, 3, 1): ((time(10), time(11)),)})
    before, after = local("2026-02-01T00:00"), local("2026-03-01T11:00")
    assert shown(never.next_opening(before)) == "2026-03-01 10:00"
    assert shown(never.add_business(before, HOUR_MS)) == "2026-03-01 11:00"
    assert never.add_business(before, HOUR_MS + 1) is None
    assert (never.next_opening(after), never.next_change(after)) == (None, None)
    assert never.business_ms(before, local("2027-01-01T00:00")) == HOUR_MS


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday's and Saturday's night last until two; the closed Sunday does not cut Saturday's short."""
    night: tuple[Span, ...] = ((time(22), time(2)),)
    bar = Calendar("bar", SHANGHAI, ((), (), (), (), night, night, ()), special={date(2026, 3, 8): ()})
    assert shown(bar.closes_at(local("2026-03-08T00:30"))) == "2026-03-08 02:00"
    assert not bar.is_open(local("2026-03-08T02:00"))
    assert bar.business_ms(local("2026-03-06T23:00"), local("2026-03-08T01:00")) == 6 * HOUR_MS


def test_a_night_that_runs_into_the_next_mornings_hours_counts_once() -> None:
    calendar = Calendar("", SHANGHAI, (((time(9), time(11)), (time(20), time(10))),) * 7)
    assert shown(calendar.closes_at(local("2026-03-02T21:00"))) == "2026-03-03 11:00"
    assert calendar.business_ms(local("2026-03-02T20:00"), local("2026-03-03T20:00")) == 15 * HOUR_MS


def test_no_time_asked_is_the_moment_itself_and_the_end_of_a_day_is_its_end() -> None:
    closed = local("2026-10-03T12:00")
    assert WORKWEEK.add_business(closed, 0) == closed
    assert shown(WORKWEEK.add_business(local("2026-09-30T17:00"), HOUR_MS)) == "2026-09-30 18:00"
    with pytest.raises(ValueError, match="cannot run back"):
        WORKWEEK.add_business(closed, -1)
    assert WORKWEEK.business_ms(closed, closed - timedelta(days=9)) == 0


# ── the nights when clocks are changed ───────────────────────────────────────────────────────

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "span", "hours"),
    [
        ("2026-03-29", (time(0), time(0)), 23),  # put forward at 02:00
        ("2026-03-29", (time(1), time(4)), 2),
        ("2026-03-29", (time(2, 30), time(4)), 1),  # 02:30 never comes: from 03:00 on
        ("2026-03-29", (time(2, 15), time(2, 45)), 0),
        ("2026-10-25", (time(0), time(0)), 25),  # put back at 03:00
        ("2026-10-25", (time(1), time(4)), 4),
        ("2026-10-25", (time(2, 30), time(4)), 2.5),  # from the first 02:30 on
        ("2026-10-25", (time(0), time(2, 30)), 2.5),  # until the first 02:30
    ],
)
def test_a_day_has_as_many_hours_as_clocks_count(day: str, span: Span, hours: float) -> None:
    calendar = Calendar("", BERLIN, ((span,),) * 7)
    start = local(f"{day}T00:00", BERLIN)
    assert calendar.business_ms(start, start.astimezone(UTC) + timedelta(hours=12)) + calendar.business_ms(
        start.astimezone(UTC) + timedelta(hours=12), local(f"{day}T23:59:59.999", BERLIN) + MINUTE / 60_000
    ) == int(hours * HOUR_MS)


# ── against a list of minutes ────────────────────────────────────────────────────────────────


def minutes_open(calendar: Calendar, begins: date) -> tuple[datetime, list[bool]]:
    """Each minute from a local midnight on, by walking through them with a clock on the wall.

    Put back, the clock shows what it showed before; that is no reason to open or to close again, so the furthest time
    it has shown counts.
    """
    start = datetime.combine(begins, time()).replace(tzinfo=calendar.timezone).astimezone(UTC)
    spans = {day: calendar.spans_on(day) for day in (begins + timedelta(days=n) for n in range(-2, DAYS + 2))}
    furthest = start.astimezone(calendar.timezone).replace(tzinfo=None)
    minutes = []
    for number in range(DAYS * 24 * 60):
        furthest = max(furthest, (start + number * MINUTE).astimezone(calendar.timezone).replace(tzinfo=None))
        clock, day = furthest.time(), furthest.date()
        minutes.append(
            any(opens <= clock and (clock < until or until <= opens) for opens, until in spans[day])
            or any(until <= opens and clock < until for opens, until in spans[day - timedelta(days=1)])
        )
    return start, minutes


@settings(max_examples=60)
@given(calendars(), st.data())
def test_the_same_as_counting_minutes(drawn: tuple[Calendar, date], data: st.DataObject) -> None:
    calendar, begins = drawn
    start, minutes = minutes_open(calendar, begins)
    first = data.draw(st.integers(0, len(minutes)))
    last = data.draw(st.integers(0, len(minutes)))
    at, until = start + first * MINUTE, start + last * MINUTE
    assert calendar.business_ms(at, until) == 60_000 * sum(minutes[first:last])
    if first < len(minutes):
        assert calendar.is_open(at) == minutes[first]
        _same_moment(calendar.next_opening, at, minutes, first, wanted=True)
        if minutes[first]:
            _same_moment(calendar.closes_at, at, minutes, first, wanted=False)
        else:
            assert calendar.closes_at(at) is None


def _same_moment(
    ask: Callable[[datetime], datetime | None], at: datetime, minutes: list[bool], first: int, *, wanted: bool
) -> None:
    """The next minute that is so; where the list ends before it, at least not within the list."""
    answer, end = ask(at), at + (len(minutes) - first) * MINUTE
    if wanted in minutes[first:]:
        assert answer == at + minutes[first:].index(wanted) * MINUTE
    else:
        assert answer is None or answer >= end


durations = st.integers(0, 5 * 24 * HOUR_MS)


@given(calendars(), st.integers(0, DAYS * 24 * HOUR_MS), durations, durations)
def test_adding_and_measuring_undo_each_other(drawn: tuple[Calendar, date], offset: int, one: int, two: int) -> None:
    calendar, begins = drawn
    at = datetime.combine(begins, time(), UTC) + timedelta(milliseconds=offset)
    first = calendar.add_business(at, one)
    together = calendar.add_business(at, one + two)
    if first is None:
        assert together is None
        return
    assert first >= at
    assert calendar.business_ms(at, first) == one
    assert not one or calendar.business_ms(at, first - timedelta(milliseconds=1)) == one - 1  # the first such instant
    second = calendar.add_business(first, two)
    assert second == together
    assert second is None or (second >= first and calendar.business_ms(at, second) == one + two)


@given(calendars(), st.lists(st.integers(0, DAYS * 24 * HOUR_MS), min_size=3, max_size=3).map(sorted))
def test_business_time_adds_up_and_never_runs_back(drawn: tuple[Calendar, date], offsets: list[int]) -> None:
    calendar, begins = drawn
    midnight = datetime.combine(begins, time(), UTC)
    a, b, c = (midnight + timedelta(milliseconds=each) for each in offsets)
    whole, half = calendar.business_ms(a, c), calendar.business_ms(a, b)
    assert whole == half + calendar.business_ms(b, c)
    assert 0 <= half <= whole <= offsets[2] - offsets[0]
