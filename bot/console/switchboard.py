"""How do open pages get to know what concerns them? News are read once for all, and each page is told its part.

Bursts become one: while a page was not told yet, what comes is added to what it will be told. Telling is idempotent and
knows no order, since a notice only says what to read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.console.concern import Notice, Showing, notice_of
from bot.desk_news import DeskNews
from bot.presences import PRESENCE
from bot.wakeups import Wakeups, wait_for

CONVERSATION: Final = "conversation:"
BREATH_S: Final = 0.1  # between two readings: what is rung meanwhile shares the next
SWEEP_S: Final = 5.0  # a ring that was lost costs no more than this
# A list takes its process some 15 ms of CPU; so far apart all pages together leave half a core for all else.
A_LIST_MS: Final = 30
AT_LEAST_MS: Final = 300
_log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Mailbox:
    """What one page is to be told. showing: as it is now; whoever renews the page's rights replaces it."""

    showing: Showing
    told: asyncio.Event = field(default_factory=asyncio.Event)
    _notice: Notice = field(default_factory=Notice)
    _cursor: str = ""

    def put(self, notice: Notice, cursor: str) -> None:
        """Add to what it will be told. cursor: with it the page knows all up to there; nothing new wakes nobody."""
        self._cursor = cursor
        if notice:
            self._notice |= notice
            self.told.set()

    def take(self) -> tuple[Notice, str]:
        """All that was put in since it was taken last, and up to where the page knows all then."""
        notice, self._notice = self._notice, Notice()
        self.told.clear()
        return notice, self._cursor


@dataclass(slots=True)
class Switchboard:
    """One a process: all its open pages, and what tells them."""

    news: DeskNews
    wakeups: Wakeups
    _open: set[Mailbox] = field(default_factory=set)
    _began: bool = False
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def within_ms(self) -> int:
        """Over how long pages spread the reading of their lists, so that they do not come all at once."""
        return max(AT_LEAST_MS, A_LIST_MS * len(self._open))

    @asynccontextmanager
    async def plugged_in(self, showing: Showing) -> AsyncIterator[Mailbox]:
        """A mailbox for a page, from now on. What happened before it reads for itself."""
        mailbox = Mailbox(showing)
        self._open.add(mailbox)
        try:
            async with self._reading:
                if not self._began:
                    await self._begin()
            yield mailbox
        finally:
            self._open.discard(mailbox)

    async def run(self) -> None:
        """Tell pages until cancelled."""
        async with self.wakeups.hearing(_concerns_pages) as heard:
            while True:
                await wait_for(heard.rung, SWEEP_S)
                try:
                    await self.tell(heard.take())
                except SQLAlchemyError as error:  # the database is away; what is new is still new when it is back
                    _log.warning("switchboard.not_read", error=type(error).__name__)
                await asyncio.sleep(BREATH_S)

    async def tell(self, topics: Collection[str] = ()) -> None:
        """Read what is new, and tell each page its part. topics: those that were rung."""
        async with self._reading:
            if not self._open:
                self._began = False  # where to go on is found when somebody is there again
            elif self._began:
                await self._read(topics)
            else:  # what happened since it broke off is not known
                cursor = await self._begin()
                for page in self._open:
                    page.put(Notice(everything=True), cursor)

    async def _begin(self) -> str:
        cursor = await self.news.begin()
        self._began = True
        return cursor

    async def _read(self, topics: Collection[str]) -> None:
        self._began = False  # until it is read to its end
        news = await self.news.read([talk for topic in topics if (talk := _conversation(topic)) is not None])
        seen = frozenset(there for topic in topics if (there := _presence(topic)) is not None)
        news = replace(news, presences=seen)
        self._began = True
        for page in self._open:
            page.put(notice_of(news, page.showing), news.cursor)


def _concerns_pages(topic: str) -> bool:
    return topic == Wakeups.CONSOLE or topic.startswith((CONVERSATION, PRESENCE))


def _conversation(topic: str) -> int | None:
    return _number(topic.removeprefix(CONVERSATION)) if topic.startswith(CONVERSATION) else None


def _presence(topic: str) -> tuple[int, str] | None:
    number, _, agent = topic.removeprefix(PRESENCE).partition(":")
    found = _number(number) if topic.startswith(PRESENCE) else None
    return None if found is None else (found, agent)


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() else None
