"""Where would these tickets have gone by other rules? Replayed from what the router knew then; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.fact_file import facts_from_json
from handoff.facts import Facts
from handoff.router import Router
from handoff.signals import SIGNALS
from handoff.tables import Tables
from handoff.tickets import summary_from_json


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules say about a ticket. hand_over: whether its signals alone call a person."""

    hand_over: bool
    team: str
    priority: int
    sla: str
    rule: str


@dataclass(frozen=True, slots=True)
class RoutedTicket:
    """A ticket as it was opened.

    facts: what the router knew, for a text what the ticket says she asked; None: it did not go by rules.
    """

    id: int
    conversation_id: int
    opened_at: datetime
    facts: Facts | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Replayed:
    """One ticket by the rules before and after."""

    ticket: RoutedTicket
    before: Outcome
    after: Outcome

    @property
    def changes(self) -> tuple[str, ...]:
        """Which of hand_over, team, priority, sla differ; the rule's name alone is no change."""
        fields = ("hand_over", "team", "priority", "sla")
        return tuple(name for name in fields if getattr(self.before, name) != getattr(self.after, name))


async def tickets_since(connection: AsyncConnection, tables: Tables, since: datetime) -> tuple[RoutedTicket, ...]:
    """Every ticket opened at or after `since` (aware), oldest first."""
    tickets, events = tables.tickets, tables.ticket_events
    rows = await connection.execute(
        select(tickets, events.c.detail)
        .outerjoin(events, (events.c.ticket_id == tickets.c.id) & (events.c.kind == "opened"))
        .where(tickets.c.opened_at >= since)
        .order_by(tickets.c.opened_at, tickets.c.id)
    )
    return tuple(map(_routed, rows))


def replay_routes(
    tickets: Sequence[RoutedTicket], router: Router, *, against: Router | None = None
) -> tuple[Replayed, ...]:
    """Each ticket that went by rules, by `router`'s; before: as recorded, or by the rules of `against`."""
    return tuple(
        Replayed(each, each.outcome if against is None else _outcome(against, each.facts), _outcome(router, each.facts))
        for each in tickets
        if each.facts is not None
    )


def _outcome(router: Router, facts: Facts) -> Outcome:
    verdict = router.route(facts)
    return Outcome(verdict.hand_over, verdict.team, verdict.priority, verdict.sla, verdict.rule)


def _routed(row: Row[Any]) -> RoutedTicket:
    opened = _as_opened(row.detail)
    asked = summary_from_json(row.summary).asked
    return RoutedTicket(
        id=row.id,
        conversation_id=row.conversation_id,
        opened_at=row.opened_at,
        facts=None if row.facts is None else replace(facts_from_json(row.facts), text=asked),
        outcome=Outcome(
            hand_over=row.reason in SIGNALS,
            team=str(opened.get("team", row.team)),
            priority=int(opened.get("priority", row.priority)),
            sla=row.sla,
            rule=row.rule,
        ),
    )


def _as_opened(detail: Any) -> Mapping[str, Any]:
    """Team and priority move with the ticket; its first event keeps what they were."""
    if not isinstance(detail, Mapping):
        return {}
    columns = detail.get("set")
    return columns if isinstance(columns, Mapping) else detail
