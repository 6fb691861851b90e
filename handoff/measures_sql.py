"""How does the database tell what happened to tickets? Statements over their events, portable over both databases.

Instants are integer milliseconds (docs/adr/0005), so that durations are differences of columns.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.measures_values import BY_MOMENT, By, Scope
from handoff.tables import Tables

T = TypeVar("T")
BATCH: Final = 5_000  # rows held at a time
WAITING: Final = "waiting"
HELD: Final = "held"
PENDING: Final = "pending"
ENDED: Final = "ended"
# Where a ticket stands after an event. Its kind tells it without a look into its detail, which is JSON and costs most
# of the time there; that both agree is held by the tests of the desk's invariants.
STANDING: Final = {
    "opened": WAITING, "queued": WAITING, "reopened": WAITING,
    "assigned": HELD, "accepted": HELD, "transferred": HELD, "resumed": HELD,
    "pended": PENDING, "closed": ENDED, "returned": ENDED, "merged": ENDED,
}  # fmt: skip


async def streamed(connection: AsyncConnection, query: Select[*tuple[Any, ...]]) -> AsyncIterator[Row[Any]]:
    """The rows, never more than a batch of them in memory."""
    result = await connection.stream(query, execution_options={"yield_per": BATCH})
    async for rows in result.partitions():
        for row in rows:
            yield row


def ms(column: ColumnElement[datetime]) -> ColumnElement[int]:
    """An instant as the integer it is kept as."""
    return type_coerce(column, BigInteger)


def following(column: ColumnElement[T], *, of: Sequence[ColumnElement[Any]], order: Sequence[Any]) -> ColumnElement[T]:
    """The column's value in the next row of the same group; NULL in the last."""
    return func.lead(column).over(partition_by=of, order_by=order)


def dimension(tables: Tables, by: By | None, own: FromClause | None = None) -> ColumnElement[str]:
    """What a ticket is grouped by, "" where that is a moment or nothing; a column that `own` has comes first."""
    if by is None or by in BY_MOMENT:
        return literal("")
    if by is By.INTENT:
        found: ColumnElement[str] = tables.tickets.c.facts["intent"].as_string()
    else:
        source = own if own is not None and by.value in own.c else tables.tickets
        found = cast(source.c[by.value], String)
    return func.coalesce(found, "")


def in_scope(
    tables: Tables, scope: Scope, began: ColumnElement[datetime], own: FromClause | None = None
) -> ColumnElement[bool]:
    """Which rows count: began in the period, of the wanted team and channel; never of a ticket merged into another."""
    source, tickets = own if own is not None else tables.tickets, tables.tickets.c
    wanted = [began >= scope.since, began < scope.until, tickets.merged_into.is_(None)]
    for name, value in (("team", scope.team), ("channel", scope.channel)):
        if value:
            wanted.append((source.c[name] if name in source.c else tickets[name]) == value)
    return and_(*wanted)


def stood(tables: Tables, scope: Scope) -> CTE:
    """Each event of the scope's tickets after which they stood somewhere: and where before, and until when."""
    events, tickets = tables.ticket_events.c, tables.tickets
    standing = case(STANDING, value=events.kind).label("standing")
    said = (
        select(events.ticket_id, events.id, ms(events.at).label("at"), events.kind, events.by, standing)
        .join(tickets, tickets.c.id == events.ticket_id)
        .where(in_scope(tables, scope, tickets.c.opened_at), events.kind.in_(STANDING))
        .subquery()
    )
    return select(
        said,
        func.lag(said.c.standing).over(partition_by=said.c.ticket_id, order_by=said.c.id).label("before"),
        following(said.c.at, of=[said.c.ticket_id], order=[said.c.id]).label("until"),
    ).cte("stood")


def per_ticket(tables: Tables, scope: Scope, by: By | None) -> Select[Any]:
    """One row a ticket: its moments, handle time, changes of hands, first end and first reopening; all in ms."""
    tickets, each, later = tables.tickets.c, stood(tables, scope), _next_ticket(tables, scope)
    moved = or_(each.c.kind == "transferred", and_(each.c.before == HELD, each.c.standing == WAITING))
    told = (
        select(
            each.c.ticket_id,
            func.sum(case((each.c.standing == HELD, each.c.until - each.c.at), else_=0)).label("handle"),
            func.sum(case((moved, 1), else_=0)).label("transfers"),
            func.min(case((each.c.standing == ENDED, each.c.at))).label("ended"),
            func.min(case((and_(each.c.before == ENDED, each.c.standing != ENDED), each.c.at))).label("reopened"),
        )
        .group_by(each.c.ticket_id)
        .subquery()
    )
    return (
        select(
            dimension(tables, by).label("key"),
            tickets.team,
            tickets.region,
            ms(tickets.opened_at).label("opened"),
            ms(tickets.first_response_at).label("responded"),
            case((tickets.state == "closed", ms(tickets.closed_at))).label("closed"),
            told.c.handle,
            told.c.transfers,
            told.c.ended,
            told.c.reopened,
            later.c.opened.label("next"),
        )
        .outerjoin_from(tables.tickets, told, told.c.ticket_id == tickets.id)
        .outerjoin(later, later.c.id == tickets.id)
        .where(in_scope(tables, scope, tickets.opened_at))
    )


def waits(tables: Tables, scope: Scope, by: By | None) -> Select[Any]:
    """One row a finished wait in a queue: from when until when, whether it ended in service or by leaving.

    Going from queue to queue is one wait. What an agent closed unserved is neither.
    """
    tickets, each = tables.tickets.c, stood(tables, scope)
    changes = select(each).where(or_(each.c.before.is_(None), each.c.before != each.c.standing)).subquery()
    group = {"of": [changes.c.ticket_id], "order": [changes.c.id]}
    stint = select(
        changes.c.ticket_id,
        changes.c.standing,
        changes.c.at.label("began"),
        following(changes.c.at, **group).label("ended"),
        following(changes.c.standing, **group).label("to"),
        following(changes.c.by, **group).label("by"),
    ).subquery()
    by_agent = stint.c.by.in_(select(tables.agents.c.id))
    return (
        select(
            dimension(tables, by).label("key"),
            tickets.team,
            tickets.region,
            ms(tickets.opened_at).label("opened"),
            stint.c.began,
            stint.c.ended,
            case((stint.c.to != ENDED, 1), else_=0).label("served"),
        )
        .join(tables.tickets, tickets.id == stint.c.ticket_id)
        .where(stint.c.standing == WAITING, stint.c.ended.is_not(None), or_(stint.c.to != ENDED, ~by_agent))
    )


def _next_ticket(tables: Tables, scope: Scope) -> CTE:
    """When the same customer's next ticket was opened, by the id of the one before."""
    c = tables.tickets.c
    opened = following(ms(c.opened_at), of=[c.account, c.customer], order=[c.opened_at, c.id])
    return select(c.id, opened.label("opened")).where(c.opened_at >= scope.since, c.merged_into.is_(None)).cte("later")
