"""How were customers served in a period: by the bot, by people, as promised, as foretold? Sheets of figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np

from archive.analysis import Day
from archive.words import Burst, Topic
from bot.content.shop import Shop
from bot.figures import Line, Seconds, Sheet, lines, said
from bot.reports import BotReports
from bot.staffing import (
    PLAN_SHOWN,
    NothingServedError,
    StaffingBasis,
    StaffingWish,
    past_weeks,
    plan_sheets,
    read_basis,
)
from bot.supervision.sight import Lookout
from bot.supervision.topic_report import SaidReport, SaidReports
from handoff import (
    By,
    Measures,
    Report,
    Scope,
    Tables,
    TooLittleHistoryError,
    UnreachableError,
    forecast,
    read_arrivals,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


F = TypeVar("F", bound=_Keyed)
PLAN: Final = StaffingWish()
LEARNED_WEEKS: Final = PLAN.weeks  # before the period, from which arrivals are foretold
TOPIC_DAYS: Final = 30  # of a topic that is asked for without a period
TOPIC_SHOWN: Final = ("topic", "asked", "before", "growth", "mood", "topic_wait")
BURST_SHOWN: Final = ("word", "first_day", "last_day", "counted", "expected")
DAY_SHOWN: Final = ("day", "sessions", "messages", "mood")
ARRIVAL_SHOWN: Final = ("day", "told", "was")


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Reports, for the console. Reads only."""

    readers: AsyncEngine
    handoff: Tables
    said_in: SaidReports
    shop: Callable[[], Shop]
    now: Callable[[], datetime]

    def scope(self, since: datetime, until: datetime, team: str) -> Scope:
        """The period of the measures. Raises ValueError where it is empty."""
        return Scope(since, until, self.now(), self.shop().timezone, team)

    async def figures(self, scope: Scope) -> Mapping[str, Sheet]:
        """The sheets by name: each grouped by day (promises: by kind), the total last."""
        measures, bot = Measures(self.handoff, lambda: self.shop().policy), BotReports(self.handoff.tickets)
        async with self.readers.connect() as connection:
            contained = await bot.containment(connection, replace(scope, team=""), By.DAY)
            served = await measures.service(connection, scope, By.DAY)
            rated = await measures.satisfaction(connection, scope, By.DAY)
            promised = await measures.sla(connection, scope)
            arrivals = await self._arrivals(connection, scope)
            basis = await self._basis(connection, scope)
        kept = [lines.sla_line(each.total, "") for each in promised if each.total.promises]
        sheets = (
            _sheet("containment", _lines(contained, lines.containment_line), lines.CONTAINMENT_SHOWN),
            _sheet("service", _lines(served, lines.service_line), lines.SERVICE_SHOWN),
            _sheet("satisfaction", _lines(rated, lines.satisfaction_line), lines.SATISFACTION_SHOWN),
            _sheet("sla", kept, lines.SLA_SHOWN[1:]),
            _sheet("arrivals", arrivals, ARRIVAL_SHOWN),
            await asyncio.to_thread(_plan, basis, scope.now.astimezone(scope.zone).date()),
        )
        return {each.name: each for each in sheets}

    async def said(self, since: datetime, until: datetime, lookout: Lookout) -> tuple[SaidReport, Mapping[str, Sheet]]:
        """What was said in the period, and its sheets by name."""
        report = await self.said_in.of(since, until, lookout)
        sheets = (
            _sheet("topics", [_topic_line(each) for each in report.topics], TOPIC_SHOWN),
            _sheet("bursts", [_burst_line(each) for each in report.bursts], BURST_SHOWN),
            _sheet("moods", [_day_line(each) for each in report.days], DAY_SHOWN),
        )
        return report, {each.name: each for each in sheets}

    async def topic(
        self, topic_id: str, since: datetime | None, until: datetime | None, lookout: Lookout
    ) -> Topic | None:
        """One of the period's topics; None where it has none of that id."""
        until = until or self.now()
        report = await self.said_in.of(since or until - timedelta(days=TOPIC_DAYS), until, lookout)
        return next((each for each in report.topics if each.id == topic_id), None)

    async def _basis(self, connection: AsyncConnection, scope: Scope) -> StaffingBasis | None:
        """What the weeks before today say, whatever the period; None where nobody was served in them."""
        past = past_weeks(scope.now, LEARNED_WEEKS, scope)
        try:
            return await read_basis(connection, self.handoff, self.shop().policy, past, PLAN)
        except NothingServedError:
            return None

    async def _arrivals(self, connection: AsyncConnection, scope: Scope) -> list[Line]:
        """Tickets a day, as foretold in the evening before the period and as they came; none without history."""
        first = scope.since.astimezone(scope.zone).date()
        past = await read_arrivals(
            connection, self.handoff, replace(scope, since=scope.since - timedelta(weeks=LEARNED_WEEKS))
        )
        history, known, made = past.history, past.history.before(first), list[Line]()
        today = scope.now.astimezone(scope.zone).date()
        if not known.arrivals.any():
            return []
        for day, came in zip(history.days, history.arrivals, strict=True):
            if not first <= day < today:  # today is not over
                continue
            try:
                told: float | None = round(float(np.sum(forecast(known, day))), 1)
            except TooLittleHistoryError:
                told = None
            made.append({"day": day.isoformat(), "told": told, "was": int(came.sum())})
        return made


def _plan(basis: StaffingBasis | None, today: date) -> Sheet:
    """Who is needed in the days to come; empty where the past does not tell."""
    try:
        return _nothing_planned() if basis is None else plan_sheets(basis, PLAN, today)[0]
    except (TooLittleHistoryError, UnreachableError):
        return _nothing_planned()


def _nothing_planned() -> Sheet:
    return _sheet("staffing", [], PLAN_SHOWN)


def _sheet(name: str, made: list[Line], shown: tuple[str, ...]) -> Sheet:
    return Sheet(name, said(f"titles.{name}"), made, shown, empty=not made)


def _lines(report: Report[F], line: Callable[[F, str], Line]) -> list[Line]:
    groups = [line(each, each.key) for each in report.groups]
    return [*groups, line(report.total, said("groups.total"))] if groups else []


def _topic_line(topic: Topic) -> Line:
    return {
        "topic": topic.name,
        "asked": topic.asked,
        "before": topic.before,
        "growth": topic.growth,
        "mood": topic.mood,
        "topic_wait": Seconds(topic.wait_s),
    }


def _burst_line(burst: Burst[str]) -> Line:
    return {
        "word": burst.key,
        "first_day": burst.first.isoformat(),
        "last_day": burst.last.isoformat(),
        "counted": burst.count,
        "expected": round(burst.expected, 1),
    }


def _day_line(day: Day) -> Line:
    return {"day": day.day.isoformat(), "sessions": day.sessions, "messages": day.messages, "mood": day.mood}
