"""What do customers get from agents who each have their own chats? A small discrete-event simulation, seeded."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from handoff import Demand

BATCHES = 30  # means of so many stretches of the shift: their spread gives the error of the whole


@dataclass(frozen=True)
class Mean:
    """A mean and its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: list[float]) -> Mean:
        batches = np.array([part.mean() for part in np.array_split(np.array(values), BATCHES)])
        return cls(float(batches.mean()), float(batches.std(ddof=1) / np.sqrt(BATCHES)))


@dataclass(frozen=True)
class Seen:
    level: Mean
    wait_s: Mean
    abandonment: Mean


@dataclass
class _Shift:
    """Time moves from event to event; all durations are exponential, so what comes next is drawn anew each time."""

    demand: Demand
    agents: int
    draw: random.Random
    now: float = 0.0
    chats: list[int] = field(default_factory=list)
    waiting: deque[float] = field(default_factory=deque)
    waits: list[tuple[float, bool]] = field(default_factory=list)  # how long, and whether she left

    def __post_init__(self) -> None:
        self.chats = [0] * self.agents

    def run(self, customers: int) -> None:
        while len(self.waits) < customers:
            ending = [chats / self.demand.handle_s_at(chats) if chats else 0.0 for chats in self.chats]
            leaving = len(self.waiting) * self.demand.leaving_rate
            rates = [self.demand.arrival_rate, leaving, *ending]
            self.now += self.draw.expovariate(sum(rates))
            match self.draw.choices(range(len(rates)), rates)[0]:
                case 0:
                    self.waiting.append(self.now)
                    self._serve()
                case 1:
                    leaver = self.draw.randrange(len(self.waiting))
                    self.waits.append((self.now - self.waiting[leaver], True))
                    del self.waiting[leaver]
                case agent:
                    self.chats[agent - 2] -= 1
                    self._serve()

    def _serve(self) -> None:
        """First come, first served, by whom has least to do."""
        least = min(range(self.agents), key=self.chats.__getitem__)
        if self.waiting and self.chats[least] < self.demand.chats:
            self.chats[least] += 1
            self.waits.append((self.now - self.waiting.popleft(), False))


def simulate(demand: Demand, agents: int, *, within_s: float, customers: int, seed: int) -> Seen:
    """A shift of so many customers, the first tenth left out while the queue finds its length."""
    shift = _Shift(demand, agents, random.Random(seed))
    shift.run(customers)
    waits = shift.waits[customers // 10 :]
    return Seen(
        level=Mean.of([float(not left and wait <= within_s) for wait, left in waits]),
        wait_s=Mean.of([wait for wait, _ in waits]),
        abandonment=Mean.of([float(left) for _, left in waits]),
    )
