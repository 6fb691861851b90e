"""Does the ledger still know everybody after its keys were rotated?"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from archive import KeyRing, Rotation
from archive.consent import Consent, Gate
from bot.archive_settings import ConsentSettings
from bot.bootstrap import ARCHIVE_TABLES, open_archive
from bot.consenting import build_consents
from tests.archive_keys import KEYS
from tests.consent.test_ledger import AMY, BOB, fact
from tests.store.counter import Clock


async def test_a_new_ring_and_new_data_keys(engine: AsyncEngine) -> None:
    clock = Clock()
    old = open_archive(KeyRing.of({"k1": KEYS["k1"]}, "k1"), clock)
    async with engine.begin() as connection:
        consents = build_consents(ARCHIVE_TABLES.consent, old.vault, ConsentSettings(), clock)
        await consents.record(connection, [fact(Consent.AGREE)])
    new = open_archive(KeyRing.of({"k1": KEYS["k1"], "k2": KEYS["k2"]}, "k2"), clock)
    rotation = Rotation(ARCHIVE_TABLES, new.vault)
    async with engine.begin() as connection:
        while await rotation.reseal(connection, limit=10) is not None:
            pass
        assert await rotation.left(connection) == 0
    async with engine.begin() as connection:
        consents = build_consents(ARCHIVE_TABLES.consent, new.vault, ConsentSettings(), clock)
        assert await consents.may(connection, Gate.TRAIN, [AMY, BOB]) == {AMY}
