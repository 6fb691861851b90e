"""Is anything lost, kept twice or left behind when processes die at what the archive does? Real ones, by kill -9.

One process after another dies, each at the next point of the story, and takes up what the one before it left: what was
said is read, its file fetched, its customer tagged; then she withdraws, and all of it goes.
"""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select, update

from archive.consent import Consent, ConsentFact
from archive.finance import Pieces
from benchmarks.finance.corp import ArchivedCorp
from bot.archive_settings import ConsentSettings
from bot.archiving import MEDIA_FOLDER
from bot.bootstrap import ARCHIVE_TABLES, open_archive, utc_now
from bot.consenting import build_consents
from bot.store.tables import conversations
from bot.tagging.tables import tag_follows, tag_targets
from tests.archive_keys import TEST_RING
from tests.faults.conftest import Open
from tests.faults.installation import KF, LEASE_S, REST_S, Installation
from tests.faults.people import CORP
from tests.traces import all_that_is_kept, traces_of

# Seven processes, one after another.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

CANARY: Final = "紫色犀牛"
VOICE: Final = CANARY.encode() * 200  # three pieces of the tests' library
PURGES, MEDIA, ENTRIES = ARCHIVE_TABLES.consent.purges, ARCHIVE_TABLES.finance.media, ARCHIVE_TABLES.entries
MARK, TAG = "/cgi-bin/externalcontact/mark_tag", "时效敏感"
TAGS: Final = f"""\
version: 1
groups: {{习惯: {{}}}}
tags:
  - {{name: {TAG}, group: 习惯, appears: 0.6, clues: [{{topics: [常见问题], weight: 0.7, each: message}}]}}
"""


async def test_what_was_said_comes_once_is_tagged_once_and_goes_whole(opened: Open, corp: ArchivedCorp) -> None:
    shop = await opened(lease_s=LEASE_S, customers=("mei",), archive=corp, files={"tags.yaml": TAGS})
    said = _she_talks(shop, corp, "一", "二", "三")
    msgid = _she_sends_her_voice(shop, corp)

    await shop.dies("before_archive_page_commit")
    assert await _kept(shop) == ([], 0)
    await shop.dies("after_archive_page_commit")
    said.append("[语音] 3秒")
    assert await _kept(shop) == (said, 4)
    said += _she_talks(shop, corp, "四")  # while nobody is at home
    await shop.dies("archive_piece_written", 3)  # the last one
    assert await _pieces(shop) == (2, 3)  # noted, and on the disk

    doomed = await shop.start("tags.attempted")
    shop.platforms.customer_adds_member("mei", CORP, "lina")
    shop.writes("mei", KF, "多久发货")
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await shop.leases_lapse()
    assert (_card(shop), _marks(shop)) == ((), 0)
    await shop.dies("tags.marked")
    assert (_card(shop), _marks(shop)) == ((TAG,), 1)

    doomed = await shop.start("purge.removed", 2)
    await shop.until(lambda: _is_confirmed(shop, others=0))
    assert (_card(shop), _marks(shop)) == ((TAG,), 2)  # the same again: nobody can know that it was done
    shop.platforms.member_tags_customer("lina", CORP, "mei", "手工", "老客")
    await shop.until(lambda: _is_confirmed(shop, others=1))
    assert await shop.rows(select(ARCHIVE_TABLES.tags.tags.c.state, ARCHIVE_TABLES.tags.tags.c.by)) == [("active", "")]
    assert await _kept(shop) == (said, 5)
    assert await _voice(shop, msgid) == VOICE

    await _she_withdraws(shop)
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await shop.leases_lapse()
    [purge] = await shop.rows(select(PURGES))
    assert (purge.state, purge.counts != {}) == ("due", True)  # the first step is done, the second is not

    heir = await shop.start()
    shop.up.set()
    await shop.until(lambda: _is_forgotten(shop))
    assert await heir.stop() == 0
    assert traces_of(_mei(shop), await all_that_is_kept(shop.engine, shop.folder), CANARY) == []
    assert _card(shop) == ("老客",)
    assert _marks(shop) == 3
    [purge] = await shop.rows(select(PURGES))
    assert (purge.state, purge.why, purge.customer) == ("done", "withdrawn", "")
    assert (purge.counts["entries"], purge.counts["files"], purge.counts["tags"]) == (len(said) + 2, 1, 1)


