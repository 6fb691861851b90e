"""Which tickets does somebody have before her? Those of some states and teams, page by page, by key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, or_, select, true, tuple_

from handoff.parts import Part
from handoff.places import Place
from handoff.ticket_rows import ticket_of
from handoff.tickets import Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

COUNTED = 1_000  # more is told as "at least"; nobody reads further

Order = Literal["waiting", "urgent", "closed"]


@dataclass(frozen=True, slots=True)
class RowKey:
    """After which ticket a page begins. at: what the order goes by (opened, closed). priority: where it counts."""

    at: datetime
    id: int
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """What is looked for.

    agent: hers, whatever their team. teams: all of these teams, as far as they come from `regions` (none: from
    everywhere); both: either. states: none of them means all that is open. closed_since: only what was closed since
    then. team, channel: only of it. danger_at: only what was warned of by then, or is overdue. also: conditions on the
    columns of `tickets`, by others. order: "waiting" has the longest waiting first, "urgent" the most urgent before it,
    "closed" what was closed last.
    """

    agent: str = ""
    teams: frozenset[str] = frozenset()
    regions: tuple[Place, ...] = ()
    states: Collection[TicketState] = ()
    closed_since: datetime | None = None
    team: str = ""
    channel: str = ""
    danger_at: datetime | None = None
    order: Order = "waiting"
    also: tuple[ColumnElement[bool], ...] = field(default=())


class Boards(Part):
    """Reads boards."""

    async def board(
        self, connection: AsyncConnection, board: Board, *, after: RowKey | None = None, limit: int
    ) -> tuple[Ticket, ...]:
        """The next tickets of a board, `limit` at most."""
        tickets, keys = self._parts.tables.tickets, self._keys(board.order)
        descending = board.order == "closed"
        # ids first: what is sorted and passed over are short rows of an index, not whole tickets
        query = select(tickets.c.id).where(*await self._conditions(connection, board))
        if after is not None:
            place, here = tuple_(*keys), tuple_(*self._values(board.order, after))
            query = query.where(place < here if descending else place > here)
        ordered = [key.desc() if descending else key for key in keys]
        page = query.order_by(*ordered).limit(limit).scalar_subquery()
        found = await connection.execute(select(tickets).where(tickets.c.id.in_(page)).order_by(*ordered))
        return tuple(map(ticket_of, found))

    async def count_boards(self, connection: AsyncConnection, *boards: Board) -> tuple[int, ...]:
        """How many tickets each has, COUNTED at most."""
        counts = []
        for board in boards:
            some: Select[Any] = select(literal(1)).select_from(self._parts.tables.tickets)
            some = some.where(*await self._conditions(connection, board)).limit(COUNTED)
            counts.append(select(func.count()).select_from(some.subquery()).scalar_subquery())
        return tuple((await connection.execute(select(*counts))).one())

    async def _conditions(self, connection: AsyncConnection, board: Board) -> tuple[ColumnElement[bool], ...]:
        c = self._parts.tables.tickets.c
        # as the partial index says what is open, so that it is used
        is_open = c.state != literal_column("'closed'")
        then = is_open if board.closed_since is None else c.closed_at >= board.closed_since
        whose: list[ColumnElement[bool]] = []
        if board.agent:
            whose.append(c.agent == board.agent)
        if board.teams:
            theirs: ColumnElement[bool] = c.team.in_(sorted(board.teams))
            if board.regions:
                theirs &= c.region.in_(await self._within(connection, board.regions, theirs & then))
            whose.append(theirs)
        found = [or_(*whose) if whose else ~true(), then]
        if board.states:
            found.append(c.state.in_(sorted(state.value for state in board.states)))
        if board.team:
            found.append(c.team == board.team)
        if board.channel:
            found.append(c.channel == board.channel)
        if board.danger_at is not None:
            found.append(self._endangered(board.danger_at))
        return (*found, *board.also)

    async def _within(
        self, connection: AsyncConnection, regions: Sequence[Place], among: ColumnElement[bool]
    ) -> list[str]:
        """The regions of these tickets, as written, that lie in the places; SQL cannot tell that 深圳市 is in 广东."""
        regions_there = select(self._parts.tables.tickets.c.region).where(among).distinct()
        written = (await connection.execute(regions_there)).scalars()
        return [each for each in written if any(place.holds(Place.parse(each)) for place in regions)]

    def _endangered(self, at: datetime) -> ColumnElement[bool]:
        clocks = self._parts.tables.sla_clocks.c
        late = or_(clocks.warns_at <= at, clocks.due_at <= at)
        return self._parts.tables.tickets.c.id.in_(select(clocks.ticket_id).where(clocks.ended_at.is_(None), late))

    def _keys(self, order: Order) -> tuple[ColumnElement[Any], ...]:
        c = self._parts.tables.tickets.c
        match order:
            case "waiting":
                return c.opened_at, c.id
            case "urgent":
                return c.priority, c.opened_at, c.id
            case "closed":  # pragma: no branch - mypy proves the literal exhausted
                return c.closed_at, c.id

    def _values(self, order: Order, place: RowKey) -> tuple[ColumnElement[Any], ...]:
        c = self._parts.tables.tickets.c
        at = literal(place.at, c.opened_at.type)
        if order == "urgent":
            return literal(place.priority), at, literal(place.id)
        return at, literal(place.id)
