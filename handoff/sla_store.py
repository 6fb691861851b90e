"""Which promises are open, which are in danger, and who has said so? Clocks as rows: a restart loses none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import sla
from handoff.calendars import ALWAYS
from handoff.policy import Policy
from handoff.sla import Clock, SlaDanger, Terms
from handoff.sla_policy import Danger, Metric, SlaPolicy
from handoff.sla_rows import from_row, to_row
from handoff.tables import Tables
from handoff.ticket_rows import region_of
from handoff.tickets import Ticket

_RESPONSES = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)


@dataclass(frozen=True, slots=True)
class SlaClocks:
    """Starts, stops and watches the clocks of tickets.

    Every method works on the caller's connection, inside its transaction, and never commits. Locks only rows of
    sla_clocks, by id, so a transaction that also moves the conversation does that first. A ticket without a promise
    has no clock, and then nothing happens. now: the time, UTC-aware. policy: the one that holds now.
    """

    tables: Tables
    now: Callable[[], datetime]
    policy: Callable[[], Policy]

    async def start(self, connection: AsyncConnection, ticket: Ticket) -> None:
        """The ticket was opened or reopened: its promises begin, each once, however often this is called."""
        row = await self._ticket(connection, ticket.id)
        terms = self._terms_of(row)
        if terms is not None:
            await self._insert(connection, row, terms, (Metric.FIRST_RESPONSE, Metric.RESOLUTION))

    async def responded(self, connection: AsyncConnection, ticket_id: int) -> None:
        """A person spoke to the customer: the first or the next response was given."""
        c = self.tables.sla_clocks.c
        for row_id, clock in await self._open(connection, ticket_id, c.metric.in_([each.value for each in _RESPONSES])):
            await self._write(connection, row_id, sla.end(clock, self._terms(clock), self.now(), fulfilled=True))

    async def asked(self, connection: AsyncConnection, ticket_id: int) -> None:
        """The customer wrote while a person has her: an answer is promised, unless one is already."""
        c = self.tables.sla_clocks.c
        said = await connection.execute(
            select(c.metric, c.cycle, c.ended_at).where(
                c.ticket_id == ticket_id, c.metric.in_([each.value for each in _RESPONSES])
            )
        )
        known = said.all()
        if any(each.ended_at is None for each in known):
            return
        row = await self._ticket(connection, ticket_id)
        terms = self._terms_of(row)
        if terms is not None:
            cycle = sum(each.metric == Metric.NEXT_RESPONSE.value for each in known)
            await self._insert(connection, row, terms, (Metric.NEXT_RESPONSE,), cycle=cycle)

    async def pause(self, connection: AsyncConnection, ticket_id: int) -> None:
        """The ticket waits for the customer: clocks stand still whose policy says so."""
        for row_id, clock in await self._open(connection, ticket_id):
            terms = self._terms(clock)
            if clock.running_since is not None and terms.policy.pause_when_pending:
                await self._write(connection, row_id, sla.pause(clock, terms, self.now()))

    async def resume(self, connection: AsyncConnection, ticket_id: int) -> None:
        """The ticket waits for us again."""
        for row_id, clock in await self._open(connection, ticket_id):
            if clock.running_since is None:
                await self._write(connection, row_id, sla.resume(clock, self._terms(clock), self.now()))

    async def finish(self, connection: AsyncConnection, ticket_id: int) -> None:
        """The ticket is closed: it is resolved, and a response that is still owed is owed no more."""
        for row_id, clock in await self._open(connection, ticket_id):
            fulfilled = clock.metric is Metric.RESOLUTION
            await self._write(connection, row_id, sla.end(clock, self._terms(clock), self.now(), fulfilled=fulfilled))

    async def replan(self, connection: AsyncConnection, ticket: Ticket) -> None:
        """The ticket's row has another team, region or SLA: what was spent stays, the rest counts by the new terms."""
        row = await self._ticket(connection, ticket.id)
        after, at = self._terms_of(row), self.now()
        for row_id, clock in await self._open(connection, ticket.id):
            before = self._terms(clock)
            nothing = Terms(SlaPolicy(name=""), before.calendar)
            await self._write(connection, row_id, sla.replan(clock, before, after or nothing, at))
        if after is not None:
            first = () if row.first_response_at else (Metric.FIRST_RESPONSE,)
            await self._insert(connection, row, after, (*first, Metric.RESOLUTION))

    async def in_danger(self, connection: AsyncConnection, *, limit: int = 100) -> tuple[SlaDanger, ...]:
        """What there is to say and to do now, longest due first.

        Announces nothing: for each, do what it asks and `mark` it, in one transaction, other than this one. A clock
        that a new calendar or policy has given more time is planned anew, in this one.
        """
        c, at = self.tables.sla_clocks.c, self.now()
        due = select(self.tables.sla_clocks).where(c.next_at <= at).order_by(c.next_at, c.id).limit(limit)
        found = []
        for row in (await connection.execute(due)).all():
            clock = from_row(row)
            danger = sla.danger(clock, self._terms(clock), at)
            if danger is None:
                await self._plan_anew(connection, row.id)
            else:
                found.append(danger)
        return tuple(found)

    async def mark(self, connection: AsyncConnection, danger: SlaDanger) -> bool:
        """Announce this danger and take its steps; False if another has, or it is over: then roll back.

        Last in its transaction, as it holds the clock's row.
        """
        c = self.tables.sla_clocks.c
        row = await self._locked(
            connection, c.ticket_id == danger.ticket_id, c.metric == danger.metric.value, c.cycle == danger.cycle
        )
        if not row:
            return False
        clock = from_row(row[0])
        marked = sla.mark(clock, danger, self._terms(clock), self.now())
        if marked is None:
            return False
        announced = c.breached_at if danger.danger is Danger.BREACH else c.warned_at
        unannounced = (announced.is_(None),) if danger.is_news else ()
        return await self._write(connection, row[0].id, marked, c.steps == danger.taken, *unannounced)

    async def next_due(self, connection: AsyncConnection) -> datetime | None:
        """When there will next be something to say or to do; None: nothing is planned."""
        at: datetime | None = (await connection.execute(select(func.min(self.tables.sla_clocks.c.next_at)))).scalar()
        return at

    async def of(self, connection: AsyncConnection, ticket_id: int) -> tuple[Clock, ...]:
        """All clocks of a ticket, in the order in which they were started."""
        table = self.tables.sla_clocks
        rows = await connection.execute(select(table).where(table.c.ticket_id == ticket_id).order_by(table.c.id))
        return tuple(map(from_row, rows))

    async def _plan_anew(self, connection: AsyncConnection, row_id: int) -> None:
        at = self.now()
        for row in await self._locked(connection, self.tables.sla_clocks.c.id == row_id):
            clock = from_row(row)
            terms = self._terms(clock)
            if clock.ended_at is None and sla.danger(clock, terms, at) is None:
                await self._write(connection, row_id, sla.planned(clock, terms, at))

    async def _open(
        self, connection: AsyncConnection, ticket_id: int, *conditions: ColumnElement[bool]
    ) -> list[tuple[int, Clock]]:
        c = self.tables.sla_clocks.c
        rows = await self._locked(connection, c.ticket_id == ticket_id, c.ended_at.is_(None), *conditions)
        return [(row.id, from_row(row)) for row in rows]

    async def _locked(self, connection: AsyncConnection, *conditions: ColumnElement[bool]) -> Sequence[Row[Any]]:
        table = self.tables.sla_clocks
        return (await connection.execute(select(table).where(*conditions).order_by(table.c.id).with_for_update())).all()

    async def _write(
        self, connection: AsyncConnection, row_id: int, clock: Clock, *conditions: ColumnElement[bool]
    ) -> bool:
        table = self.tables.sla_clocks
        written = await connection.execute(update(table).where(table.c.id == row_id, *conditions).values(to_row(clock)))
        return written.rowcount == 1

    async def _insert(
        self,
        connection: AsyncConnection,
        row: Row[Any],
        terms: Terms,
        metrics: Sequence[Metric],
        cycle: int | None = None,
    ) -> None:
        """Start what the policy promises; a clock that is there already stays as it is."""
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        number = row.reopened if cycle is None else cycle
        started = (
            sla.start(ticket_id=row.id, metric=metric, cycle=number, terms=terms, at=self.now()) for metric in metrics
        )
        rows = [to_row(clock) for clock in started if clock is not None]
        if rows:
            await connection.execute(dialect.insert(self.tables.sla_clocks).values(rows).on_conflict_do_nothing())

    async def _ticket(self, connection: AsyncConnection, ticket_id: int) -> Row[Any]:
        c = self.tables.tickets.c
        wanted = [c.id, c.team, c.region, c.sla, c.reopened, c.first_response_at]
        return (await connection.execute(select(*wanted).where(c.id == ticket_id))).one()

    def _terms_of(self, ticket: Row[Any]) -> Terms | None:
        """By the ticket's own SLA, else its team's; None where neither promises anything."""
        policy = self.policy()
        own = ticket.sla or next((each.sla for each in policy.teams if each.id == ticket.team), "")
        if own not in policy.slas:
            return None
        return Terms(policy.slas[own], policy.calendar_of(ticket.team, region_of(ticket.region)))

    def _terms(self, clock: Clock) -> Terms:
        """Those it was started by. Where the pack no longer has them, its target stays, without steps."""
        policy = self.policy()
        calendar = policy.calendars.get(clock.calendar) or policy.calendars.get("") or ALWAYS
        return Terms(policy.slas.get(clock.policy) or SlaPolicy(name=clock.policy), calendar)
