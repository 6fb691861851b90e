"""Does only that leave which may, in pages, in order?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from archive import Entry, Exported, export, nobody_agreed
from archive.exporting import PAGE
from tests.archive.shelf import NOON, Shelf, said


async def amy_agreed(connection: AsyncConnection, entries: Sequence[Entry]) -> Sequence[bool]:
    del connection
    return [entry.customer == "amy" for entry in entries]


async def _pages(shelf: Shelf, **more: object) -> list[Exported]:
    async with shelf.engine.connect() as connection:
        return [page async for page in export(connection, shelf.archive, **more)]  # type: ignore[arg-type]


async def test_only_of_people_who_agreed(shelf: Shelf) -> None:
    await shelf.append(said(1), said(2, customer="bob"), said(3, recalled=True), said(4))
    [page] = await _pages(shelf, may=amy_agreed)
    assert ([entry.source_id for entry in page.entries], page.withheld) == (["m1", "m4"], 2)


async def test_nobody_agreed_until_it_is_known(shelf: Shelf) -> None:
    await shelf.append(said(1), said(2))
    assert await _pages(shelf) == await _pages(shelf, may=nobody_agreed) == [Exported((), 2)]


async def test_in_pages_within_a_period(shelf: Shelf) -> None:
    await shelf.append(*[said(number) for number in range(PAGE + 10)])
    since, until = NOON + timedelta(minutes=5), NOON + timedelta(minutes=PAGE + 8)
    pages = await _pages(shelf, may=amy_agreed, since=since, until=until)
    assert [len(page.entries) for page in pages] == [PAGE, 3]
    ids = [entry.source_id for page in pages for entry in page.entries]
    assert ids == [f"m{number}" for number in range(5, PAGE + 8)]
