"""What stands in an agent's list? Tickets by tab and filter, longest waiting first, with what a row shows of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from archive import Archive, ArchiveTables
from archive.analysis import feels, last_moods
from archive.tagging import TagStore
from bot.looks import Looks
from bot.store.conversation_rows import nicknames
from bot.store.engine import read_only
from bot.ticket_work import Due, TicketWork
from handoff import Board, Desk, RowKey, Tables, Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PAGE: Final = 50  # tickets at a time
Tab = Literal["mine", "waiting", "all"]
Sort = Literal["waiting", "urgent"]
MoodWanted = Literal["", "negative", "positive"]


@dataclass(frozen=True, slots=True)
class Who:
    """Whose list it is. teams: those whose tickets she may see."""

    agent: str
    teams: frozenset[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What she wants to see; each filter empty for everything. since: closed tickets of this day count, in "all"."""

    tab: Tab = "mine"
    team: str = ""
    channel: str = ""
    mood: MoodWanted = ""
    danger: bool = False
    tag: str = ""
    sort: Sort = "waiting"

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is set."""
        return bool(self.team or self.channel or self.mood or self.danger or self.tag)


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins. closed: among those that are closed, which follow the others."""

    place: RowKey
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One page with what is known of its tickets. after: where the next begins, None on the last.

    unread: customers' messages since she last looked, by conversation. moods: in [-1, 1], by conversation.
    """

    tickets: Sequence[Ticket] = ()
    after: After | None = None
    due: Mapping[int, Due] = field(default_factory=dict)
    unread: Mapping[int, int] = field(default_factory=dict)
    moods: Mapping[int, float] = field(default_factory=dict)
    nicknames: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeskList:
    """Reads the list. One or two statements a page, and four for what its rows show, however many there are."""

    engine: AsyncEngine
    desk: Desk
    tickets: TicketWork
    archive: Archive
    tags: TagStore
    handoff: Tables
    tables: ArchiveTables
    looks: Looks
    now: Callable[[], datetime]

    async def page(
        self, who: Who, wanted: Wanted, *, since: datetime, after: After | None = None, limit: int = PAGE
    ) -> Listing:
        """The next tickets. since: tickets closed from then on are part of "all"."""
        async with read_only(self.engine).connect() as connection:
            found: list[tuple[Ticket, bool]] = []
            for closed in (False, True) if wanted.tab == "all" else (False,):
                if len(found) > limit or (after is not None and after.closed and not closed):
                    continue
                start = after.place if after is not None and after.closed == closed else None
                board = self._board(who, wanted, since if closed else None)
                more = await self.desk.board(connection, board, after=start, limit=limit + 1 - len(found))
                found.extend((each, closed) for each in more)
            shown = [ticket for ticket, _ in found[:limit]]
            listing = await self._known(connection, who, shown)
        listing = await self._with_promises(listing)
        return replace(listing, after=_place(*found[limit - 1]) if len(found) > limit else None)

    async def known(self, who: Who, tickets: Sequence[Ticket]) -> Listing:
        """What rows show of these tickets."""
        async with read_only(self.engine).connect() as connection:
            listing = await self._known(connection, who, tickets)
        return await self._with_promises(listing)

    async def counts(self, who: Who) -> tuple[int, int]:
        """How many she has, and how many wait for her or her teams; handoff.COUNTED at most."""
        async with read_only(self.engine).connect() as connection:
            mine = await self.desk.count_board(connection, self._board(who, Wanted("mine"), None))
            return mine, await self.desk.count_board(connection, self._board(who, Wanted("waiting"), None))

    def _board(self, who: Who, wanted: Wanted, closed_since: datetime | None) -> Board:
        c, also = self.handoff.tickets.c, []
        if wanted.mood:
            also.append(feels(self.tables.analysis, c.conversation_id, wanted.mood))
        if wanted.tag:
            also.append(self.tags.wears(c.account, c.customer, wanted.tag))
        everything = Board(
            agent=who.agent,
            teams=who.teams,
            closed_since=closed_since,
            team=wanted.team,
            channel=wanted.channel,
            danger_at=self.now() if wanted.danger else None,
            order="closed" if closed_since is not None else wanted.sort,
            also=tuple(also),
        )
        match wanted.tab:
            case "mine":
                return replace(everything, teams=frozenset(), states=(TicketState.ASSIGNED, TicketState.PENDING))
            case "waiting":
                return replace(everything, agent="", states=(TicketState.OPEN,))
            case "all":  # pragma: no branch - mypy proves the literal exhausted
                return everything

    async def _known(self, connection: AsyncConnection, who: Who, tickets: Sequence[Ticket]) -> Listing:
        if not tickets:
            return Listing()
        talks = [each.conversation_id for each in tickets]
        return Listing(
            tickets,
            unread=await self.archive.unread(connection, talks, self.looks.of(who.agent)),
            moods=await last_moods(connection, self.tables.analysis, talks),
            nicknames=await nicknames(connection, [(each.account, each.customer) for each in tickets]),
        )

    async def _with_promises(self, listing: Listing) -> Listing:
        """Read outside of the connection: pages that each hold one and want another would wait for each other."""
        return replace(listing, due=await self.tickets.urgent(listing.tickets)) if listing.tickets else listing


def _place(ticket: Ticket, closed: bool) -> After:  # noqa: FBT001 - which of the two lists it came from
    at = ticket.closed_at if closed and ticket.closed_at else ticket.opened_at
    return After(RowKey(at, ticket.id, ticket.priority), closed)
