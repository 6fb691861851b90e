"""Is what was said kept once, in order, unreadable to who has the database only, and gone when it is erased?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import KeyLost, KeyRing, Unsealable, Voice
from bot.bootstrap import ARCHIVE_TABLES
from tests.archive.purged import purged
from tests.archive.shelf import NOON, Shelf, said
from tests.archive_keys import KEYS
from tests.databases import ON_SQLITE

ENTRIES, ARCHIVE_KEYS = ARCHIVE_TABLES.entries, ARCHIVE_TABLES.keys


async def test_what_was_appended_is_read_back(shelf: Shelf) -> None:
    line = said(1, "我要退货\0", who="", body={"media": [{"kind": "image", "media_id": "M1"}]}, room="r1", session_id=7)
    await shelf.append(line)
    [found] = await shelf.transcript()
    assert found.id is not None
    assert replace(found, id=None) == line


async def test_a_repeat_changes_nothing(shelf: Shelf) -> None:
    await shelf.append(said(1, "第一次"))
    await shelf.append(said(1, "第二次"), said(2, "下一句"))
    assert await shelf.texts() == ["第一次", "下一句"]


async def test_a_transcript_is_the_newest_lines_oldest_first(shelf: Shelf) -> None:
    await shelf.append(*[said(number, str(number)) for number in (3, 1, 4, 2)], said(9, "其他", conversation_id=2))
    assert await shelf.texts() == ["1", "2", "3", "4"]
    assert [line.text for line in await shelf.transcript(limit=2)] == ["3", "4"]


async def test_a_customer_has_one_transcript_across_channels(shelf: Shelf) -> None:
    await shelf.append(
        said(1, "公众号"),
        said(2, "微信客服", account="corp", source="inbox:corp", customer="wmAmy", conversation_id=2),
        said(3, "别人", customer="bob", conversation_id=3),
        said(4, "群里", account="corp", source="wecom_archive", customer="wmAmy", room="r1", conversation_id=None),
    )
    hers = ("shop", "amy"), ("corp", "wmAmy")
    found = await shelf.of_customer(*hers)
    assert [line.text for line in found] == ["公众号", "微信客服", "群里"]
    newest = await shelf.of_customer(*hers, limit=2)
    assert [line.text for line in newest] == ["微信客服", "群里"]
    assert newest[0].id is not None
    older = await shelf.of_customer(*hers, limit=2, before=(newest[0].at, newest[0].id))
    assert [line.text for line in older] == ["公众号"]


async def test_her_last_conversation_is_the_one_in_which_something_was_said_last(shelf: Shelf) -> None:
    await shelf.append(
        said(1, "公众号", conversation_id=2),
        said(2, "再来", conversation_id=1),
        said(3, "别人", customer="bob", conversation_id=3),
        said(4, "群里", source="wecom_archive", room="r1", conversation_id=None),
    )
    async with shelf.engine.connect() as connection:
        assert await shelf.archive.last_conversation(connection, "shop", "amy") == 1
        assert await shelf.archive.last_conversation(connection, "corp", "amy") is None


async def test_settled_entries_are_fresh_no_longer(shelf: Shelf) -> None:
    await shelf.append(*[said(number, str(number)) for number in range(1, 5)])
    async with shelf.engine.begin() as connection:
        fresh = await shelf.fresh(connection)
        await shelf.archive.settle(connection, [line.id for line in fresh if line.id is not None][:2])
        assert [line.text for line in fresh] == ["1", "2", "3", "4"]
        assert [line.text for line in await shelf.fresh(connection)] == ["3", "4"]


async def test_recalled_and_withdrawn(shelf: Shelf) -> None:
    await shelf.append(said(1), said(2))
    async with shelf.engine.begin() as connection:
        assert await shelf.archive.recall(connection, "inbox:shop", ["m1", "m3"]) == {"m1"}
        assert await shelf.archive.withdraw(connection, "inbox:shop", "m2")
        assert not await shelf.archive.withdraw(connection, "inbox:shop", "m3")
    assert [line.recalled for line in await shelf.transcript()] == [True]


# ── at rest ──────────────────────────────────────────────────────────────────────────────────


async def test_no_words_are_in_any_column(shelf: Shelf) -> None:
    await shelf.append(said(1, "我的手机号是13812345678", body={"note": "收件人李雷"}))
    held = await shelf.everything()
    for words in ("13812345678", "手机号", "李雷", "note"):
        assert words not in held
        assert words.encode().hex() not in held


@ON_SQLITE
async def test_no_words_and_no_erased_key_are_in_the_file(shelf: Shelf, database_folder: Path) -> None:
    await shelf.append(said(1, "我的手机号是13812345678", body={"note": "收件人李雷"}))
    [key] = await shelf.rows(ARCHIVE_KEYS)
    assert bytes(key.wrapped) in _bytes(database_folder)
    async with shelf.engine.begin() as connection:
        await purged(connection, shelf.archive, "amy")
    await shelf.engine.dispose()  # the last one out merges the log into the file
    everything = _bytes(database_folder)
    assert bytes(key.wrapped) not in everything
    for words in ("13812345678", "手机号", "李雷"):
        assert words.encode() not in everything


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("xiaoer.db*"))


async def test_each_customer_and_each_group_has_a_key(shelf: Shelf) -> None:
    await shelf.append(
        said(1),
        said(2, customer="bob"),
        said(3, customer="", room="r1"),
        said(4, customer="amy", room="r1"),
        said(5, account="corp", customer="amy"),
        said(6, customer=""),
    )
    assert {row.subject for row in await shelf.rows(ARCHIVE_KEYS)} == {
        "shop/c/amy", "shop/c/bob", "shop/r/r1", "corp/c/amy", "shop/c/",
    }  # fmt: skip


async def test_erasing_a_customer_leaves_nothing_of_her(shelf: Shelf) -> None:
    await shelf.append(said(1), said(2), said(3, customer="bob"))
    kept = await shelf.rows(ENTRIES)
    async with shelf.engine.begin() as connection:
        assert await purged(connection, shelf.archive, "amy") == {"entries": 2, "keys": 1}
        assert await purged(connection, shelf.archive, "amy") == {}
    assert [line.customer for line in await shelf.transcript()] == ["bob"]
    await shelf.append(said(4, "又来了"))
    assert [line.text for line in await shelf.of_customer(("shop", "amy"))] == ["又来了"]
    # a copy of what was erased, from a backup say, opens no more, though she has a key again
    async with shelf.engine.begin() as connection:
        await connection.execute(ENTRIES.insert().values(**{**kept[0]._mapping, "id": 99}))
    assert [line.text for line in await shelf.of_customer(("shop", "amy"))] == ["又来了"]


async def test_what_is_said_in_a_transaction_that_fails_leaves_no_key_behind(shelf: Shelf) -> None:
    connection = await shelf.engine.connect()
    await shelf.archive.append(connection, [said(1)])
    await connection.rollback()
    await connection.close()
    await shelf.append(said(2, customer="bob"), said(3))
    assert await shelf.texts() == ["多久发货", "多久发货"]


async def test_what_was_altered_comes_back_damaged_and_stops_nothing(shelf: Shelf) -> None:
    await shelf.append(said(1, "一"), said(2, "二"), said(3, "三"))
    one, two, _ = await shelf.rows(ENTRIES)
    async with shelf.engine.begin() as connection:  # the second one's words into the first
        await connection.execute(update(ENTRIES).where(ENTRIES.c.id == one.id).values(sealed=two.sealed))
    found = await shelf.transcript()
    assert [(line.text, line.damaged) for line in found] == [("", True), ("二", False), ("三", False)]


async def test_sealing_what_is_derived(shelf: Shelf) -> None:
    await shelf.append(said(1))
    async with shelf.engine.begin() as connection:
        hers = await shelf.archive.seal_for(connection, "shop", "amy")
        sealed = hers.seal(b"result 1", "退货".encode())
        assert (await shelf.archive.keys(connection, [hers.id]))[hers.id].open(b"result 1", sealed).decode() == "退货"
        await purged(connection, shelf.archive, "amy")
        assert await shelf.archive.keys(connection, [hers.id]) == {}


# ── the key ring ─────────────────────────────────────────────────────────────────────────────


async def test_a_key_that_is_missing_or_another_one_is_named_at_the_start(shelf: Shelf) -> None:
    await shelf.append(said(1))
    wrong = KeyRing.of({"k1": KEYS["k2"]}, "k1")
    newer = KeyRing.of({"k1": KEYS["k1"], "k2": KEYS["k2"]}, "k2")
    async with shelf.engine.begin() as connection:
        await shelf.under(newer).archive.vault.check(connection)
        with pytest.raises(KeyLost, match="'k1'"):
            await shelf.under(KeyRing.of({"k2": KEYS["k2"]}, "k2")).archive.vault.check(connection)
        with pytest.raises(Unsealable, match="'k1' is not the one that it was"):
            await shelf.under(wrong).archive.vault.check(connection)


async def test_under_a_newer_key_old_and_new_words_are_read(shelf: Shelf) -> None:
    await shelf.append(said(1, "旧"))
    newer = shelf.under(KeyRing.of({"k1": KEYS["k1"], "k2": KEYS["k2"]}, "k2"))
    await newer.append(said(2, "新"), said(3, "别人", customer="bob"))
    assert await newer.texts() == ["旧", "新", "别人"]
    assert [row.kek for row in await shelf.rows(ARCHIVE_KEYS)] == ["k1", "k2"]
    with pytest.raises(KeyLost, match="'k2'"):
        await shelf.texts()


async def test_recorded_when_it_came(engine: AsyncEngine) -> None:
    shelf = Shelf(engine, now=NOON + timedelta(hours=3))
    await shelf.append(said(1, voice=Voice.BOT))
    [row] = await shelf.rows(ENTRIES)
    assert (row.at, row.recorded_at, row.fresh) == (NOON + timedelta(minutes=1), NOON + timedelta(hours=3), 1)


# ── side by side ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_erases_waits_for_who_writes_of_her(shelf: Shelf) -> None:
    """Else the line would be written under a key that is gone, and stay."""
    await shelf.append(said(1))

    async def erase() -> dict[str, int]:
        async with shelf.engine.begin() as connection:
            return await purged(connection, shelf.archive, "amy")

    async with shelf.engine.begin() as writing:
        await shelf.archive.append(writing, [said(2)])
        erasing = asyncio.create_task(erase())
        while not await _somebody_waits(shelf.engine):
            assert not erasing.done()
    assert await erasing == {"entries": 2, "keys": 1}
    assert await shelf.rows(ENTRIES) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_that_write_of_a_new_customer_use_one_key(shelf: Shelf) -> None:
    async def write(number: int) -> None:
        await shelf.append(said(number), said(number + 100, customer="bob"))

    await asyncio.gather(*map(write, range(4)))
    assert len(await shelf.rows(ARCHIVE_KEYS)) == 2
    assert len(await shelf.texts()) == 8


async def _somebody_waits(engine: AsyncEngine) -> bool:
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with engine.connect() as connection:
        return bool((await connection.execute(query)).scalar_one())
