"""Who is needed when? Forecast, handle times and a target, turned into agents a quarter of an hour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from handoff.staffing import Demand, Service, Target, agents_needed, service
from handoff.staffing_forecast import QUARTER_S, Quarters

_HOUR_S = 3600
_TRUST = 10  # tickets of an intent from which on its own mean weighs more than the mean of all


@dataclass(frozen=True, slots=True)
class HandleTimes:
    """Mean handle time in seconds: of all tickets, and by intent (number of tickets, mean)."""

    mean_s: float
    by_intent: Mapping[str, tuple[int, float]]

    def of(self, intent: str) -> float:
        """An intent's; the fewer tickets it had, the nearer to the mean of all."""
        n, mean = self.by_intent.get(intent, (0, self.mean_s))
        return (n * mean + _TRUST * self.mean_s) / (n + _TRUST)

    def of_mix(self, mix: Mapping[str, int]) -> float:
        """Of tickets of which so many have each intent."""
        total = sum(mix.values())
        return sum(n * self.of(intent) for intent, n in mix.items()) / total if total else self.mean_s


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour. agents: to be at work. scheduled: to be on the roster, absences counted in."""

    number: int
    arrivals: float
    handle_s: float
    agents: int
    scheduled: int
    service: Service


@dataclass(frozen=True)
class Staffing:
    """How a forecast becomes agents.

    demand: patience, chats and slowdown; its arrivals and handle time are each quarter's. handle_s: of a chat served
    alone, by hour of the day. shrinkage: share of paid time in which people are not at their desks (0–1).
    """

    demand: Demand
    target: Target
    handle_s: tuple[float, ...]
    shrinkage: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.shrinkage < 1:
            raise ValueError("shrinkage is a share of paid time, from 0 to below 1")

    @cached_property
    def _known(self) -> dict[Demand, int]:
        return {}

    def day(self, arrivals: Quarters) -> tuple[Quarter, ...]:
        """The plan of one day."""
        return tuple(self._quarter(number, float(expected)) for number, expected in enumerate(arrivals))

    def agents(self, arrivals: Quarters) -> Quarters:
        """Only the agents at work."""
        return np.array(
            [self._needed(self._demand(number, float(n))) for number, n in enumerate(arrivals)], dtype=float
        )

    def _quarter(self, number: int, arrivals: float) -> Quarter:
        demand = self._demand(number, arrivals)
        agents = self._needed(demand)
        return Quarter(
            number=number,
            arrivals=arrivals,
            handle_s=demand.handle_s,
            agents=agents,
            scheduled=math.ceil(agents / (1 - self.shrinkage) - 1e-9),
            service=service(demand, agents, self.target.within_s),
        )

    def _demand(self, number: int, arrivals: float) -> Demand:
        hour = number * QUARTER_S // _HOUR_S
        return replace(self.demand, arrivals_per_h=arrivals * _HOUR_S / QUARTER_S, handle_s=self.handle_s[hour])

    def _needed(self, demand: Demand) -> int:
        if demand not in self._known:
            self._known[demand] = agents_needed(demand, self.target)
        return self._known[demand]


def handed_over(share: float, points: float) -> float:
    """By what arrivals change if the bot settles so many percentage points more of all conversations alone.

    share: of conversations that are handed over today (0–1). Raises ValueError where nothing would be left to change.
    """
    if not share > 0:
        raise ValueError("nothing is handed over: there is no containment to raise")
    return max(share - points / 100, 0.0) / share
