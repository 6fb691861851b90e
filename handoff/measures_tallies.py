"""What became of offers, of questions about satisfaction, of promises? Sums, one row at a time."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from handoff.measures_values import (
    SATISFIED_FROM,
    SCORES,
    OfferFigures,
    SatisfactionFigures,
    Share,
    SlaFigures,
    Spread,
)


class OfferTold(Protocol):
    """An offer. state: open | accepted | declined | expired | withdrawn. began, ended: ms."""

    began: int
    ended: int | None
    state: str


class RatingTold(Protocol):
    """A question. score: 1–5; None: not answered."""

    score: int | None


class PromiseTold(Protocol):
    """A promise. kept: 1 in time, 0 too late, None undecided or given up. The others are ms."""

    kept: int | None
    ended: int | None
    breached: int | None
    warned: int | None


@dataclass(slots=True)
class OfferTally:
    """Offers of one group."""

    states: Counter[str] = field(default_factory=Counter)
    accept_times: array[float] = field(default_factory=lambda: array("d"))

    def add(self, told: OfferTold) -> None:
        """Count an offer."""
        self.states[told.state] += 1
        if told.state == "accepted" and told.ended is not None:
            self.accept_times.append(told.ended - told.began)

    def figures(self, key: str) -> OfferFigures:
        """What it comes to."""
        accepted, declined, expired = (self.states[state] for state in ("accepted", "declined", "expired"))
        return OfferFigures(
            key=key,
            offers=self.states.total(),
            accepted=Share(accepted, accepted + declined + expired),
            declined=declined,
            expired=expired,
            withdrawn=self.states["withdrawn"],
            still_open=self.states["open"],
            accept_time=Spread.of_ms(self.accept_times),
        )


@dataclass(slots=True)
class SatisfactionTally:
    """Questions of one group."""

    asked: int = 0
    scores: Counter[int] = field(default_factory=Counter)

    def add(self, told: RatingTold) -> None:
        """Count a question."""
        self.asked += 1
        if told.score is not None:
            self.scores[told.score] += 1

    def figures(self, key: str) -> SatisfactionFigures:
        """What it comes to."""
        answered = self.scores.total()
        one, two, three, four, five = (self.scores[score] for score in SCORES)
        return SatisfactionFigures(
            key=key,
            answered=Share(answered, self.asked),
            mean=sum(score * times for score, times in self.scores.items()) / answered if answered else None,
            satisfied=Share(sum(self.scores[score] for score in SCORES if score >= SATISFIED_FROM), answered),
            scores=(one, two, three, four, five),
        )


@dataclass(slots=True)
class SlaTally:
    """Promises of one group and metric. A clock that runs beyond its target is breached already."""

    metric: str
    kept: int = 0
    breached: int = 0
    running: int = 0
    dropped: int = 0
    warned: int = 0

    def add(self, told: PromiseTold) -> None:
        """Count a promise."""
        self.warned += told.warned is not None
        if told.kept == 1:
            self.kept += 1
        elif told.kept == 0 or told.breached is not None:
            self.breached += 1
        elif told.ended is None:
            self.running += 1
        else:
            self.dropped += 1

    def figures(self, key: str) -> SlaFigures:
        """What it comes to."""
        decided = self.kept + self.breached
        return SlaFigures(
            key=key,
            metric=self.metric,
            promises=decided + self.running + self.dropped,
            kept=Share(self.kept, decided),
            breached=self.breached,
            running=self.running,
            dropped=self.dropped,
            warned=self.warned,
        )
