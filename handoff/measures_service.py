"""How were tickets served? Sums over what the database tells, one row at a time."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from handoff.measures_clock import BusinessTime
from handoff.measures_figures import ServiceFigures
from handoff.measures_values import (
    RECONTACT_WITHIN,
    REOPEN_WITHIN,
    Share,
    Spread,
    Timing,
)

_REOPEN_MS = round(REOPEN_WITHIN.total_seconds() * 1000)
_RECONTACT_MS = round(RECONTACT_WITHIN.total_seconds() * 1000)


class TicketTold(Protocol):
    """A ticket's moments and durations in ms; None: not (yet). handle: with a person, pending left out.

    ended, reopened: the first time of either. next: when the same customer's next ticket was opened.
    """

    opened: int
    responded: int | None
    closed: int | None
    handle: int | None
    transfers: int | None
    ended: int | None
    reopened: int | None
    next: int | None


class WaitTold(Protocol):
    """A finished wait, in ms. served: 1 if a person took it, 0 if the customer left."""

    began: int
    ended: int
    served: int


@dataclass(slots=True)
class _Durations:
    """Beginnings and ends, by the calendar that holds for them."""

    moments: dict[BusinessTime, tuple[array[float], array[float]]] = field(default_factory=dict)

    def add(self, start: int, end: int, clock: BusinessTime) -> None:
        if clock not in self.moments:
            self.moments[clock] = (array("d"), array("d"))
        starts, ends = self.moments[clock]
        starts.append(start)
        ends.append(end)

    def merge(self, other: _Durations) -> None:
        for clock, (starts, ends) in other.moments.items():
            mine = self.moments.setdefault(clock, (array("d"), array("d")))
            mine[0].extend(starts)
            mine[1].extend(ends)

    @property
    def timing(self) -> Timing:
        wall = [np.asarray(ends) - np.asarray(starts) for starts, ends in self.moments.values()]
        business = [clock.between(starts, ends) for clock, (starts, ends) in self.moments.items()]
        return Timing(Spread.of_ms(np.concatenate([*wall, []])), Spread.of_ms(np.concatenate([*business, []])))


@dataclass(slots=True)
class _Odds:
    part: int = 0
    whole: int = 0

    def count(self, *, hit: bool) -> None:
        self.part += hit
        self.whole += 1

    def merge(self, other: _Odds) -> None:
        self.part += other.part
        self.whole += other.whole

    @property
    def share(self) -> Share:
        return Share(self.part, self.whole)


@dataclass(slots=True)
class ServiceTally:
    """What is counted of one group. 16 bytes a duration: percentiles need them all."""

    now_ms: int
    tickets: int = 0
    still_open: int = 0
    transfers: int = 0
    waited_ms: int = 0
    first_response: _Durations = field(default_factory=_Durations)
    wait: _Durations = field(default_factory=_Durations)
    resolution: _Durations = field(default_factory=_Durations)
    handle: array[float] = field(default_factory=lambda: array("d"))
    transferred: _Odds = field(default_factory=_Odds)
    abandoned: _Odds = field(default_factory=_Odds)
    reopened: _Odds = field(default_factory=_Odds)
    recontacted: _Odds = field(default_factory=_Odds)

    def add_ticket(self, told: TicketTold, clock: BusinessTime) -> None:
        """Count a ticket."""
        self.tickets += 1
        transfers = told.transfers or 0
        self.transfers += transfers
        self.transferred.count(hit=transfers > 0)
        if told.responded is not None:
            self.first_response.add(told.opened, told.responded, clock)
        if told.ended is not None and told.ended <= self.now_ms - _REOPEN_MS:
            self.reopened.count(hit=told.reopened is not None and told.reopened - told.ended <= _REOPEN_MS)
        if told.closed is None:
            self.still_open += 1
            return
        self.resolution.add(told.opened, told.closed, clock)
        if told.handle:
            self.handle.append(told.handle)
        if told.closed <= self.now_ms - _RECONTACT_MS:
            self.recontacted.count(hit=told.next is not None and 0 <= told.next - told.closed <= _RECONTACT_MS)

    def add_wait(self, told: WaitTold, clock: BusinessTime) -> None:
        """Count a finished wait."""
        self.waited_ms += told.ended - told.began
        self.abandoned.count(hit=not told.served)
        if told.served:
            self.wait.add(told.began, told.ended, clock)

    def merge(self, other: ServiceTally) -> None:
        """Count another group's besides."""
        self.tickets += other.tickets
        self.still_open += other.still_open
        self.transfers += other.transfers
        self.waited_ms += other.waited_ms
        self.first_response.merge(other.first_response)
        self.wait.merge(other.wait)
        self.resolution.merge(other.resolution)
        self.handle.extend(other.handle)
        self.transferred.merge(other.transferred)
        self.abandoned.merge(other.abandoned)
        self.reopened.merge(other.reopened)
        self.recontacted.merge(other.recontacted)

    def figures(self, key: str) -> ServiceFigures:
        """What it comes to."""
        return ServiceFigures(
            key=key,
            tickets=self.tickets,
            still_open=self.still_open,
            first_response=self.first_response.timing,
            wait=self.wait.timing,
            handle=Spread.of_ms(self.handle),
            resolution=self.resolution.timing,
            transfers=self.transfers,
            transferred=self.transferred.share,
            abandoned=self.abandoned.share,
            reopened=self.reopened.share,
            recontacted=self.recontacted.share,
            # the maximum likelihood of an exponential that is censored where a person took it
            patience_s=self.waited_ms / 1000 / self.abandoned.part if self.abandoned.part else None,
        )
