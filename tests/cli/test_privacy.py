"""Does an operator see all that is known of a person, and does it go when he says so, and only then?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from archive import Entry, Voice
from bot.archive_keys import open_ring
from bot.bootstrap import open_archive, utc_now
from bot.settings import load_settings
from bot.store.tables import conversations, inbox, outbox
from tests.cli.shop import CommandShop
from tests.cli.test_outbox import ASKED, SAID, fill

CUSTOMER = "corp/wm1"


@pytest.fixture
def known(migrated_shop: CommandShop) -> CommandShop:
    """A shop that knows one customer."""
    archive = open_archive(open_ring(load_settings(migrated_shop.config)), utc_now)

    async def write(engine: AsyncEngine) -> None:
        await fill(engine)
        entry = Entry(
            source="inbox:corp", source_id="m1", conversation_id=1, account="corp", customer="wm1",
            voice=Voice.CUSTOMER, kind="text", at=utc_now(), text=ASKED,
        )  # fmt: skip
        async with engine.begin() as connection:
            await archive.append(connection, [entry])

    migrated_shop.in_database(write)
    return migrated_shop


def test_all_that_is_known_is_readable(known: CommandShop, tmp_path: Path) -> None:
    found = known.ok("privacy", "export", CUSTOMER, "--json").json
    (name,) = found["known_as"]
    assert (name["account"], name["customer"]) == ("corp", "wm1")
    assert [each["text"] for each in name["said"]] == [ASKED]
    assert name["messages"][0]["body"]["text"] == ASKED
    assert SAID in json.dumps(name["sends"], ensure_ascii=False)
    assert name["turns"][0]["explanation"]["intent"] == "ask_human"
    out = tmp_path / "her.json"
    known.ok("privacy", "export", CUSTOMER, "--out", out)
    assert json.loads(out.read_text(encoding="utf-8")) == found
    assert "is there already" in known.run("privacy", "export", CUSTOMER, "--out", out).err


@pytest.mark.parametrize("command", ["export", "erase", "withdraw"])
@pytest.mark.parametrize("name", ["corp/nobody", "unionid-of-nobody", "7", "/", "corp/"])
def test_who_is_unknown_is_said(known: CommandShop, command: str, name: str) -> None:
    more = ["--yes"] if command == "erase" else []
    ran = known.run("privacy", command, name, *more)
    assert ran.code == 1
    assert "ACCOUNT/CUSTOMER" in ran.err


def test_nothing_goes_without_a_yes(known: CommandShop) -> None:
    ran = known.run("privacy", "erase", CUSTOMER)
    assert ran.code == 1
    assert "--yes" in ran.err
    assert known.ok("privacy", "export", CUSTOMER, "--json").json["known_as"]


def test_erasing_and_what_an_open_conversation_keeps(known: CommandShop) -> None:
    ran = known.ok("privacy", "erase", CUSTOMER, "--yes", "--json")
    (purge,) = ran.json
    assert (purge["why"], purge["state"]) == ("erase", "waiting")  # conversation 1 is open
    known.in_database(_close)
    (again,) = known.ok("privacy", "erase", CUSTOMER, "--yes", "--json").json
    assert (again["id"], again["state"]) == (purge["id"], "done")
    assert again["counts"]["entries"] == 1
    assert known.run("privacy", "export", CUSTOMER).code == 1
    assert known.in_database(_bodies) == [{}]


def test_what_she_agreed_to(known: CommandShop) -> None:
    assert "nothing is known" in known.ok("privacy", "consents", CUSTOMER).out
    known.ok("privacy", "consents", CUSTOMER, "--record", "Agree")
    (row,) = known.ok("privacy", "consents", CUSTOMER, "--json").json
    assert (row["status"], row["counterpart"], row["source"]) == ("Agree", "", "operator")
    known.in_database(_close)
    (purge,) = known.ok("privacy", "withdraw", CUSTOMER, "--json").json
    assert (purge["why"], purge["state"]) == ("withdrawn", "done")
    rows = known.ok("privacy", "consents", CUSTOMER, "--json").json  # the ledger outlives what it is about
    assert [(each["status"], each["source"]) for each in rows] == [("Agree", "operator"), ("Withdrawn", "customer")]


async def _close(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(conversations.update().values(state="closed", closed_at=utc_now()))
        await connection.execute(outbox.update().where(outbox.c.state == "pending").values(state="dead"))


async def _bodies(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.scalars(select(inbox.c.body)))
