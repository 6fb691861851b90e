"""Who has a customer whom an agent takes at the workbench when the process that answers her dies?"""

from __future__ import annotations

import signal

import aiohttp
import pytest
from sqlalchemy import select

from bot.phrases import default_phrases
from bot.store.tables import conversations
from tests.faults import people
from tests.faults.conftest import Open
from tests.faults.installation import LEASE_S, REST_S, Installation
from tests.faults.people import FIRST, SECOND

# Five processes, one after another.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


async def test_a_claim_whose_answer_never_came_is_undone_or_done_and_the_next_click_is_told(opened: Open) -> None:
    shop = await opened(lease_s=LEASE_S, customers=("mei",), routing=people.unhurried)
    doomed = await shop.start("before_claim_commit")
    await people.it_is_offered(shop)
    await _gets_no_answer(shop, FIRST)
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await people.is_sound(shop)
    assert await _owner(shop) == ("queue", None)
    assert await people.is_called(shop, FIRST)
    await shop.leases_lapse()

    doomed = await shop.start("after_claim_commit")
    await _gets_no_answer(shop, FIRST)
    assert await doomed.ends(REST_S) == -signal.SIGKILL
    await shop.leases_lapse()
    for point in ("session_claimed", "session_tried"):
        await people.is_sound(shop)
        assert await _owner(shop) == ("agent", FIRST)
        await shop.dies(point)

    heir = await shop.start()
    shop.up.set()
    say = default_phrases().say
    assert say("refusals.already_yours") in await _takes(shop, FIRST)
    told = await _takes(shop, SECOND)
    assert say("refusals.not_waiting") in told
    assert "李娜" in told
    await shop.until(lambda: people.serves(shop, FIRST))
    await shop.until(lambda: people.rests(shop))
    assert await heir.stop() == 0
    await people.is_sound_at_rest(shop, hears=2)


async def _takes(shop: Installation, agent: str) -> str:
    """She clicks 接单; the page that follows."""
    (ticket,) = await shop.rows(select(people.tickets.c.id))
    return await shop.at_workbench(agent, f"tickets/{ticket.id}/accept")


async def _gets_no_answer(shop: Installation, agent: str) -> None:
    with pytest.raises(aiohttp.ClientError):
        await _takes(shop, agent)


async def _owner(shop: Installation) -> tuple[str, str | None]:
    (row,) = await shop.rows(select(conversations.c.owner, conversations.c.agent))
    return row.owner, row.agent
