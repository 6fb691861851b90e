"""How many agents should be at work, quarter of an hour by quarter, and would that have been right?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from bot.bootstrap import HANDOFF_TABLES
from bot.cli.report_options import (
    Asked,
    ChannelOption,
    FormatOption,
    JsonOption,
    OutOption,
    TeamOption,
    Wanted,
    ask,
    write,
)
from bot.cli.running import fail
from bot.figures import Format, Line, Ratio, Seconds, Sheet, duration, percent, said
from bot.reports import BotReports
from handoff import (
    Arrivals,
    By,
    Demand,
    HandleTimes,
    Measures,
    Quarter,
    Scope,
    Staffing,
    Target,
    TestedWeek,
    TooLittleHistoryError,
    UnreachableError,
    back_test,
    forecast,
    handed_over,
    read_arrivals,
)

PLAN_SHOWN = ("day", "quarter", "arrivals", "handle_s", "agents", "scheduled", "level", "expected_wait", "abandonment")
TESTED_SHOWN = (
    "week", "arrivals_wape", "arrivals_mape", "daily_wape", "last_week_wape", "agents_wape", "agents_mape",
)  # fmt: skip
QUARTER_MINUTES = 15


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the options said of the plan."""

    days: int
    weeks: int
    test_weeks: int
    target: Target
    chats: int
    slowdown: float
    shrinkage: float
    uplift: float
    containment: float


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the past says. share: of conversations that were handed over; None where there were none."""

    arrivals: Arrivals
    handle: HandleTimes
    patience_s: float | None
    chats: int
    concurrency: float
    share: float | None


def staffing(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=62, help="Plan so many days, from tomorrow on.")] = 7,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="Learn from so many weeks before today.")] = 8,
    test_weeks: Annotated[
        int, typer.Option("--back-test", min=0, max=26, help="Foretell the last N weeks from what lay before each.")
    ] = 2,
    level: Annotated[float, typer.Option(min=0.01, max=0.999, help="Share of customers to be served in time.")] = 0.8,
    within: Annotated[float, typer.Option(min=0, help="Seconds that count as in time.")] = 20,
    abandonment: Annotated[float, typer.Option(min=0, max=1, help="Share of customers who may leave unserved.")] = 0.05,
    chats: Annotated[int, typer.Option(min=0, max=50, help="Chats at a time; 0: the agents' mean capacity.")] = 0,
    slowdown: Annotated[
        float, typer.Option(min=0, max=2, help="By how much of it each further chat lengthens a chat's handle time.")
    ] = 0.0,
    shrinkage: Annotated[float, typer.Option(min=0, max=0.9, help="Share of paid time away from the desk.")] = 0.0,
    uplift: Annotated[float, typer.Option(min=0.01, help="Arrivals times this: a promotion.")] = 1.0,
    containment: Annotated[
        float, typer.Option(min=-100, max=100, help="What if the bot settled so many percentage points more alone?")
    ] = 0.0,
    team: TeamOption = "",
    channel: ChannelOption = "",
    form: FormatOption = Format.TABLE,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Plan agents for each quarter of an hour from past arrivals and handle times, and test that on past weeks."""
    target = Target(level, within, abandonment)
    wish = _Wish(days, weeks, test_weeks, target, chats, slowdown, shrinkage, uplift, containment)

    async def answer(asked: Asked) -> tuple[Asked, _Basis]:
        scope = _past(asked, weeks)
        return asked, await _read(asked, scope, wish)

    asked, basis = ask(context, Wanted(team=team, channel=channel), answer)
    try:
        sheets = _planned(basis, wish, _today(asked))
    except (TooLittleHistoryError, UnreachableError, ValueError) as error:
        raise fail(f"reports staffing: {error}") from error
    form = Format.JSON if as_json else form
    first = datetime.combine(_today(asked) + timedelta(days=1), time(), asked.scope.zone)
    shown = Scope(first, first + timedelta(days=days), asked.scope.now, asked.scope.zone)
    write(sheets, shown, form, out)
    typer.echo(_basis_said(basis), err=True)


def _today(asked: Asked) -> date:
    return asked.scope.now.astimezone(asked.scope.zone).date()


def _past(asked: Asked, weeks: int) -> Scope:
    """Whole weeks that ended last night."""
    until = datetime.combine(_today(asked), time(), asked.scope.zone)
    since = datetime.combine(_today(asked) - timedelta(weeks=weeks), time(), asked.scope.zone)
    return Scope(since, until, asked.scope.now, asked.scope.zone, asked.scope.team, asked.scope.channel)


async def _read(asked: Asked, scope: Scope, wish: _Wish) -> _Basis:
    measures = Measures(HANDOFF_TABLES, lambda: asked.shop.policy)
    arrivals = await read_arrivals(asked.connection, HANDOFF_TABLES, scope)
    served = await measures.service(asked.connection, scope, By.INTENT)
    if served.total.handle.mean is None:
        raise fail("reports staffing: no ticket of these weeks was served and closed; try more --weeks")
    times = {each.key: (each.handle.n, each.handle.mean) for each in served.groups if each.handle.mean is not None}
    agents = await measures.agents(asked.connection, scope)
    share = None
    if wish.containment:
        told = await BotReports(HANDOFF_TABLES.tickets).containment(asked.connection, scope)
        share = told.total.handed_over.value
    busy = sum(each.busy_s for each in agents)
    capacities = [each.capacity for each in agents if each.capacity]
    return _Basis(
        arrivals=arrivals,
        handle=HandleTimes(served.total.handle.mean, times),
        patience_s=served.total.patience_s,
        chats=wish.chats or (max(1, math.floor(sum(capacities) / len(capacities))) if capacities else 1),
        concurrency=sum(each.busy_s * (each.concurrency or 1) for each in agents) / busy if busy else 1.0,
        share=share,
    )


def _planned(basis: _Basis, wish: _Wish, today: date) -> list[Sheet]:
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


def _basis_said(basis: _Basis) -> str:
    history = basis.arrivals.history
    values: dict[str, Any] = {
        "days": len(history.arrivals),
        "tickets": round(float(history.arrivals.sum())),
        "handle": duration(basis.handle.mean_s),
        "patience": said("says.no_patience") if basis.patience_s is None else duration(basis.patience_s),
        "chats": basis.chats,
        "share": percent(basis.share),
    }
    return said("says.basis", **values)
