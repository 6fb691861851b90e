"""How does what was said leave the archive, page by page, and only where it may?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from archive.entry import Entry

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from archive.record import Archive

PAGE = 500  # entries in memory at once

# Says for each of some entries whether it may leave: the TRAIN/export gate of the consent ledger.
May: TypeAlias = "Callable[[AsyncConnection, Sequence[Entry]], Awaitable[Sequence[bool]]]"


@dataclass(frozen=True, slots=True)
class Exported:
    """One page of entries that may leave, oldest id first. withheld: how many of the page may not."""

    entries: tuple[Entry, ...]
    withheld: int


async def nobody_agreed(connection: AsyncConnection, entries: Sequence[Entry]) -> Sequence[bool]:
    """The gate where no consent is recorded: nothing leaves, for taking data along needs its person's explicit yes."""
    del connection
    return [False] * len(entries)


async def export(
    connection: AsyncConnection,
    archive: Archive,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    may: May = nobody_agreed,
) -> AsyncIterator[Exported]:
    """Everything said in [since, until), in pages, those empty ones included in which nothing may leave.

    One statement a page, besides what `may` asks. What does not open, or was recalled, is withheld.
    """
    after = 0
    while True:
        found = await archive.following(connection, after, since=since, until=until, limit=PAGE)
        if not found:
            return
        allowed = await may(connection, found)
        leaving = tuple(
            entry
            for entry, allows in zip(found, allowed, strict=True)
            if allows and not entry.damaged and not entry.recalled
        )
        yield Exported(leaving, len(found) - len(leaving))
        last = found[-1].id
        assert last is not None  # noqa: S101 - it was read
        after = last
