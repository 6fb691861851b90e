"""How does a clock lie in its row?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from handoff.sla import Clock
from handoff.sla_policy import Metric


def to_row(clock: Clock) -> dict[str, object]:
    """The columns of sla_clocks, less the row's id."""
    return {**asdict(clock), "metric": clock.metric.value, "kept": None if clock.kept is None else int(clock.kept)}


def from_row(row: Row[Any]) -> Clock:
    """The clock that a row of sla_clocks holds."""
    return Clock(
        ticket_id=row.ticket_id,
        metric=Metric(row.metric),
        cycle=row.cycle,
        policy=row.policy,
        calendar=row.calendar,
        target_ms=row.target_ms,
        started_at=row.started_at,
        spent_ms=row.spent_ms,
        running_since=row.running_since,
        warns_at=row.warns_at,
        due_at=row.due_at,
        next_at=row.next_at,
        warned_at=row.warned_at,
        breached_at=row.breached_at,
        ended_at=row.ended_at,
        kept=None if row.kept is None else bool(row.kept),
        steps=row.steps,
    )
