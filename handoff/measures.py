"""How well are customers served by people? Figures of a period, from the tables; definitions in docs/measures.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import measures_agents, measures_sql
from handoff.measures_agents import PRESENT, Shift, Stretch
from handoff.measures_clock import BusinessTimes
from handoff.measures_figures import AgentFigures, OfferFigures, SatisfactionFigures, ServiceFigures, SlaFigures
from handoff.measures_groups import Groups, Report
from handoff.measures_offers import OfferTally, offered
from handoff.measures_satisfaction import SatisfactionTally, rated
from handoff.measures_service import ServiceTally
from handoff.measures_sla import SlaTally, promised
from handoff.measures_sql import streamed
from handoff.measures_values import By, Scope
from handoff.policy import Policy
from handoff.sla_policy import Metric
from handoff.tables import Tables

F = TypeVar("F")
T = TypeVar("T")


class Measures:
    """Measures over tickets, offers, ratings, promises and assignments. Each is one or two statements; reads only."""

    def __init__(self, tables: Tables, policy: Callable[[], Policy]) -> None:
        """`policy` says by which calendars business time passes."""
        self._tables = tables
        self._policy = policy

    async def service(self, connection: AsyncConnection, scope: Scope, by: By | None = None) -> Report[ServiceFigures]:
        """First response, waits, handle time, resolution, transfers, abandonment, reopening, re-contact."""
        now_ms = round(scope.now.timestamp() * 1000)
        groups = Groups(scope, by, partial(ServiceTally, now_ms))
        clocks = BusinessTimes(self._policy, scope)
        async for row in streamed(connection, measures_sql.per_ticket(self._tables, scope, by)):
            groups.of(row.key, row.opened).add_ticket(row, clocks.of(row.team, row.region))
        async for row in streamed(connection, measures_sql.waits(self._tables, scope, by)):
            groups.of(row.key, row.opened).add_wait(row, clocks.of(row.team, row.region))
        return groups.report(ServiceTally.figures)

    async def offers(self, connection: AsyncConnection, scope: Scope, by: By | None = None) -> Report[OfferFigures]:
        """What became of the offers made in the period. By reason: why this agent was chosen."""
        groups = Groups(scope, by, OfferTally)
        async for row in streamed(connection, offered(self._tables, scope, by)):
            groups.of(row.key, row.began).add(row)
        return groups.report(OfferTally.figures)

    async def satisfaction(
        self, connection: AsyncConnection, scope: Scope, by: By | None = None
    ) -> Report[SatisfactionFigures]:
        """What customers said who were asked in the period."""
        groups = Groups(scope, by, SatisfactionTally)
        async for row in streamed(connection, rated(self._tables, scope, by)):
            groups.of(row.key, row.began).add(row)
        return groups.report(SatisfactionTally.figures)

    async def sla(
        self, connection: AsyncConnection, scope: Scope, by: By | None = None
    ) -> tuple[Report[SlaFigures], ...]:
        """How the promises were kept whose clocks started in the period, one report a metric."""
        kinds = {metric.value: Groups(scope, by, partial(SlaTally, metric.value)) for metric in Metric}
        async for row in streamed(connection, promised(self._tables, scope, by)):
            kinds[row.metric].of(row.key, row.began).add(row)
        return tuple(groups.report(SlaTally.figures) for groups in kinds.values())

    async def agents(self, connection: AsyncConnection, scope: Scope) -> tuple[AgentFigures, ...]:
        """The work of everybody who had a conversation or was present, by id."""
        shifts = {
            row.id: Shift(row.id, row.name, row.capacity)
            for row in await connection.execute(select(self._tables.agents).order_by(self._tables.agents.c.id))
        }
        async for row in streamed(connection, measures_agents.owned(self._tables, scope)):
            shift = shifts.setdefault(row.agent, Shift(row.agent, row.agent, 0))
            shift.conversations.append(Stretch(row.began, row.ended))
        async for row in streamed(connection, measures_agents.present(self._tables, scope)):
            if shift_of := shifts.get(row.agent):
                shift_of.presence = shift_of.presence or []
                if row.status in PRESENT:
                    shift_of.presence.append(Stretch(row.began, row.ended))
        since, until = (round(at.timestamp() * 1000) for at in (scope.since, min(scope.until, scope.now)))
        return tuple(
            shifts[agent].figures(since, until)
            for agent in sorted(shifts)
            if shifts[agent].conversations or shifts[agent].presence
        )
