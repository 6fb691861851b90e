"""What does a supervisor find and read again of what was said? Masked, and only what may be analysed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, select

from archive import Archive, ArchiveTables, Entry, Voice
from archive.analysis import May
from archive.consent import party_of
from archive.playback import FoundPage, Playback, Player, SessionFinder, Wish
from bot.content.shop import Shop
from bot.forgetting.people import UnknownCustomer, find_person
from bot.masking import mask
from bot.supervision.sight import Lookout

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_LATELY: Final = 20  # utterances among which her last words are looked for


@dataclass(frozen=True, slots=True)
class Replay:
    """A session to be read again. tickets: (id, team) of those that its conversation had."""

    playback: Playback
    tickets: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """By what can be searched: tags and rules that the shop has now."""

    tags: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArchiveDesk:
    """Searches and plays back. Reads only. readers: the pool for that. may: whose words may be analysed."""

    readers: AsyncEngine
    record: Archive
    may: May
    finder: SessionFinder
    player: Player
    tables: ArchiveTables
    tickets: Table
    shop: Callable[[], Shop]

    def choices(self) -> Choices:
        """What the form of a search offers."""
        shop = self.shop()
        return Choices(tuple(rule.name for rule in shop.tags.rules), tuple(rule.name for rule in shop.quality))

    async def find(self, wish: Wish, lookout: Lookout) -> FoundPage:
        """A page of sessions; what is shown of each is masked."""
        async with self.readers.connect() as connection:
            page = await self.finder.find(connection, wish, lookout.sight(self.tickets))
        return await asyncio.to_thread(_masked_page, page)

    async def play(self, session_id: int, lookout: Lookout) -> Replay | None:
        """A session; None where there is none that may be seen. Everything said is masked."""
        async with self.readers.connect() as connection:
            sight = lookout.sight(self.tickets)
            session = await self.player.session(connection, session_id, sight)
            if session is None:
                return None
            people = await self._people(connection, session.account, session.customer)
            played = await self.player.play(connection, session_id, sight, people)
            tickets = await self._tickets(connection, session.conversation_id)
        if played is None:
            return None
        return Replay(await asyncio.to_thread(_masked, played), tickets)

    async def last_words(
        self, account: str, customer: str, home: Sequence[str], lookout: Lookout
    ) -> Sequence[Entry] | None:
        """What a customer without any ticket wrote in her last conversation, oldest first; None where out of sight.

        home: her region, as far as it is known.
        """
        if not lookout.reaches_home(home):
            return None
        async with self.readers.connect() as connection:
            talk = await self.record.last_conversation(connection, account, customer)
            said = [] if talk is None else await self.record.transcript(connection, talk, limit=_LATELY)
            hers = [each for each in said if each.voice is Voice.CUSTOMER and not each.recalled]
            allowed = set(await self.may(connection, {party_of(each) for each in hers})) if hers else set()
        told = [each for each in hers if party_of(each) in allowed]
        return await asyncio.to_thread(lambda: [_shown(each) for each in told])

    async def has_written(self, account: str, customer: str) -> bool:
        """Is any conversation with her kept?"""
        async with self.readers.connect() as connection:
            return await self.record.last_conversation(connection, account, customer) is not None

    async def _people(self, connection: AsyncConnection, account: str, customer: str) -> Sequence[tuple[str, str]]:
        try:
            return (await find_person(connection, self.tables, f"{account}/{customer}")).names
        except UnknownCustomer:
            return ()

    async def _tickets(self, connection: AsyncConnection, conversation_id: int | None) -> Sequence[tuple[int, str]]:
        if conversation_id is None:
            return ()
        t = self.tickets.c
        query = select(t.id, t.team).where(t.conversation_id == conversation_id).order_by(t.id)
        return [(row.id, row.team) for row in await connection.execute(query)]


def _masked_page(page: FoundPage) -> FoundPage:
    return replace(page, found=tuple(replace(each, said=tuple(map(_shown, each.said))) for each in page.found))


def _masked(played: Playback) -> Playback:
    lines = [replace(each, entry=_shown(each.entry), keywords=tuple(map(mask, each.keywords))) for each in played.lines]
    return replace(played, lines=lines, keywords=[(mask(word), count) for word, count in played.keywords])


def _shown(entry: Entry) -> Entry:
    """Also what is no text is not: pictures are not shown here, a recalled message says nothing any more."""
    return replace(entry, text="" if entry.recalled else mask(entry.text), body={})
