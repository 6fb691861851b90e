"""Which promises were kept?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, select

from handoff.measures_figures import SlaFigures
from handoff.measures_sql import dimension, in_scope, ms
from handoff.measures_values import By, Scope, Share
from handoff.tables import Tables


class PromiseTold(Protocol):
    """A promise. kept: 1 in time, 0 too late, None undecided or given up. The others are ms."""

    kept: int | None
    ended: int | None
    breached: int | None
    warned: int | None


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

    def merge(self, other: SlaTally) -> None:
        """Count another group's besides."""
        self.kept += other.kept
        self.breached += other.breached
        self.running += other.running
        self.dropped += other.dropped
        self.warned += other.warned

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


def promised(tables: Tables, scope: Scope, by: By | None) -> Select[Any]:
    """One row a promise whose clock started in the period."""
    clocks = tables.sla_clocks.c
    return (
        select(
            dimension(tables, by).label("key"),
            ms(clocks.started_at).label("began"),
            clocks.metric,
            clocks.kept,
            ms(clocks.ended_at).label("ended"),
            ms(clocks.breached_at).label("breached"),
            ms(clocks.warned_at).label("warned"),
        )
        .join(tables.tickets, tables.tickets.c.id == clocks.ticket_id)
        .where(in_scope(tables, scope, clocks.started_at))
    )
