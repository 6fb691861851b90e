"""What happened at the desk since it was asked last? Read once for all pages that are open, however many they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from archive import Archive
from bot.desk_cursor import DeskCursor
from bot.store.engine import read_only
from handoff import Desk, Ticket, TicketEvent, Touched

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# Ids are given before their transactions end, so that a smaller one may appear after a larger: so far back is looked.
MARGIN: Final = 32
MOST: Final = 512  # rows at a time; behind more than that everybody looks at everything
# After these no list stands otherwise; all others (`TicketEvent.kind`) open, close, move, offer or order a ticket.
_SPOKEN: Final = frozenset(
    {"responded", "told", "noted", "attached", "linked", "watched", "left", "whispered", "joined"}
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A ticket that may stand in other lists now. touched: whom that concerns, whose it is now among them."""

    ticket: Ticket
    touched: Touched


@dataclass(frozen=True, slots=True)
class News:
    """What is new. conversations: ids of those in which something was said or done. tickets: the open ones of them.

    presences: (conversation, agent) who came to look at it, left it or types. people: somebody's status changed.
    everything: more happened than was read. cursor: up to there nothing is missing.
    """

    cursor: str = ""

    conversations: frozenset[int] = frozenset()
    tickets: Sequence[Ticket] = ()
    moved: Sequence[Moved] = ()
    presences: frozenset[tuple[int, str]] = frozenset()
    people: bool = False
    everything: bool = False


@dataclass(slots=True)
class _Followed:
    """How far a table that is only added to was read."""

    newest: int = 0
    told: set[int] = field(default_factory=set)

    @property
    def start(self) -> int:
        return max(0, self.newest - MARGIN)

    def fresh(self, ids: Sequence[int]) -> frozenset[int]:
        """Those of these ids, which follow `start`, that were not there before."""
        fresh = frozenset(ids) - self.told
        self.newest = max((self.newest, *ids))
        self.told = {each for each in self.told | fresh if each > self.start}
        return fresh


@dataclass(slots=True)
class DeskNews:
    """Follows the histories of tickets, statuses and what is said. One at a time may read."""

    engine: AsyncEngine
    desk: Desk
    archive: Archive
    cursor: DeskCursor
    _events: _Followed = field(default_factory=_Followed)
    _entries: _Followed = field(default_factory=_Followed)
    _state: int = 0

    async def begin(self) -> str:
        """From now on: what was there before is no news. Up to where that is, as `DeskCursor` says it."""
        async with read_only(self.engine).connect() as connection:
            stand = await self.cursor.of(connection)
            self._events, self._entries = _Followed(stand.event), _Followed(stand.entry)
            self._state = stand.state
            await self._read_on(connection)
        return stand.written()

    async def read(self, rung: Collection[int] = ()) -> News:
        """What is new. rung: ids of conversations of which somebody says that something changed there.

        After an error some of it may be lost: begin again, and let everybody look.
        """
        async with read_only(self.engine).connect() as connection:
            stand = await self.cursor.of(connection)
            happened, spoken, more = await self._read_on(connection)
            people, self._state = stand.state != self._state, stand.state
            touched = {each.ticket_id for each in happened}
            moved = {each.ticket_id for each in happened if each.kind not in _SPOKEN}
            by_id = await self.desk.tickets(connection, sorted(touched))
            talks = frozenset(rung) | spoken | {each.conversation_id for each in by_id.values()}
            return News(
                cursor=stand.written(),
                conversations=talks,
                tickets=await self.desk.active_tickets(connection, sorted(talks)),
                moved=await self._moved(connection, [by_id[each] for each in sorted(moved & set(by_id))]),
                people=people,
                everything=more,
            )

    async def _read_on(self, connection: AsyncConnection) -> tuple[Sequence[TicketEvent], frozenset[int], bool]:
        """Events of tickets and conversations with new words; whether there is more of either."""
        events = await self.desk.happened_after(connection, self._events.start, MOST + MARGIN)
        entries = await self.archive.spoken_after(connection, self._entries.start, MOST + MARGIN)
        more = max(len(events), len(entries)) == MOST + MARGIN
        new_events = self._events.fresh([each.id for each in events])
        new_entries = self._entries.fresh([entry for entry, _ in entries])
        happened = [each for each in events if each.id in new_events]
        return happened, frozenset(talk for entry, talk in entries if entry in new_entries), more

    async def _moved(self, connection: AsyncConnection, tickets: Sequence[Ticket]) -> Sequence[Moved]:
        if not tickets:
            return ()
        touched = await self.desk.touched(connection, [each.id for each in tickets])
        return [Moved(each, touched[each.id] | _holders(each)) for each in tickets]


def _holders(ticket: Ticket) -> Touched:
    return Touched(frozenset({ticket.team}), frozenset({ticket.agent} if ticket.agent else ()))
