"""How many agents are needed, and what would customers get from so many? Erlang-A with several chats an agent. Pure.

A birth-death chain over k, the customers served or waiting, of n agents with up to c chats each:

    arrivals   Poisson, rate λ
    service    s = min(k, n·c) chats, spread evenly over the agents; an agent with j chats ends them at rate j / h(j),
               h(j) = h(1)·(1 + slowdown·(j - 1)): somebody who writes to three customers is slower to each
    patience   exponential, rate θ for each of the k - n·c who wait; θ = 0: they wait forever

With c = 1 and θ = 0 this is Erlang C, with c = 1 Erlang A (Palm 1957; Garnett, Mandelbaum, Reiman 2002). Who arrives
and finds j waiting is served after j + 1 departures at rates μ, μ + θ, …, μ + jθ, where μ is the rate of n full agents.
With m = μ / θ that time has the density of the (j + 1)-th of m + j deaths at rate θ each, so that being served within T
before one's own patience ends has the probability m / (m + j + 1) · I_x(j + 1, m + 1), x = 1 - exp(-θT), I the
regularised incomplete beta function; for θ = 0 it is the regularised gamma function P(j + 1, μT).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_AGENTS: Final = 10_000  # more than any one team; a search that comes here was asked nonsense
# States beyond the mean queue that are kept, in standard deviations of it: what is cut off is below 1e-12.
_DEVIATIONS: Final = 12.0


class UnreachableError(ValueError):
    """No number of agents meets the target; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in. arrivals_per_h: customers who want a person. handle_s: of one chat served alone.

    patience_s: mean time a customer waits before she leaves; None: she never does. chats: at most so many at a time
    an agent. slowdown: by how much of handle_s each further chat lengthens the others. Raises ValueError otherwise.
    """

    arrivals_per_h: float
    handle_s: float
    patience_s: float | None = None
    chats: int = 1
    slowdown: float = 0.0

    def __post_init__(self) -> None:
        if self.arrivals_per_h < 0 or self.slowdown < 0:
            raise ValueError("arrivals and slowdown must not be negative")
        if self.handle_s <= 0 or self.chats < 1 or (self.patience_s is not None and self.patience_s <= 0):
            raise ValueError("handle time, patience and chats must be greater than 0")

    @property
    def arrival_rate(self) -> float:
        """λ, a second."""
        return self.arrivals_per_h / 3600

    @property
    def leaving_rate(self) -> float:
        """θ, a second; 0 where nobody leaves."""
        return 1 / self.patience_s if self.patience_s is not None else 0.0

    def handle_s_at(self, chats: float) -> float:
        """h(j): how long a chat takes while its agent has so many."""
        return self.handle_s * (1 + self.slowdown * (chats - 1))

    def service_rates(self, agents: int, served: NDArray[np.int64]) -> NDArray[np.float64]:
        """Chats ended a second by so many agents who serve so many chats, spread evenly."""
        each, more = np.divmod(served, agents)
        rates: NDArray[np.float64] = (agents - more) * each / self._handle_s_of(each)
        rates += more * (each + 1) / self._handle_s_of(each + 1)
        return rates

    def _handle_s_of(self, chats: NDArray[np.int64]) -> NDArray[np.float64]:
        """`handle_s_at`, of many; that of nobody's chats is never needed and counts as one chat's."""
        times: NDArray[np.float64] = self.handle_s * (1 + self.slowdown * (np.maximum(chats, 1) - 1))
        return times


@dataclass(frozen=True, slots=True)
class Target:
    """What customers are to get: `level` of them (0–1) served within so many seconds, at most `abandonment` leave."""

    level: float = 0.8
    within_s: float = 20.0
    abandonment: float = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """What customers get, in the long run.

    level: share of those who come that are served within the target's time. wait_s: mean wait of all who come.
    waiting: share that has to wait. abandonment: share that leaves unserved. occupancy: share of all places
    (agents times chats) in use.
    """

    level: float
    wait_s: float
    waiting: float
    abandonment: float
    occupancy: float

    def meets(self, target: Target) -> bool:
        """Is it good enough?"""
        return self.level >= target.level and self.abandonment <= target.abandonment


_IDLE: Final = Service(level=1.0, wait_s=0.0, waiting=0.0, abandonment=0.0, occupancy=0.0)
_OVERRUN: Final = Service(level=0.0, wait_s=math.inf, waiting=1.0, abandonment=0.0, occupancy=1.0)


def service(demand: Demand, agents: int, within_s: float) -> Service:
    """What so many agents give. Without patience and with too few of them, the queue grows forever."""
    if demand.arrivals_per_h == 0:
        return _IDLE
    arriving, leaving = demand.arrival_rate, demand.leaving_rate
    places = agents * demand.chats
    full = places / demand.handle_s_at(demand.chats) if agents else 0.0
    if leaving == 0 and arriving >= full:
        return _OVERRUN
    longest = _longest_queue(arriving, leaving, full)
    chance = _stationary(demand, agents, places, longest)
    served = np.minimum(np.arange(len(chance)), places)
    queue = np.arange(longest + 1)
    queued = chance[places:]
    mean_queue = float(queue @ queued)
    level = float(chance[:places].sum() + queued @ _served_in_time(queue, full, leaving, within_s))
    return Service(
        level=min(level, 1.0),
        wait_s=mean_queue / arriving,  # Little's law over everybody who comes
        waiting=float(queued.sum()),
        abandonment=leaving * mean_queue / arriving,
        occupancy=float(served @ chance) / places if places else 1.0,
    )


def agents_needed(demand: Demand, target: Target) -> int:
    """The fewest agents who give what is wanted; 0 where nobody comes. Raises UnreachableError where none do."""
    if demand.arrivals_per_h == 0:
        return 0
    enough = 1
    while not service(demand, enough, target.within_s).meets(target):
        enough *= 2
        if enough > MOST_AGENTS:
            raise UnreachableError(
                f"no {MOST_AGENTS} agents serve {target.level:.0%} within {target.within_s:g} s and lose at most "
                f"{target.abandonment:.0%} of {demand.arrivals_per_h:g} an hour; ask for less"
            )
    few = enough // 2
    while enough - few > 1:
        middle = (few + enough) // 2
        if service(demand, middle, target.within_s).meets(target):
            enough = middle
        else:
            few = middle
    return enough


def _longest_queue(arriving: float, leaving: float, full: float) -> int:
    """From which queue on states are so rare that nothing is lost without them."""
    if leaving == 0:
        return math.ceil(math.log(1e-15) / math.log(arriving / full)) + 1
    mean = max(arriving - full, 0.0) / leaving
    return math.ceil(mean + _DEVIATIONS * math.sqrt(arriving / leaving) + _DEVIATIONS**2)


def _stationary(demand: Demand, agents: int, places: int, longest: int) -> NDArray[np.float64]:
    """The chance of each state; by logarithms, since the ratios between states span hundreds of magnitudes."""
    states = np.arange(1, places + longest + 1)
    deaths = demand.leaving_rate * np.maximum(states - places, 0).astype(np.float64)
    if agents:
        deaths += demand.service_rates(agents, np.minimum(states, places))
    logs = np.concatenate(([0.0], np.cumsum(np.log(demand.arrival_rate) - np.log(deaths))))
    weights = np.exp(logs - logs.max())
    chance: NDArray[np.float64] = weights / weights.sum()
    return chance


def _served_in_time(queue: NDArray[np.int64], full: float, leaving: float, within_s: float) -> NDArray[np.float64]:
    """The chance that who finds so many waiting is served within the time; see the module's formula."""
    from scipy import special  # noqa: PLC0415 - 20 MB and 0.2 s for who plans a shift, not for who serves

    if full == 0:
        return np.zeros(len(queue))
    if leaving == 0:
        return np.asarray(special.gammainc(queue + 1, full * within_s), dtype=np.float64)
    ratio = full / leaving
    in_time = special.betainc(queue + 1, ratio + 1, -math.expm1(-leaving * within_s))
    return np.asarray(in_time * ratio / (ratio + queue + 1), dtype=np.float64)
