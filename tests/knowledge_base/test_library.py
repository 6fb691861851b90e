"""Do scripts in SQL change only where they differ, and keep their history? On both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.tables import Instant
from knowledge_base import TO_BE_WRITTEN, Changes, Library, MoveRefused, NoSuchVersion, State, define
from tests.knowledge_base.samples import SHOP, script

AT = datetime(2026, 3, 1, tzinfo=UTC)
METADATA = MetaData()
TABLES = define(METADATA, Instant())
IDS = tuple(sorted(entry.id for entry in SHOP))


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as opened:
        await opened.run_sync(METADATA.create_all)
        for table in METADATA.sorted_tables:
            await opened.execute(table.delete())
        yield opened


@pytest.fixture
def library() -> Library:
    return Library(TABLES)


async def test_what_is_applied_is_loaded_and_again_changes_nothing(
    library: Library, connection: AsyncConnection
) -> None:
    assert await library.apply(connection, SHOP, at=AT, by="tests") == Changes(added=IDS)
    assert {entry.id: entry for entry in await library.load(connection)} == {entry.id: entry for entry in SHOP}
    again = await library.apply(connection, SHOP, at=AT + timedelta(days=1), by="tests")
    assert again == Changes(unchanged=IDS)
    assert again.nothing
    (only,) = await library.history(connection, "refund")
    assert (only.version, only.changed_at, only.changed_by, only.script) == (1, AT, "tests", SHOP[2])


async def test_a_change_makes_a_version_and_a_diff_does_not(library: Library, connection: AsyncConnection) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    changed = [replace(SHOP[0], title="新标题"), script("new", "新的问题")]
    expected = Changes(added=("new",), changed=(SHOP[0].id,))
    assert await library.diff(connection, changed) == expected
    assert (await library.load(connection))[-1].title == SHOP[0].title
    later = AT + timedelta(hours=1)
    assert await library.apply(connection, changed, at=later, by="someone") == expected
    first, second = await library.history(connection, SHOP[0].id)
    assert (first.version, first.changed_at, first.changed_by, first.script) == (1, AT, "tests", SHOP[0])
    assert (second.version, second.changed_at, second.changed_by, second.script.title) == (
        2,
        later,
        "someone",
        "新标题",
    )


async def test_a_pack_retires_what_it_no_longer_holds_and_can_bring_it_back(
    library: Library, connection: AsyncConnection
) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    changes = await library.apply(connection, SHOP[1:], at=AT, by="tests", prune=True)
    assert changes.retired == (SHOP[0].id,)
    states = {entry.id: entry.state for entry in await library.load(connection)}
    assert states[SHOP[0].id] == "retired"
    assert (await library.apply(connection, SHOP[1:], at=AT, by="tests", prune=True)).nothing
    assert (await library.apply(connection, SHOP, at=AT, by="tests", prune=True)).changed == (SHOP[0].id,)
    assert len(await library.history(connection, SHOP[0].id)) == 3


async def test_every_change_has_a_number_and_what_came_after_it_is_known(
    library: Library, connection: AsyncConnection
) -> None:
    assert (await library.last_change(connection), await library.since(connection, 0)) == (0, ())
    await library.apply(connection, SHOP, at=AT, by="tests")
    first = await library.last_change(connection)
    assert {entry.id for entry in await library.since(connection, 0)} == set(IDS)
    assert await library.since(connection, first) == ()
    await library.apply(connection, SHOP, at=AT, by="tests")
    assert await library.last_change(connection) == first  # nothing changed
    edited = replace(SHOP[0], owner="运营")
    await library.apply(connection, [edited], at=AT, by="tests")
    assert await library.since(connection, first) == (edited,)
    await library.move(connection, ["refund"], "retired", at=AT, by="tests")
    await library.restore(connection, SHOP[0].id, 1, at=AT, by="tests")
    assert await library.last_change(connection) == first + 3
    assert {entry.id: entry.state for entry in await library.since(connection, first + 1)} == {
        "refund": "retired",
        SHOP[0].id: "live",
    }


async def test_two_scripts_of_one_id_are_refused(library: Library, connection: AsyncConnection) -> None:
    with pytest.raises(ValueError, match="one id"):
        await library.apply(connection, [SHOP[0], SHOP[0]], at=AT, by="tests")
    assert await library.load(connection) == ()


async def test_a_script_goes_step_by_step_and_each_step_is_kept(library: Library, connection: AsyncConnection) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    steps: list[tuple[State, str]] = [
        ("review", "写好了"),
        ("live", "通过"),
        ("retired", "活动结束"),
        ("draft", "重写"),
    ]
    for number, (to, why) in enumerate(steps, start=1):
        await library.move(connection, ["hidden"], to, at=AT + timedelta(hours=number), by=f"同事{number}", why=why)
    history = await library.history(connection, "hidden")
    assert [each.script.state for each in history] == ["draft", "review", "live", "retired", "draft"]
    assert [(each.changed_by, each.why) for each in history[1:]] == [
        ("同事1", "写好了"),
        ("同事2", "通过"),
        ("同事3", "活动结束"),
        ("同事4", "重写"),
    ]


async def test_moving_moves_all_or_none(library: Library, connection: AsyncConnection) -> None:
    await library.apply(connection, [*SHOP, script("gap", "没写的", state="draft")], at=AT, by="tests")
    with pytest.raises(MoveRefused) as caught:
        await library.move(connection, ["refund", "hidden", "nobody"], "live", at=AT, by="tests")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["nobody", "hidden", "refund"]
    assert "review or retired" in str(caught.value)
    await library.move(connection, ["gap", "hidden"], "review", at=AT, by="tests")
    states = {entry.id: entry.state for entry in await library.load(connection)}
    assert (states["gap"], states["hidden"], states["refund"]) == ("review", "review", "live")


async def test_an_answer_to_be_written_goes_no_further_than_a_draft(
    library: Library, connection: AsyncConnection
) -> None:
    gap = script("gap", "没写的", state="draft", answers={"default": TO_BE_WRITTEN})
    await library.apply(connection, [gap], at=AT, by="tests")
    with pytest.raises(MoveRefused, match="still to be written"):
        await library.move(connection, ["gap"], "review", at=AT, by="tests")
    await library.move(connection, ["gap"], "retired", at=AT, by="tests")


async def test_an_old_version_comes_back_as_a_new_one(library: Library, connection: AsyncConnection) -> None:
    first = SHOP[0]
    await library.apply(connection, [first], at=AT, by="tests")
    await library.apply(connection, [replace(first, title="改坏了", state="draft")], at=AT, by="tests")
    await library.apply(connection, [replace(first, title="又改坏了")], at=AT, by="tests")
    made = await library.restore(connection, first.id, 1, at=AT, by="tests", why="改坏了")
    assert (made.version, made.restored_from, made.script) == (4, 1, first)
    assert await library.load(connection) == (first,)
    assert (await library.history(connection, first.id))[-1] == made
    draft = await library.restore(connection, first.id, 2, at=AT, by="tests")
    assert (draft.script.title, draft.script.state) == ("改坏了", "draft")
    live_once = await library.restore(connection, first.id, 3, at=AT, by="tests")
    assert live_once.script.state == "draft"


@pytest.mark.parametrize(("name", "version"), [("refund", 2), ("refund", 1), ("nobody", 1)])
async def test_only_earlier_versions_come_back(
    library: Library, connection: AsyncConnection, name: str, version: int
) -> None:
    await library.apply(connection, SHOP, at=AT, by="tests")
    with pytest.raises(NoSuchVersion, match=name):
        await library.restore(connection, name, version, at=AT, by="tests")


def test_defining_twice_gives_the_same_tables() -> None:
    assert define(METADATA, Instant()).scripts is TABLES.scripts
