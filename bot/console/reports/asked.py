"""Which period and team is a report asked for, and whose figures may she see?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.console.access import Viewer
from bot.console.catalogue import text
from bot.console.console import CONSOLE
from bot.console.lookout import lookout_of, teams_of
from bot.console.periods import Period, closed_period
from bot.supervision import Lookout

DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What is asked for. teams: from which she may choose. whole: she may see the whole shop's. wrong: why not."""

    period: Period
    team: str
    teams: Mapping[str, str]
    whole: bool
    lookout: Lookout
    wrong: str

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """[since, until), None where something is wrong with it."""
        if self.wrong or self.period.since is None or self.period.until is None:
            return None
        return self.period.since, self.period.until

    @property
    def query(self) -> str:
        """The same, for another page."""
        return urlencode({"since": self.period.first, "until": self.period.last, "team": self.team})


def report_asked(request: web.Request, who: Viewer) -> ReportAsked:
    """Read the query. Who leads some teams sees theirs; who leads none is here for the whole shop (operator, admin)."""
    console = request.app[CONSOLE]
    seen = lookout_of(who, console)
    whole = seen.everything or not who.led
    lookout = replace(seen, everything=whole)
    teams = teams_of(lookout, console)
    team = request.query.get("team", "")
    if not team and not whole:
        team = next(iter(teams), "")
    when = closed_period(
        request.query.get("since", ""), request.query.get("until", ""), console.tz, console.now(), DAYS
    )
    wrong = when.wrong or (text("report_words.no_team") if team and team not in teams else "")
    return ReportAsked(when, team, teams, whole, lookout.narrowed(team), wrong)
