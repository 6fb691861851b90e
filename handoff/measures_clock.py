"""How much business time lies between two moments, for a hundred thousand pairs of them?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from handoff.calendars import Calendar
from handoff.measures_values import Scope
from handoff.policy import Policy
from handoff.ticket_rows import region_of


class BusinessTime:
    """`Calendar.business_ms` within a stretch of time that is laid out once, for many pairs at a time."""

    def __init__(self, calendar: Calendar, since: datetime, until: datetime) -> None:
        """Moments before `since` or after `until` count as these."""
        moments, passed = [_ms(since)], [0]  # between two of them business time passes evenly: fully, or not at all
        at, last = since, _ms(until)  # in whole milliseconds, as calendars answer: else the end would never be reached
        while (opens := calendar.next_opening(at)) is not None and _ms(opens) < last:
            at = min(calendar.closes_at(opens) or until, until)
            moments += [_ms(opens), _ms(at)]
            passed += [passed[-1], passed[-1] + _ms(at) - _ms(opens)]
        self._moments, self._passed = np.array(moments, dtype=np.float64), np.array(passed, dtype=np.float64)

    def between(self, starts_ms: Sequence[float], ends_ms: Sequence[float]) -> NDArray[np.float64]:
        """Business time of each pair of moments, in milliseconds; 0 where the end is before the start."""
        passed = [np.interp(np.asarray(each), self._moments, self._passed) for each in (starts_ms, ends_ms)]
        gone: NDArray[np.float64] = np.maximum(passed[1] - passed[0], 0.0)
        return gone


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
        calendar = self._policy.calendar_of(team, region_of(region))
        if id(calendar) not in self._by_calendar:  # calendars hold mappings, so they cannot be hashed by value
            self._by_calendar[id(calendar)] = BusinessTime(calendar, self._scope.since, self._scope.now)
        return self._by_calendar[id(calendar)]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
