"""How much business time lies between two moments, for a hundred thousand pairs of them?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime

from handoff.calendars import Calendar
from handoff.measures_values import Scope
from handoff.policy import Policy


class BusinessTime:
    """`Calendar.business_ms` within a stretch of time that is laid out once: two look-ups a question."""

    def __init__(self, calendar: Calendar, since: datetime, until: datetime) -> None:
        """Moments before `since` or after `until` count as these."""
        self._moments = [_ms(since)]
        self._passed = [0]  # business time from `since` to each of the moments
        self._open = [False]  # whether it passes after it
        at, last = since, _ms(until)  # in whole milliseconds, as calendars answer: else the end would never be reached
        while (opens := calendar.next_opening(at)) is not None and _ms(opens) < last:
            self._note(_ms(opens), is_open=True)
            at = min(calendar.closes_at(opens) or until, until)
            self._note(_ms(at), is_open=False)

    def between(self, start_ms: int, end_ms: int) -> int:
        """Business time between two moments, in milliseconds; 0 if the end is before the start."""
        return max(self._at(end_ms) - self._at(start_ms), 0)

    def _at(self, moment: int) -> int:
        place = max(bisect_right(self._moments, moment) - 1, 0)
        gone = max(moment - self._moments[place], 0) if self._open[place] else 0
        return self._passed[place] + gone

    def _note(self, moment: int, *, is_open: bool) -> None:
        gone = moment - self._moments[-1] if self._open[-1] else 0
        self._passed.append(self._passed[-1] + gone)
        self._moments.append(moment)
        self._open.append(is_open)


class BusinessTimes:
    """The business time of each team and region, laid out when it is first asked for."""

    def __init__(self, policy: Callable[[], Policy], scope: Scope) -> None:
        self._policy = policy()
        self._scope = scope
        self._known: dict[tuple[str, str], BusinessTime] = {}
        self._by_calendar: dict[int, BusinessTime] = {}

    def of(self, team: str, region: str) -> BusinessTime:
        """For the tickets of a team in a region ("province/city/district")."""
        if (team, region) not in self._known:
            self._known[team, region] = self._laid_out(team, region)
        return self._known[team, region]

    def _laid_out(self, team: str, region: str) -> BusinessTime:
        path = tuple(part for part in region.split("/") if part)
        calendar = self._policy.calendar_of(team, path)
        if id(calendar) not in self._by_calendar:  # calendars hold mappings, so they cannot be hashed by value
            self._by_calendar[id(calendar)] = BusinessTime(calendar, self._scope.since, self._scope.now)
        return self._by_calendar[id(calendar)]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
