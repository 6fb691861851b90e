"""What became of offers to agents?"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Select, select

from handoff.measures_figures import OfferFigures
from handoff.measures_sql import dimension, in_scope, ms
from handoff.measures_values import By, Scope, Share, Spread
from handoff.tables import Tables


class OfferTold(Protocol):
    """An offer. state: open | accepted | declined | expired | withdrawn. began, ended: ms."""

    began: int
    ended: int | None
    state: str


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

    def merge(self, other: OfferTally) -> None:
        """Count another group's besides."""
        self.states.update(other.states)
        self.accept_times.extend(other.accept_times)

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


def offered(tables: Tables, scope: Scope, by: By | None) -> Select[Any]:
    """One row an offer made in the period."""
    offers = tables.offers
    return (
        select(
            dimension(tables, by, offers).label("key"),
            ms(offers.c.made_at).label("began"),
            ms(offers.c.ended_at).label("ended"),
            offers.c.state,
        )
        .join(tables.tickets, tables.tickets.c.id == offers.c.ticket_id)
        .where(in_scope(tables, scope, offers.c.made_at, offers))
    )
