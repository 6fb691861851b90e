"""What does each report say of one group? Frozen values; key: the group's, "" of everything together."""

from __future__ import annotations

from dataclasses import dataclass

from handoff.measures_values import Share, Spread, Timing


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """How tickets were served. still_open: not closed yet. transferred: share of tickets that ever were.

    patience_s: mean time a customer waits before she leaves, if that is exponential; None where nobody left.
    """

    key: str
    tickets: int
    still_open: int
    first_response: Timing
    wait: Timing
    handle: Spread
    resolution: Timing
    transfers: int
    transferred: Share
    abandoned: Share
    reopened: Share
    recontacted: Share
    patience_s: float | None


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """What became of offers. accepted: share of those that were answered or ran out; withdrawn ones say nothing."""

    key: str
    offers: int
    accepted: Share
    declined: int
    expired: int
    withdrawn: int
    still_open: int
    accept_time: Spread


@dataclass(frozen=True, slots=True)
class SatisfactionFigures:
    """What customers answered. scores: how often 1, 2, 3, 4, 5."""

    key: str
    answered: Share
    mean: float | None
    satisfied: Share
    scores: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class SlaFigures:
    """How promises were kept. kept: share of the decided ones. running: undecided. dropped: ended with the ticket."""

    key: str
    metric: str
    promises: int
    kept: Share
    breached: int
    running: int
    dropped: int
    warned: int


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """An agent's work. present_s: ready, busy or wrapping up. concurrency: mean number of conversations while any.

    occupancy: share of present_s with a conversation; its value is None where her presence is unknown.
    over_capacity: how often she got one beyond today's capacity. most: at a time.
    """

    agent: str
    name: str
    capacity: int
    taken: int
    present_s: float
    busy_s: float
    occupancy: float | None
    concurrency: float | None
    most: int
    over_capacity: int
