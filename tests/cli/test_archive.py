"""What do people get to see of the archive from the command line, and what is written down about it?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Archive, KeyRing
from bot.archive_keys import OWN
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from tests.archive.shelf import said
from tests.archive_keys import KEYS
from tests.cli.shop import CommandShop

OWN_KEY_FILE = "[archive]\n"
LONG_AGO = datetime(2019, 3, 1, 4, tzinfo=UTC)


def _archive(shop: CommandShop) -> Archive:
    key = (shop.folder / "var" / "archive.key").read_text().strip()
    return open_archive(KeyRing.of({OWN: key}, OWN), utc_now)


@pytest.fixture
def talked(shop: CommandShop) -> CommandShop:
    """Amy left her number, Bob asked long ago; under a key file."""
    shop.open(OWN_KEY_FILE)
    shop.ok("migrate")
    archive = _archive(shop)

    async def fill(engine: AsyncEngine) -> None:
        async with engine.begin() as connection:
            lines = [
                said(1, "我的电话13812345678，什么时候发货", at=datetime(2026, 3, 2, tzinfo=UTC)),
                said(2, "发货了吗", customer="bob", at=LONG_AGO),
            ]
            await archive.append(connection, lines)
            ids = list(await connection.scalars(select(ARCHIVE_TABLES.entries.c.id)))
            await archive.index(connection, await archive.entries(connection, ids))

    shop.in_database(fill)
    return shop


def _views(shop: CommandShop) -> list[tuple[str, str]]:
    async def read(engine: AsyncEngine) -> list[tuple[str, str]]:
        views = ARCHIVE_TABLES.views
        async with engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(select(views.c.reason, views.c.query))]

    return shop.in_database(read)


def test_what_is_found_is_masked(talked: CommandShop) -> None:
    [hers] = talked.ok("archive", "search", "发货 电话", "--json").json
    assert (hers["customer"], hers["text"]) == ("amy", "我的电话〔电话〕，什么时候发货")
    assert [row["customer"] for row in talked.ok("archive", "search", "发货", "--json").json] == ["bob", "amy"]
    assert (
        talked.ok("archive", "search", "发货", "--since", "2026-03-02", "--until", "2026-03-02").out.count("amy") == 1
    )
    assert "nothing found" in talked.ok("archive", "search", "没说过").out
    assert _views(talked) == []


def test_unmasked_words_need_a_reason_that_is_written_down(talked: CommandShop) -> None:
    assert "--reason" in talked.refused("archive", "search", "发货", "--unmasked")
    out = talked.ok("archive", "search", "发货", "--unmasked", "--reason", "客诉 17").out
    assert "13812345678" in out
    [(reason, query)] = _views(talked)
    assert reason == "客诉 17"
    assert re.fullmatch(r"[0-9a-f]{64}", query)


def test_nothing_is_exported_of_people_who_did_not_agree(talked: CommandShop) -> None:
    for form, out in (("jsonl", ""), ("csv", "id,at,account")):
        ran = talked.ok("archive", "export", "--format", form)
        assert ran.out.startswith(out)
        assert "发货" not in ran.out
        assert "0 exported, 2 withheld" in ran.err


def test_a_day_that_is_none_is_named(talked: CommandShop) -> None:
    assert "--since 2026-13-01" in talked.refused("archive", "search", "发货", "--since", "2026-13-01")


def test_what_is_too_old_goes(talked: CommandShop) -> None:
    assert "removed 1 entries" in talked.ok("archive", "expire").out
    assert [row["customer"] for row in talked.ok("archive", "search", "发货", "--json").json] == ["amy"]


@pytest.mark.parametrize("more", [(), ("--reseal",)])
def test_keys_are_rotated_and_the_old_one_may_leave(talked: CommandShop, more: tuple[str, ...]) -> None:
    talked.open(f'[archive]\nkey = "k1"\nkeys = {{k1 = "{KEYS["k1"]}"}}\n')
    assert "under the key 'k1'" in talked.ok("archive", "rotate-keys", *more).out
    (talked.folder / "var" / "archive.key").unlink()
    assert len(talked.ok("archive", "search", "发货", "--json").json) == 2
    assert "sealed under the key 'k1', 1 in the ring" in talked.run("doctor").out


def test_a_lost_or_foreign_key_is_named(talked: CommandShop) -> None:
    file = talked.folder / "var" / "archive.key"
    assert f"sealed under the key in {file}" in talked.run("doctor").out
    file.unlink()
    assert f"the key file {file} is gone" in talked.run("doctor").out
    assert not file.exists()
    assert "'file' is not the one that it was" in talked.refused("archive", "search", "发货")
    talked.open(f'[archive]\nkey = "k1"\nkeys = {{k1 = "{KEYS["k1"]}"}}\n')
    file.unlink()
    assert "archive.keys.file" in talked.refused("archive", "search", "发货")
