"""Do files come whole or not at all, piece by piece, after the messages?"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Expired, KeyRing, Rotation
from archive.finance import Pieces
from benchmarks.finance.corp import CUSTOMER, NOON_MS, ROOM, ArchivedCorp
from bot.archive_settings import RetentionSettings
from bot.bootstrap import ARCHIVE_TABLES, open_archive
from bot.keeping import build_keeping
from tests.archive.purged import purged
from tests.archive_keys import KEYS
from tests.finance.reader import ACCOUNT, SETTINGS, TABLES, Reader, reading

PICTURE = bytes(range(256)) * 200  # 50 pieces of the tests' library
GOOD_MD5 = hashlib.md5(PICTURE, usedforsecurity=False).hexdigest()


def picture(corp: ArchivedCorp, *, md5: str = GOOD_MD5, file_id: str = "f1", size: int = len(PICTURE)) -> str:
    return corp.sends("image", {"image": {"md5sum": md5, "filesize": size, "sdkfileid": file_id}})


async def stored(reader: Reader) -> Mapping[str, object]:
    """The one file's row."""
    (row,) = await reader.rows(TABLES.media)
    found: Mapping[str, object] = row._mapping
    return found


async def content(reader: Reader, msgid: str) -> bytes:
    async with reader.engine.connect() as connection:
        (file,) = await reader.archiving.media.queue.of_message(connection, msgid)
        assert file.key_id is not None
        key = (await reader.archive.keys(connection, [file.key_id]))[file.key_id]
    pieces = Pieces(reader.archiving.media.folder / file.path, msgid, file.part)
    return b"".join(await asyncio.to_thread(lambda: list(pieces.read(file.pieces, key))))


@pytest.mark.parametrize("md5", [GOOD_MD5, GOOD_MD5.upper(), ""])
async def test_a_file_comes_whole_in_several_turns(reader: Reader, corp: ArchivedCorp, md5: str) -> None:
    """The platform may leave md5sum empty."""
    corp.has_file("f1", PICTURE)
    msgid = picture(corp, md5=md5)
    await reader.pull()
    assert await reader.fetch() == 4  # of 16 pieces
    row = await stored(reader)
    assert (row["state"], row["received"], row["account"], row["customer"]) == (
        "fetched", len(PICTURE), ACCOUNT, CUSTOMER
    )  # fmt: skip
    assert await content(reader, msgid) == PICTURE


