"""Which days does a command look at?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Final

import typer

from bot.bootstrap import utc_now
from bot.cli.running import fail

DEFAULT_DAYS: Final = 30

SinceOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="First day; default: 30 days before the last.")]
UntilOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Last day; default: today.")]
DayOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="A day, in the shop's time.")]


def window(since: str, until: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """[first, last) of the days in the shop's time. Leaves with what to do where they are none."""
    last = day(until, "--until") if until else utc_now().astimezone(zone).date()
    first = day(since, "--since") if since else last - timedelta(days=DEFAULT_DAYS)
    if first > last:
        raise fail(f"--since {first} lies after --until {last}; exchange them")
    return begin(first, zone), begin(last + timedelta(days=1), zone)


def open_window(since: str, until: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The same where a day that is not named sets no limit."""
    first = begin(day(since, "--since"), zone) if since else None
    return first, begin(day(until, "--until") + timedelta(days=1), zone) if until else None


def day(written: str, option: str, *, otherwise: str = "") -> date:
    """The day that an option names; otherwise: what else it may name. Leaves with what to do where it is none."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError as error:
        raise fail(f"{option} {written}: no day; write it as 2026-03-02{otherwise}") from error


def begin(at: date, zone: tzinfo) -> datetime:
    """When a day begins there."""
    return datetime.combine(at, time(), zone)
