"""Which days does a command about the archive look at?"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Final

import typer

from bot.bootstrap import utc_now
from bot.cli.running import fail

DEFAULT_DAYS: Final = 30

SinceOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="First day; default: 30 days ago.")]
UntilOption = Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Last day; default: today.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def window(since: str, until: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """[first, last) of the days in the shop's time. Leaves with what to do where they are none."""
    today = utc_now().astimezone(zone).date()
    last = day(until, "--until") if until else today
    first = day(since, "--since") if since else last - timedelta(days=DEFAULT_DAYS)
    if first > last:
        raise fail(f"--since {first} lies after --until {last}; exchange them")
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def day(written: str, option: str) -> date:
    """The day that an option names. Leaves with what to do where it is none."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise fail(f"{option} {written}: no day; write it as 2026-03-02") from error