def _mei(shop: Installation) -> Any:
    return shop.platforms.customer("mei")


def _she_talks(shop: Installation, corp: ArchivedCorp, *words: str) -> list[str]:
    """She says this to 李娜 in WeCom; the texts."""
    texts = [f"{CANARY}{each}" for each in words]
    for text in texts:
        corp.says(text, speaker=_mei(shop).external_userid, to="lina", at_ms=_now_ms())
    return texts


def _she_sends_her_voice(shop: Installation, corp: ArchivedCorp) -> str:
    """A file whose md5 the platform leaves out; its msgid."""
    corp.has_file("f1", VOICE)
    voice = {"voice": {"md5sum": "", "voice_size": len(VOICE), "play_length": 3, "sdkfileid": "f1"}}
    return corp.sends("voice", voice, speaker=_mei(shop).external_userid, to="lina", at_ms=_now_ms())


def _now_ms() -> int:
    return int(utc_now().timestamp() * 1000)


async def _she_withdraws(shop: Installation) -> None:
    """And her conversation with the bot is over."""
    await shop.comes(update(conversations).values(updated_at=utc_now() - timedelta(days=3)))
    record = open_archive(TEST_RING, utc_now)
    consents = build_consents(ARCHIVE_TABLES.consent, record.vault, ConsentSettings(), utc_now)
    fact = ConsentFact(CORP, _mei(shop).external_userid, "", Consent.WITHDRAWN, utc_now(), "customer")
    async with shop.engine.begin() as connection:
        await consents.record(connection, [fact])


async def _kept(shop: Installation) -> tuple[list[str], int]:
    """The texts that the session archive brought, in order, and up to which number it is read."""
    rows = await shop.rows(select(ENTRIES.c.id).where(ENTRIES.c.source == "wecom_archive").order_by(ENTRIES.c.id))
    async with shop.engine.connect() as connection:
        entries = await open_archive(TEST_RING, utc_now).entries(connection, [row.id for row in rows])
    (seq,) = await shop.rows(select(ARCHIVE_TABLES.finance.pulls.c.seq))
    return [entry.text for entry in entries], seq.seq


async def _pieces(shop: Installation) -> tuple[int, int]:
    (row,) = await shop.rows(select(MEDIA.c.chunks))
    folder = shop.folder / MEDIA_FOLDER
    return row.chunks, len(await asyncio.to_thread(lambda: [each for each in folder.rglob("*") if each.is_file()]))


async def _voice(shop: Installation, msgid: str) -> bytes:
    """The file as it lies there."""
    (row,) = await shop.rows(select(MEDIA))
    assert row.state == "fetched"
    async with shop.engine.connect() as connection:
        key = (await open_archive(TEST_RING, utc_now).keys(connection, [row.key_id]))[row.key_id]
    pieces = Pieces(shop.folder / MEDIA_FOLDER / row.path, msgid, row.part)
    return b"".join(await asyncio.to_thread(lambda: list(pieces.read(row.chunks, key))))


def _card(shop: Installation) -> tuple[str, ...]:
    return shop.platforms.tags_of(CORP, "lina", "mei")


def _marks(shop: Installation) -> int:
    return sum(count for (path, _), count in shop.platforms.calls.items() if path == MARK)


async def _is_confirmed(shop: Installation, *, others: int) -> bool:
    """We know what stands on her card: ours, and so many tags of others."""
    targets = await shop.rows(select(tag_targets.c.state))
    follows = await shop.rows(select(tag_follows.c.written, tag_follows.c.others))
    files = await shop.rows(select(MEDIA.c.state))
    known = [tuple(row) for row in follows] == [([TAG], others)]
    return known and {row.state for row in targets} == {"done"} and {row.state for row in files} == {"fetched"}


async def _is_forgotten(shop: Installation) -> bool:
    """The purge is over, and the platform has confirmed that our tags are gone; what waits is due at once."""
    waits = update(PURGES).where(PURGES.c.state == "waiting").values(ready_at=utc_now())
    await shop.comes(waits, rings=False)
    left = await shop.rows(select(func.count()).select_from(PURGES).where(PURGES.c.state != "done"))
    return left[0][0] == 0 and not await shop.rows(select(tag_targets.c.customer))
