"""Is everything under the newest key in the end, wherever it was stopped, and readable all the time?"""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary

from archive import DataKey, KeyLost, KeyRing, Query, Rotation
from bot.bootstrap import ARCHIVE_TABLES
from bot.store.tables import METADATA
from tests.archive.purged import purged
from tests.archive.shelf import Shelf, said
from tests.archive_keys import KEYS

BOTH = KeyRing.of({"k1": KEYS["k1"], "k2": KEYS["k2"]}, "k2")
NEW_ONLY = KeyRing.of({"k2": KEYS["k2"]}, "k2")
PEOPLE = ("amy", "bob", "cat")


@pytest.fixture
async def filled(shelf: Shelf) -> Shelf:
    """Four lines of each of three customers, indexed, under k1."""
    await shelf.append(*[said(number, f"第{number}句", customer=PEOPLE[number % 3]) for number in range(12)])
    async with shelf.engine.begin() as connection:
        await shelf.archive.index(connection, await shelf.fresh(connection))
    return shelf


async def step(shelf: Shelf, *, reseal: bool, limit: int) -> int | None:
    rotation = Rotation(ARCHIVE_TABLES, shelf.archive.vault)
    async with shelf.engine.begin() as connection:
        return await (rotation.reseal if reseal else rotation.rewrap)(connection, limit=limit)


async def test_rewrapped_in_steps(filled: Shelf) -> None:
    sealed = [row.sealed for row in await filled.rows(ARCHIVE_TABLES.entries)]
    rotating = filled.under(BOTH)
    done = [await step(rotating, reseal=False, limit=3) for _ in range(3)]
    assert done == [3, 1, 0]  # of three customers and the search
    assert {row.kek for row in await filled.rows(ARCHIVE_TABLES.keys)} == {"k2"}
    assert [row.sealed for row in await filled.rows(ARCHIVE_TABLES.entries)] == sealed
    assert await filled.under(NEW_ONLY).texts() == [f"第{number}句" for number in range(12)]


@pytest.mark.parametrize("limit", [1, 3, 4, 100])
async def test_resealed_in_steps_readable_and_written_to_meanwhile(filled: Shelf, limit: int) -> None:
    before = {row.id: row.sealed for row in await filled.rows(ARCHIVE_TABLES.entries)}
    rotating, texts = filled.under(BOTH), [f"第{number}句" for number in range(12)]
    steps = 0
    while await step(rotating, reseal=True, limit=limit) is not None:
        assert await rotating.texts() == texts
        await rotating.append(said(20 + steps, "新的", customer="amy"))
        texts.append("新的")
        steps += 1
        assert steps < 30
    keys = await filled.rows(ARCHIVE_TABLES.keys)
    assert sorted(row.subject for row in keys) == ["search", "shop/c/amy", "shop/c/bob", "shop/c/cat"]
    assert {(row.kek, row.retired) for row in keys} == {("k2", 0)}
    after = filled.under(NEW_ONLY)
    assert await after.texts() == texts
    assert all(row.sealed != before.get(row.id) for row in await filled.rows(ARCHIVE_TABLES.entries))
    async with filled.engine.begin() as connection:
        page = await after.archive.search(connection, Query("第3句"))
        assert [entry.source_id for entry in page.entries] == ["m3"]
        assert (await purged(connection, after.archive, "amy"))["keys"] == 1


async def test_an_old_key_opens_nothing_that_was_resealed(filled: Shelf) -> None:
    """The one that became known, with a copy of the data keys of that time."""
    stolen = [filled.archive.vault.key_of(row) for row in await filled.rows(ARCHIVE_TABLES.keys)]
    while await step(filled.under(BOTH), reseal=True, limit=100) is not None:
        pass
    for row in await filled.rows(ARCHIVE_TABLES.entries):
        assert not any(_opens(key, row) for key in stolen)


async def test_erasing_halfway_through_takes_both_keys(filled: Shelf) -> None:
    rotating = filled.under(BOTH)
    await step(rotating, reseal=True, limit=1)
    async with filled.engine.begin() as connection:
        erased = [(await purged(connection, rotating.archive, name))["keys"] for name in PEOPLE]
    assert sorted(erased) == [1, 1, 2]


async def test_without_the_old_key_it_says_which_is_missing(filled: Shelf) -> None:
    with pytest.raises(KeyLost, match="'k1'"):
        await step(filled.under(NEW_ONLY), reseal=False, limit=9)


def test_every_table_with_sealed_values_is_known_to_the_rotation() -> None:
    holding = {
        table.name
        for table in METADATA.sorted_tables
        if "sealed" in table.c and isinstance(table.c.sealed.type, LargeBinary)
    }
    assert {each.table.name for each in ARCHIVE_TABLES.sealed} == holding


def _opens(key: DataKey, row: object) -> bool:
    [sealed] = [each for each in ARCHIVE_TABLES.sealed if each.table is ARCHIVE_TABLES.entries]
    try:
        key.open(sealed.place(row), row.sealed)  # type: ignore[arg-type,attr-defined] # a row of the entries
    except Exception:  # noqa: BLE001 - whatever it says, it does not open
        return False
    return True
