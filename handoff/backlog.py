"""How much is owed right now? Tickets that wait in queues, promises that are open, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import Tables
from handoff.tickets import TicketState


@dataclass(frozen=True, slots=True)
class Backlog:
    """waiting: team → tickets in its queue, every team named. Each open promise is one of the other four, the worst.

    breached: the time is over; warned: nearly so; paused: waits for the customer; running: all is well.
    """

    waiting: Mapping[str, int]
    running: int
    paused: int
    warned: int
    breached: int


async def read_backlog(connection: AsyncConnection, tables: Tables) -> Backlog:
    """Count it, in two queries whose cost is that of what is open."""
    teams, tickets, clocks = tables.teams.c, tables.tickets.c, tables.sla_clocks.c
    queues = (
        select(teams.id, func.count(tickets.id))
        .select_from(
            tables.teams.outerjoin(
                tables.tickets, (tickets.team == teams.id) & (tickets.state == TicketState.OPEN.value)
            )
        )
        .group_by(teams.id)
        .order_by(teams.id)
    )
    standing = case(
        (clocks.breached_at.is_not(None), "breached"),
        (clocks.warned_at.is_not(None), "warned"),
        (clocks.running_since.is_(None), "paused"),
        else_="running",
    )
    promises = select(standing, func.count()).where(clocks.ended_at.is_(None)).group_by(standing)
    waiting: dict[str, int] = {row[0]: row[1] for row in await connection.execute(queues)}
    counted: dict[str, int] = {row[0]: row[1] for row in await connection.execute(promises)}
    return Backlog(
        waiting=waiting,
        running=counted.get("running", 0),
        paused=counted.get("paused", 0),
        warned=counted.get("warned", 0),
        breached=counted.get("breached", 0),
    )
