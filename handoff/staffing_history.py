"""When did customers want a person, and what about? Arrivals by quarter of an hour, from the tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.measures_sql import dimension, in_scope, ms, streamed
from handoff.measures_values import By, Scope
from handoff.staffing_forecast import QUARTER_S, QUARTERS, History
from handoff.tables import Tables


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Tickets by quarter, and how many of each intent came in each hour of the day (0–23)."""

    history: History
    mix: Mapping[int, Mapping[str, int]]


async def read_arrivals(connection: AsyncConnection, tables: Tables, scope: Scope) -> Arrivals:
    """The tickets of whole local days; those that people reopened are not new. One statement."""
    intent = dimension(tables, By.INTENT)
    bucket = ms(tables.tickets.c.opened_at) // (QUARTER_S * 1000)  # every zone is some quarters from UTC
    query = (
        select(bucket.label("quarter"), intent.label("intent"), func.count().label("n"))
        .where(in_scope(tables, scope, tables.tickets.c.opened_at))
        .group_by("quarter", "intent")
    )
    first = scope.since.astimezone(scope.zone).date()
    last = (scope.until - timedelta(microseconds=1)).astimezone(scope.zone).date()
    arrivals = np.zeros(((last - first).days + 1, QUARTERS))
    mix: dict[int, Counter[str]] = {hour: Counter() for hour in range(24)}
    async for row in streamed(connection, query):
        local = datetime.fromtimestamp(int(row.quarter) * QUARTER_S, UTC).astimezone(scope.zone)
        arrivals[(local.date() - first).days, local.hour * 4 + local.minute // 15] += row.n
        mix[local.hour][row.intent] += row.n
    return Arrivals(History(first, arrivals), mix)
