"""Does the forecast know its days, and does its test never look ahead?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from handoff import (
    Demand,
    Errors,
    HandleTimes,
    History,
    Scope,
    Staffing,
    Target,
    TooLittleHistoryError,
    back_test,
    forecast,
    handed_over,
    read_arrivals,
)
from tests.handoff.shop import TABLES
from tests.handoff.test_measures import ticket

MONDAY = date(2026, 7, 6)  # no holiday from here to 2026-09-25
SHANGHAI = ZoneInfo("Asia/Shanghai")
STAFFING = Staffing(Demand(0, 300, patience_s=180, chats=3), Target(), (300.0,) * 24, shrinkage=0.3)


def days(*levels: float, first: date = MONDAY) -> History:
    return History(first, np.array([[level] * 96 for level in levels]))


def random_history(seed: int, weeks: int) -> History:
    draw = np.random.default_rng(seed)
    shape = 4 + 3 * np.sin(np.linspace(0, np.pi, 96))
    level = np.array([1, 0.9, 0.9, 1, 1.2, 1.6, 1.5] * weeks)
    return History(MONDAY, draw.poisson(level[:, None] * shape).astype(float))


def test_days_of_one_kind_foretell_each_other_the_recent_ones_more() -> None:
    history = days(*[8, 0, 0, 0, 0, 0, 0], *[16, 0, 0, 0, 0, 0, 0])
    told = forecast(history, MONDAY + timedelta(weeks=2), half_life_weeks=1)
    assert told == pytest.approx(np.full(96, (16 * 2 + 8) / 3))


def test_holidays_and_worked_weekends_are_kinds_of_their_own() -> None:
    """Free: 2026-09-25 to 27 and 10-01 to 07. Worked: 2026-09-20 and 10-10 (State Council's notice for 2026)."""
    first = date(2026, 8, 29)  # a Saturday
    weekends = [30, 20] + [5] * 5
    history = days(*weekends * 3, 30, 7, *[5] * 4, *[50] * 3, *[5] * 3, *[50] * 7, *[5] * 2, first=first)
    assert forecast(history, date(2026, 10, 3))[0] == pytest.approx(50)
    assert forecast(history, date(2026, 10, 10))[0] == pytest.approx(7)
    assert forecast(history, date(2026, 9, 25))[0] == pytest.approx(20)  # none seen yet: as a Sunday
    assert forecast(history, date(2026, 9, 20))[0] == pytest.approx(5)  # none seen yet: as a workday
    with pytest.raises(TooLittleHistoryError, match="a week of tickets"):
        forecast(history.before(date(2026, 8, 31)), date(2026, 8, 31))


def test_the_back_test_does_not_look_ahead() -> None:
    """What happens from a week on changes what it is compared with, never what was foretold for it."""
    history = random_history(1, 6)
    changed = History(MONDAY, history.arrivals.copy())
    changed.arrivals[-7:] = 1000
    for day in history.days[-7:]:
        assert np.array_equal(
            forecast(history.before(history.days[-7]), day), forecast(changed.before(changed.days[-7]), day)
        )
    seen: list[list[np.ndarray]] = []
    for each in (history, changed):
        asked: list[np.ndarray] = []

        def required(arrivals: np.ndarray, asked: list[np.ndarray] = asked) -> np.ndarray:
            asked.append(arrivals.copy())
            return arrivals

        back_test(each, 1, required)
        seen.append(asked)
    assert all(np.array_equal(one, other) for one, other in zip(seen[0][:7], seen[1][:7], strict=True))


def test_what_repeats_is_foretold_exactly() -> None:
    history = History(MONDAY, np.tile(random_history(2, 1).arrivals, (4, 1)))
    for week in back_test(history, 2, STAFFING.agents):
        for errors in (week.arrivals, week.daily, week.agents, week.last_week):
            assert errors.wape == pytest.approx(0)
            assert errors.mape == pytest.approx(0)


def test_means_of_weeks_beat_repeating_the_last_one() -> None:
    weeks = back_test(random_history(3, 8), 3, STAFFING.agents)
    assert [week.first for week in weeks] == [MONDAY + timedelta(weeks=number) for number in (5, 6, 7)]
    for week in weeks:
        assert week.arrivals.wape is not None
        assert week.last_week.wape is not None
        assert week.arrivals.wape < week.last_week.wape
        assert week.daily.wape is not None
        assert week.daily.wape < 0.1


def test_too_few_weeks_are_refused() -> None:
    with pytest.raises(TooLittleHistoryError, match="fewer weeks"):
        back_test(random_history(1, 2), 2, STAFFING.agents)


def test_errors() -> None:
    errors = Errors.between(np.array([1.0, 3.0, 5.0]), np.array([2.0, 0.0, 5.0]))
    assert (errors.n, errors.wape, errors.mape) == (3, 4 / 7, 0.25)
    assert Errors.between(np.zeros(2), np.zeros(2)) == Errors(2, None, None)


def test_a_plan_says_who_is_at_work_and_who_is_on_the_roster() -> None:
    quarters = STAFFING.day(np.array([10.0] * 95 + [0.0]))
    assert all(each.service.meets(STAFFING.target) for each in quarters)
    assert all(each.scheduled >= each.agents / 0.7 > each.scheduled - 1 for each in quarters[:-1])
    assert (quarters[-1].agents, quarters[-1].scheduled) == (0, 0)
    with pytest.raises(ValueError, match="shrinkage"):
        Staffing(STAFFING.demand, Target(), STAFFING.handle_s, shrinkage=1)


@given(st.floats(0.01, 1), st.floats(-50, 100))
def test_more_containment_means_fewer_arrivals(share: float, points: float) -> None:
    factor = handed_over(share, points)
    assert factor * share == pytest.approx(max(share - points / 100, 0))


def test_containment_needs_something_handed_over() -> None:
    with pytest.raises(ValueError, match="nothing is handed over"):
        handed_over(0, 5)


def test_rare_intents_take_the_mean_of_all() -> None:
    times = HandleTimes(100, {"refund": (1_000_000, 300), "rare": (1, 1000)})
    assert times.of("unknown") == 100
    assert times.of("refund") == pytest.approx(300, rel=0.01)
    assert times.of("rare") < 200
    assert times.of_mix({"refund": 1, "unknown": 1}) == pytest.approx(200, rel=0.01)
    assert times.of_mix({}) == 100


async def test_arrivals_are_counted_by_local_quarter_and_intent(engine: AsyncEngine) -> None:
    since, until = (datetime(2026, 3, day, tzinfo=SHANGHAI) for day in (4, 6))
    moments = [(4, 0, 0), (4, 0, 14), (4, 0, 15), (5, 23, 59), (6, 0, 0)]
    async with engine.begin() as connection:
        for number, (day, hour, minute) in enumerate(moments, start=1):
            opened = datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)
            facts = {"intent": "refund"} if number % 2 else None
            await connection.execute(insert(TABLES.tickets).values(ticket(number, opened, facts=facts)))
        found = await read_arrivals(connection, TABLES, Scope(since, until, until, SHANGHAI))
    assert found.history.days == (date(2026, 3, 4), date(2026, 3, 5))
    assert found.history.arrivals[0, :2].tolist() == [2, 1]
    assert found.history.arrivals[1, 95] == 1
    assert found.history.arrivals.sum() == 4
    assert found.mix[0] == {"refund": 2, "": 1}