async def test_a_file_lies_sealed_and_opens_after_its_key_was_rotated(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    msgid = picture(corp)
    await reader.pull()
    await reader.fetch()
    lying = [path.read_bytes() for path in reader.archiving.media.folder.rglob("*") if path.is_file()]
    assert lying
    assert not any(PICTURE[:64] in piece for piece in lying)
    ring = KeyRing.of({name: KEYS[name] for name in ("k1", "k2")}, "k2")
    archive = open_archive(ring, reader.clock)
    rotation = Rotation(ARCHIVE_TABLES, archive.vault)
    async with reader.engine.begin() as connection:
        while await rotation.reseal(connection, limit=100) is not None:
            pass
        assert await rotation.left(connection) == 0
    reader.archive = archive
    assert await content(reader, msgid) == PICTURE


async def test_a_fetch_goes_on_where_another_worker_stopped(
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path
) -> None:
    corp.has_file("f1", PICTURE)
    msgid = picture(corp)
    async with reading(engine, corp, tmp_path) as first:
        await first.pull()
        claim = await first.archiving.media.claim()
        assert claim is not None
        await first.archiving.media.fetch(claim)
        assert (await stored(first))["chunks"] == 16
        claim = await first.archiving.media.claim()  # and then it dies
        assert await first.archiving.media.claim() is None
        clock = first.clock
    clock.forward(SETTINGS.lease_s + 1)
    async with reading(engine, corp, tmp_path, clock=clock) as second:
        assert await second.fetch() == 3
        assert await content(second, msgid) == PICTURE


@pytest.mark.parametrize("nth", [1, 2, 3])
async def test_whoever_dies_at_a_piece_the_file_comes_whole(reader: Reader, corp: ArchivedCorp, nth: int) -> None:
    """Also at the last, after which the library would begin anew, and where no md5 tells that it did."""
    short = PICTURE[:2500]  # three pieces
    corp.has_file("f1", short)
    msgid = picture(corp, md5="", size=len(short))
    await reader.pull()
    written = itertools.count(1)

    def die(point: str) -> None:
        if point == "archive_piece_written" and next(written) == nth:
            raise Died

    claim = await reader.archiving.media.claim()
    assert claim is not None
    with pytest.raises(Died):
        await replace(reader.archiving.media, reached=die).fetch(claim)
    reader.clock.forward(SETTINGS.lease_s + 1)
    await reader.fetch()
    assert await content(reader, msgid) == short


class Died(Exception):  # noqa: N818 - reads as the fact it is
    """The process is gone."""


async def test_a_damaged_transfer_is_repeated_whole(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE, broken=1)
    msgid = picture(corp)
    await reader.pull()
    await reader.fetch()
    row = await stored(reader)
    assert (row["state"], row["attempts"], row["error"]) == ("pending", 1, "md5")
    reader.clock.forward(SETTINGS.backoff_s)
    await reader.fetch()
    assert (await stored(reader))["state"] == "fetched"
    assert await content(reader, msgid) == PICTURE


async def test_one_that_stays_damaged_is_given_up(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    picture(corp, md5="0" * 32)
    await reader.pull()
    for _ in range(SETTINGS.media_attempts):
        await reader.fetch()
        reader.clock.forward(SETTINGS.backoff_s)
    row = await stored(reader)
    assert (row["state"], row["error"]) == ("refused", "md5")
    assert not await asyncio.to_thread((reader.archiving.media.folder / ACCOUNT / "1").exists)


@pytest.mark.parametrize(
    ("file_id", "size", "why"), [("gone", 10, "code 10005"), ("f1", 10**9, "too_large"), ("f1", 0, "too_large")]
)
async def test_what_never_comes_is_refused(  # noqa: PLR0917 - pytest passes fixtures by name
    engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path, file_id: str, size: int, why: str
) -> None:
    """Also where the message did not say how large it is."""
    corp.has_file("f1", PICTURE)
    picture(corp, file_id=file_id, size=size)
    small = SETTINGS.model_copy(update={"media_bytes": 20_000})
    async with reading(engine, corp, tmp_path, settings=small) as reader:
        await reader.pull()
        await reader.fetch()
        row = await stored(reader)
        assert (row["state"], row["error"]) == ("refused", why)
        assert await reader.archiving.media.claim() is None


async def test_network_trouble_only_delays(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    picture(corp)
    await reader.pull()
    for _ in range(5):
        corp.tell("code", 10001)
        assert await reader.fetch() == 1
        reader.clock.forward(SETTINGS.backoff_cap_s)
    await reader.fetch()
    assert (await stored(reader))["state"] == "fetched"


async def test_a_file_that_kills_the_library_is_given_up(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    picture(corp)
    await reader.pull()
    corp.tell("abort", 1)
    for _ in range(SETTINGS.media_attempts):
        await reader.fetch()
        reader.clock.forward(SETTINGS.backoff_cap_s)
    row = await stored(reader)
    assert (row["state"], row["error"]) == ("refused", "killed")


async def test_messages_come_first(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    picture(corp)
    await reader.pull()
    held = await reader.archiving.puller.claim_now(ACCOUNT)
    assert held is not None
    assert await reader.archiving.media.claim() is None
    await reader.archiving.puller.pull(held)
    assert await reader.archiving.media.claim() is not None


async def test_files_inside_records_are_fetched_too(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    inner = f'{{"md5sum":"{GOOD_MD5}","filesize":{len(PICTURE)},"sdkfileid":"f1"}}'
    items = [{"type": "text", "content": '{"content":"看这个"}'}, {"type": "image", "content": inner}]
    corp.sends("mixed", {"mixed": {"item": items}}, room=ROOM)
    await reader.pull()
    await reader.fetch()
    row = await stored(reader)
    assert (row["state"], row["kind"], row["room"], row["part"]) == ("fetched", "image", ROOM, 0)


async def test_a_customers_files_go_with_her(reader: Reader, corp: ArchivedCorp) -> None:
    corp.has_file("f1", PICTURE)
    picture(corp)
    await reader.pull()
    await reader.fetch()
    assert await _purge(reader) == [(ACCOUNT, 1)]
    assert await reader.rows(TABLES.media) == []


async def _purge(reader: Reader) -> list[tuple[str, int]]:
    """Which files are to be removed from the disk."""
    removed: list[tuple[str, int]] = []

    async def remove(files: Sequence[tuple[str, int]]) -> None:
        removed.extend(files)

    async with reader.engine.begin() as connection:
        await purged(connection, reader.archive, CUSTOMER, account=ACCOUNT, remove_files=remove)
    return removed


async def test_files_go_before_their_words_which_say_until_when_they_were_kept(
    reader: Reader, corp: ArchivedCorp, tmp_path: Path
) -> None:
    corp.has_file("f1", PICTURE)
    msgid = picture(corp)
    old = NOON_MS - 8 * 86_400_000
    corp.sends("image", {"image": {"md5sum": "", "filesize": 9, "sdkfileid": "gone"}}, at_ms=old)
    corp.has_file("f2", PICTURE)
    corp.sends("image", {"image": {"md5sum": GOOD_MD5, "filesize": len(PICTURE), "sdkfileid": "f2"}}, at_ms=old)
    await reader.pull()
    await reader.fetch()
    retention = RetentionSettings(session_archive_days=9, files_days=7)
    keeping = build_keeping(retention, tmp_path, reader.engine, reader.archive, reader.clock)
    assert await keeping.expire() == Expired(files=2)
    async with reader.engine.connect() as connection:
        entries = await reader.archive.entries(connection, [1, 2, 3])
    media: list[Any] = [entry.body["media"] for entry in entries]
    kept, never, went = ([each.get("kept_until") for each in files] for files in media)
    assert (kept, never, went) == ([None], [None], [reader.clock().isoformat()])
    assert [row.msgid for row in await reader.rows(TABLES.media)] == [msgid]
    assert await content(reader, msgid) == PICTURE
    folders = [each.name for each in (tmp_path / "archive" / "media" / ACCOUNT).iterdir()]
    assert folders == ["1"]
    reader.clock.forward(2 * 86_400)
    assert await keeping.expire() == Expired(entries=2)  # nothing is left of their files
    reader.clock.forward(8 * 86_400)
    assert await keeping.expire() == Expired(entries=1, files=1)
    assert list((tmp_path / "archive" / "media" / ACCOUNT).iterdir()) == []


async def test_without_wanting_files_none_are_noted(engine: AsyncEngine, corp: ArchivedCorp, tmp_path: Path) -> None:
    picture(corp)
    async with reading(engine, corp, tmp_path, settings=SETTINGS.model_copy(update={"media": False})) as reader:
        await reader.pull()
        assert await reader.rows(TABLES.media) == []


async def test_a_file_that_is_purged_while_it_is_fetched_leaves_nothing(
    reader: Reader, corp: ArchivedCorp, tmp_path: Path
) -> None:
    data = bytes(1_000)
    corp.has_file("f1", data)
    corp.sends("image", {"image": {"filesize": len(data), "sdkfileid": "f1"}})
    await reader.pull()
    claim = await reader.archiving.media.claim()
    assert claim is not None
    await _purge(reader)
    await reader.archiving.media.fetch(claim)
    assert await reader.rows(ARCHIVE_TABLES.keys) == []  # no new key for somebody who is gone
    assert [each for each in (tmp_path / "archive").rglob("*") if each.is_file()] == []
