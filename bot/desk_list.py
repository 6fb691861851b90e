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
from handoff import Board, Desk, Mention, Offer, Place, RowKey, Tables, Ticket, TicketState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PAGE: Final = 50  # tickets at a time
Tab = Literal["mine", "waiting", "all"]
Sort = Literal["waiting", "urgent"]
MoodWanted = Literal["", "negative", "positive"]


@dataclass(frozen=True, slots=True)
class Who:
    """Whose list it is. teams: those whose tickets she may see. regions: where these come from; none: everywhere.

    person: by what id she signs in.
    """

    agent: str
    teams: frozenset[str]
    regions: tuple[Place, ...] = ()
    person: str = ""


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
class Whole:
    """A page with what stands around it. counts: of her tickets, and of those that wait; handoff.COUNTED at most.

    wanted: what it shows. offers: what she is offered; offered: what rows show of those tickets. mentions: those that
    she has not opened yet.
    """

    wanted: Wanted
    page: Listing
    counts: tuple[int, int]
    offers: Sequence[tuple[Offer, Ticket]]
    offered: Listing
    mentions: Sequence[Mention] = ()


@dataclass(frozen=True, slots=True)
class DeskList:
    """Reads the list. One or two statements a page, and four for what its rows show, however many there are.

    All of it with one connection: pages that each hold one and want another would wait for each other.
    """

    engine: AsyncEngine
    desk: Desk
    tickets: TicketWork
    archive: Archive
    tags: TagStore
    handoff: Tables
    tables: ArchiveTables
    looks: Looks
    now: Callable[[], datetime]

    async def whole(
        self,
        who: Who,
        wanted: Wanted,
        *,
        chosen: bool,
        since: datetime,
        after: After | None = None,
        limit: int = PAGE,
    ) -> Whole:
        """A page with what stands around it. chosen: on the tab that is wanted; else what she has, or what waits."""
        async with read_only(self.engine).connect() as connection:
            boards = [self._board(who, Wanted(tab), None) for tab in ("mine", "waiting")]
            mine, waiting = await self.desk.count_boards(connection, *boards)
            if not chosen:
                wanted = replace(wanted, tab="mine" if mine else "waiting")
            page = await self._page(connection, who, wanted, since=since, after=after, limit=limit)
            offers = await self.tickets.offered_to(connection, who.agent)
            offered = await self._known(connection, who, [ticket for _, ticket in offers])
            mentions = await self.desk.mentions_of(connection, who.person)
        return Whole(wanted, page, (mine, waiting), offers, offered, mentions)

    async def page(
        self, who: Who, wanted: Wanted, *, since: datetime, after: After | None = None, limit: int = PAGE
    ) -> Listing:
        """The next tickets. since: tickets closed from then on are part of "all"."""
        async with read_only(self.engine).connect() as connection:
            return await self._page(connection, who, wanted, since=since, after=after, limit=limit)

    async def known(self, who: Who, tickets: Sequence[Ticket]) -> Listing:
        """What rows show of these tickets."""
        async with read_only(self.engine).connect() as connection:
            return await self._known(connection, who, tickets)

    async def _page(
        self,
        connection: AsyncConnection,
        who: Who,
        wanted: Wanted,
        *,
        since: datetime,
        after: After | None,
        limit: int,
    ) -> Listing:
        found: list[tuple[Ticket, bool]] = []
        for closed in (False, True) if wanted.tab == "all" else (False,):
            if len(found) > limit or (after is not None and after.closed and not closed):
                continue
            start = after.place if after is not None and after.closed == closed else None
            board = self._board(who, wanted, since if closed else None)
            more = await self.desk.board(connection, board, after=start, limit=limit + 1 - len(found))
            found.extend((each, closed) for each in more)
        listing = await self._known(connection, who, [ticket for ticket, _ in found[:limit]])
        return replace(listing, after=_place(*found[limit - 1]) if len(found) > limit else None)

    def _board(self, who: Who, wanted: Wanted, closed_since: datetime | None) -> Board:
        c, also = self.handoff.tickets.c, []
        if wanted.mood:
            also.append(feels(self.tables.analysis, c.conversation_id, wanted.mood))
        if wanted.tag:
            also.append(self.tags.wears(c.account, c.customer, wanted.tag))
        everything = Board(
            agent=who.agent,
            teams=who.teams,
            regions=who.regions,
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
            due=await self.tickets.urgent_in(connection, tickets),
        )


def _place(ticket: Ticket, closed: bool) -> After:  # noqa: FBT001 - which of the two lists it came from
    at = ticket.closed_at if closed and ticket.closed_at else ticket.opened_at
    return After(RowKey(at, ticket.id, ticket.priority), closed)
