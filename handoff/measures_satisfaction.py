"""What did customers answer who were asked whether they are satisfied?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Select, select

from handoff.measures_figures import SatisfactionFigures
from handoff.measures_sql import dimension, in_scope, ms
from handoff.measures_values import SATISFIED_FROM, SCORES, By, Scope, Share
from handoff.tables import Tables


class RatingTold(Protocol):
    """A question. score: 1–5; None: not answered."""

    score: int | None


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

    def merge(self, other: SatisfactionTally) -> None:
        """Count another group's besides."""
        self.asked += other.asked
        self.scores.update(other.scores)

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


def rated(tables: Tables, scope: Scope, by: By | None) -> Select[Any]:
    """One row a customer who was asked in the period whether she is satisfied."""
    ratings = tables.ratings.c
    return (
        select(dimension(tables, by).label("key"), ms(ratings.asked_at).label("began"), ratings.score)
        .join(tables.tickets, tables.tickets.c.id == ratings.ticket_id)
        .where(in_scope(tables, scope, ratings.asked_at))
    )
