"""How many agents should be at work, quarter of an hour by quarter, and would that have been right?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot.figures import Line, Ratio, Seconds, Sheet, said
from bot.reports import BotReports
from handoff import (
    Arrivals,
    By,
    Demand,
    HandleTimes,
    Measures,
    Policy,
    Quarter,
    Scope,
    Staffing,
    Tables,
    Target,
    TestedWeek,
    back_test,
    forecast,
    handed_over,
    read_arrivals,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

PLAN_SHOWN: Final = (
    "day", "quarter", "arrivals", "handle_s", "agents", "scheduled", "level", "expected_wait", "abandonment",
)  # fmt: skip
TESTED_SHOWN: Final = (
    "week", "arrivals_wape", "arrivals_mape", "daily_wape", "last_week_wape", "agents_wape", "agents_mape",
)  # fmt: skip
QUARTER_MINUTES: Final = 15
COMMON_TARGET: Final = Target(0.8, 20, 0.05)  # 80/20, the contact centres' custom, and one in twenty may leave


class NothingServedError(ValueError):
    """No ticket of the past was served and closed: nobody knows how long one takes."""


@dataclass(frozen=True, slots=True)
class StaffingWish:
    """What is planned. days: from tomorrow on. weeks: of the past, from which it is learned; test_weeks of them are
    told from what lay before each. chats: at a time; 0: the agents' mean capacity. slowdown: by how much of it each
    further chat lengthens a chat's handle time. shrinkage: share of paid time away from the desk. uplift: arrivals
    times this. containment: percentage points more that the bot settles alone.
    """  # noqa: D205 - one thought

    days: int = 7
    weeks: int = 8
    test_weeks: int = 0
    target: Target = COMMON_TARGET
    chats: int = 0
    slowdown: float = 0.0
    shrinkage: float = 0.0
    uplift: float = 1.0
    containment: float = 0.0


@dataclass(frozen=True, slots=True)
class StaffingBasis:
    """What the past says. share: of conversations that were handed over; None where there were none."""

    arrivals: Arrivals
    handle: HandleTimes
    patience_s: float | None
    chats: int
    concurrency: float
    share: float | None


def past_weeks(now: datetime, weeks: int, scope: Scope) -> Scope:
    """Whole weeks that ended last night, as `scope` is narrowed."""
    today = now.astimezone(scope.zone).date()
    until = datetime.combine(today, time(), scope.zone)
    since = datetime.combine(today - timedelta(weeks=weeks), time(), scope.zone)
    return Scope(since, until, now, scope.zone, scope.team, scope.channel)


async def read_basis(
    connection: AsyncConnection, tables: Tables, policy: Policy, scope: Scope, wish: StaffingWish
) -> StaffingBasis:
    """What the past weeks say. Raises NothingServedError."""
    measures = Measures(tables, lambda: policy)
    arrivals = await read_arrivals(connection, tables, scope)
    served = await measures.service(connection, scope, By.INTENT)
    if served.total.handle.mean is None:
        raise NothingServedError("no ticket of these weeks was served and closed; try more weeks")
    times = {each.key: (each.handle.n, each.handle.mean) for each in served.groups if each.handle.mean is not None}
    agents = await measures.agents(connection, scope)
    share = None
    if wish.containment:
        told = await BotReports(tables.tickets).containment(connection, scope)
        share = told.total.handed_over.value
    busy = sum(each.busy_s for each in agents)
    capacities = [each.capacity for each in agents if each.capacity]
    return StaffingBasis(
        arrivals=arrivals,
        handle=HandleTimes(served.total.handle.mean, times),
        patience_s=served.total.patience_s,
        chats=wish.chats or (max(1, math.floor(sum(capacities) / len(capacities))) if capacities else 1),
        concurrency=sum(each.busy_s * (each.concurrency or 1) for each in agents) / busy if busy else 1.0,
        share=share,
    )


def plan_sheets(basis: StaffingBasis, wish: StaffingWish, today: date) -> list[Sheet]:
    """The plan, and how the past weeks would have been foretold. CPU: some hundred ms.

    Raises TooLittleHistoryError, UnreachableError, ValueError for a wish that makes no sense.
    """
    factor = wish.uplift
    if wish.containment:
        factor *= handed_over(basis.share or 0.0, wish.containment)
    # what was measured was measured at today's concurrency
    alone = 1 + wish.slowdown * (basis.concurrency - 1)
    plan = Staffing(
        Demand(0, basis.handle.mean_s, basis.patience_s, basis.chats, wish.slowdown),
        wish.target,
        tuple(basis.handle.of_mix(basis.arrivals.mix[hour]) / alone for hour in range(24)),
        wish.shrinkage,
    )
    history = basis.arrivals.history
    planned = [
        _plan_line(day, each)
        for day in (today + timedelta(days=number) for number in range(1, wish.days + 1))
        for each in plan.day(forecast(history, day) * factor)
        if each.agents
    ]
    sheets = [Sheet("staffing", said("titles.staffing"), planned, PLAN_SHOWN, empty=not planned)]
    if wish.test_weeks:
        tested = [_tested_line(each) for each in back_test(history, wish.test_weeks, plan.agents)]
        sheets.append(Sheet("backtest", said("titles.backtest"), tested, TESTED_SHOWN, dated=False))
    return sheets


def _plan_line(day: date, quarter: Quarter) -> Line:
    at = datetime.combine(day, time()) + timedelta(minutes=QUARTER_MINUTES * quarter.number)
    return {
        "day": day.isoformat(),
        "quarter": f"{at:%H:%M}",
        "arrivals": round(quarter.arrivals, 2),
        "handle_s": Seconds(quarter.handle_s),
        "agents": quarter.agents,
        "scheduled": quarter.scheduled,
        "level": Ratio(quarter.service.level),
        "expected_wait": Seconds(quarter.service.wait_s),
        "abandonment": Ratio(quarter.service.abandonment),
        "occupancy": Ratio(quarter.service.occupancy),
    }


def _tested_line(week: TestedWeek) -> Line:
    return {
        "week": week.first.isoformat(),
        "arrivals_wape": Ratio(week.arrivals.wape),
        "arrivals_mape": Ratio(week.arrivals.mape),
        "daily_wape": Ratio(week.daily.wape),
        "last_week_wape": Ratio(week.last_week.wape),
        "agents_wape": Ratio(week.agents.wape),
        "agents_mape": Ratio(week.agents.mape),
    }
