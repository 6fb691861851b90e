"""Does history of somebody who withdrew stay outside?"""

from __future__ import annotations

import json

from sqlalchemy.ext.asyncio import AsyncEngine

from archive.consent import Consent, ConsentFact
from bot.archive_keys import open_ring
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.consenting import build_consents
from bot.settings import load_settings
from tests.cli.shop import CommandShop


def test_history_of_who_withdrew_is_withheld(migrated_shop: CommandShop) -> None:
    settings = load_settings(migrated_shop.config)
    archive = open_archive(open_ring(settings), utc_now)

    async def withdraw(engine: AsyncEngine) -> None:
        consents = build_consents(ARCHIVE_TABLES.consent, archive.vault, settings.archive.consent, utc_now)
        async with engine.begin() as connection:
            fact = ConsentFact("shop", "amy", "", Consent.WITHDRAWN, utc_now(), "customer")
            await consents.record(connection, [fact])

    migrated_shop.in_database(withdraw)
    file = migrated_shop.folder / "old.jsonl"
    rows = [
        {"account": "shop", "customer": who, "role": "customer", "text": "你好", "at": "2026-01-01T10:00:00+08:00"}
        for who in ("amy", "bob")
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    imported = migrated_shop.ok("archive", "import", file, "--format", "jsonl", "--json").json
    assert (imported["added"], imported["withheld"], imported["refused"]) == (1, 1, 0)
