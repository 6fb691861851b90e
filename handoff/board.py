"""Which tickets does somebody have before her? Those of some states and teams, page by page, by key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, or_, select, true, tuple_

from handoff.parts import Part
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

    agent: hers, whatever their team. teams: all of these teams; both: either. states: none of them means all that is
    open. closed_since: only what was closed since then. team, channel: only of it. danger_at: only what was warned of
    by then, or is overdue. also: conditions on the columns of `tickets`, by others. order: "waiting" has the longest
    waiting first, "urgent" the most urgent before it, "closed" what was closed last.
    """

    agent: str = ""
    teams: frozenset[str] = frozenset()
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
        query = select(tickets.c.id).where(*self._conditions(board))
        if after is not None:
            place, here = tuple_(*keys), tuple_(*self._values(board.order, after))
            query = query.where(place < here if descending else place > here)
        ordered = [key.desc() if descending else key for key in keys]
        page = query.order_by(*ordered).limit(limit).scalar_subquery()
        found = await connection.execute(select(tickets).where(tickets.c.id.in_(page)).order_by(*ordered))
        return tuple(map(ticket_of, found))

    async def count_board(self, connection: AsyncConnection, board: Board) -> int:
        """How many tickets there are, COUNTED at most."""
        some: Select[Any] = select(literal(1)).select_from(self._parts.tables.tickets)
        some = some.where(*self._conditions(board)).limit(COUNTED)
        return int((await connection.execute(select(func.count()).select_from(some.subquery()))).scalar_one())

    def _conditions(self, board: Board) -> tuple[ColumnElement[bool], ...]:
        c = self._parts.tables.tickets.c
        whose = []
        if board.agent:
            whose.append(c.agent == board.agent)
        if board.teams:
            whose.append(c.team.in_(sorted(board.teams)))
        found = [or_(*whose) if whose else ~true()]
        if board.closed_since is not None:
            found.append(c.closed_at >= board.closed_since)
        else:
            # as the partial index says it, so that it is used
            found.append(c.state != literal_column("'closed'"))
        if board.states:
            found.append(c.state.in_(sorted(state.value for state in board.states)))
        if board.team:
            found.append(c.team == board.team)
        if board.channel:
            found.append(c.channel == board.channel)
        if board.danger_at is not None:
            found.append(self._endangered(board.danger_at))
        return (*found, *board.also)

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
