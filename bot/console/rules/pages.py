"""What are the rules, who is in which team, and when are people at work? Read from what is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from bot.console.access import viewer_of
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.names import Names
from bot.console.page import render
from bot.console.rules.words import rule_row
from handoff import Calendar, Metric, Policy, SlaPolicy

COUNTED_BACK: Final = timedelta(days=7)
_DAYS_SHOWN: Final = 14


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day of a calendar. hours: in words. why: where it is no ordinary day."""

    day: str
    weekday: str
    hours: str
    why: str
    closed: bool


@dataclass(frozen=True, slots=True)
class CalendarTable:
    """A calendar, the days to come."""

    name: str
    timezone: str
    open_now: bool
    days: tuple[CalendarDay, ...]


async def routing(request: web.Request) -> web.Response:
    """The rules in their order, with how many tickets each took."""
    console, who = request.app[CONSOLE], await viewer_of(request)
    rules, names = console.wall_side.rules, await Names.of(console)
    counts = await rules.counts(COUNTED_BACK)
    policy, titles = rules.shop().policy, rules.titles()
    rows = [
        rule_row(at, rule, names, titles, counts.get(rule.name, 0)) for at, rule in enumerate(policy.rules, start=1)
    ]
    gone = sorted(set(counts) - {rule.name for rule in policy.rules})
    context = {"rows": rows, "days": COUNTED_BACK.days, "gone": [(name, counts[name]) for name in gone], "tab": "rules"}
    return render(request, who, "rules.html", status=200, **context)


async def teams(request: web.Request) -> web.Response:
    """Teams with their promises, members with capacity, skills and shift."""
    console, who = request.app[CONSOLE], await viewer_of(request)
    policy, names = console.wall_side.rules.shop().policy, await Names.of(console)
    context = {
        "teams": [_team(policy, team.id, names) for team in policy.teams],
        "slas": [_sla(each) for each in policy.slas.values()],
        "offers": policy.offers,
        "tab": "teams",
    }
    return render(request, who, "rules_teams.html", status=200, **context)


async def calendars(request: web.Request) -> web.Response:
    """Each calendar's next two weeks, holidays and the weekends that are worked for them included."""
    console, who = request.app[CONSOLE], await viewer_of(request)
    policy, now = console.wall_side.rules.shop().policy, console.now()
    tables = []
    named = {name: each for name, each in policy.calendars.items() if each is not policy.calendars.get("") or not name}
    for name, calendar in sorted(named.items()):
        today = now.astimezone(calendar.timezone).date()
        days = tuple(_day(calendar, today + timedelta(days=number)) for number in range(_DAYS_SHOWN))
        tables.append(
            CalendarTable(name or text("rules_days.shop"), str(calendar.timezone), calendar.is_open(now), days)
        )
    return render(request, who, "rules_calendars.html", calendars=tables, tab="calendars")


def _day(calendar: Calendar, day: date) -> CalendarDay:
    spans = calendar.spans_on(day)
    usual = calendar.weekly[day.weekday()]
    why = ""
    if day in calendar.special:
        why = text("rules_days.special")
    elif spans != usual or (not spans and usual):
        why = text("rules_days.makeup" if spans else "rules_days.holiday")
    hours = "、".join(_span(opens.isoformat("minutes"), until.isoformat("minutes")) for opens, until in spans)
    return CalendarDay(
        day=f"{day:%m-%d}",
        weekday=text(f"rules_days.{day.isoweekday()}"),
        hours=hours or text("rules_days.closed"),
        why=why,
        closed=not spans,
    )


def _span(opens: str, until: str) -> str:
    if opens == until:
        return text("rules_days.all_day")
    return f"{opens} – {'24:00' if until == '00:00' else until}"


def _team(policy: Policy, team_id: str, names: Names) -> dict[str, object]:
    team = next(each for each in policy.teams if each.id == team_id)
    members = [each for each in policy.agents if team_id in each.teams]
    return {
        "id": team.id,
        "name": team.name,
        "supervisors": [names.agent(each) for each in team.supervisors],
        "calendar": team.calendar or text("rules_days.shop"),
        "sla": team.sla,
        "overflow": (names.team(team.overflow.team), round(team.overflow.after_s / 60)) if team.overflow else None,
        "members": [
            {
                "id": each.id,
                "name": each.name,
                "capacity": each.capacity,
                "skills": each.skills,
                "channels": [(names.channel(channel), most) for channel, most in each.channels.items()],
                "shift": each.shift,
            }
            for each in members
        ],
    }


def _sla(policy: SlaPolicy) -> dict[str, object]:
    targets: Sequence[tuple[str, int]] = [
        (text(f"rules_metrics.{metric}"), round(seconds / 60))
        for metric in Metric
        if (seconds := policy.target_s(metric)) is not None
    ]
    return {"name": policy.name, "targets": targets}
