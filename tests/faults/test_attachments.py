"""Is a picture uploaded once and shown once when the process dies between the two? A real one, by kill -9."""

from __future__ import annotations

import signal

import pytest
from sqlalchemy import func, select

from bot.store.tables import outbox
from tests.faults.conftest import Open
from tests.faults.installation import DEATH_S, KF, LEASE_S, SHOP, Installation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]  # two processes, one after the other


@pytest.mark.parametrize("blank_database_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("place", [KF, SHOP])
async def test_a_death_between_upload_and_send_shows_the_picture_once(opened: Open, place: str) -> None:
    shop = await opened(lease_s=LEASE_S, customers=("mei",))
    doomed = await shop.start("after_upload", 1)
    await shop.until_reached(doomed, "after_page_commit")
    shop.writes("mei", place, "会员有什么权益")
    assert await doomed.ends(DEATH_S) == -signal.SIGKILL
    await shop.leases_lapse()
    assert [line.msgtype for line in shop.platforms.seen_by("mei")] == ["text"]
    heir = await shop.start()
    shop.up.set()
    await shop.until(lambda: _has_sent(shop, 2))
    assert await heir.stop() == 0
    assert [line.msgtype for line in shop.platforms.seen_by("mei")] == ["text", "image"]
    assert shop.platforms.calls["/cgi-bin/media/upload", 0] == 1


async def _has_sent(shop: Installation, wanted: int) -> bool:
    sent = select(func.count()).select_from(outbox).where(outbox.c.kind == "send", outbox.c.state == "sent")
    return bool((await shop.rows(sent))[0][0] >= wanted)
