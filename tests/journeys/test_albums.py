"""I6, I5: is an album, whose pictures all arrive at once, one conversation, each picture stored once, in order?"""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.simulator import Fault, FaultKind
from bot.simulator.sample import sample_png
from bot.store.tables import conversations
from tests.journeys.conftest import OpenStage
from tests.stage import KF, SHOP, Options, Stage

PICTURES, WORKERS = 9, 4  # as many as WeChat sends at once


async def works(stage: Stage) -> None:
    """All workers at it side by side, until the platform has delivered everything and nothing is left to do."""
    delivering = asyncio.create_task(stage.platforms.settled())
    while not delivering.done():
        await asyncio.gather(*(stage.work() for _ in range(WORKERS)))
    await stage.settle()


@pytest.mark.parametrize("place", [KF, SHOP])
async def test_an_album_is_one_conversation_however_many_read_it(opened: OpenStage, place: str) -> None:
    stage = await opened(Options())
    if place == SHOP:
        stage.platforms.subscribe("xiaolin", SHOP)
        await stage.settle()
    account = "callback:corp" if place == KF else "callback:shop"
    stage.platforms.faults.add(Fault(account, FaultKind.DUPLICATE, count=3, copies=3))
    for number in range(PICTURES):
        stage.platforms.customer_sends_file(
            "xiaolin", place, "image", sample_png(), name=f"{number}.png", content_type="image/png"
        )
    await works(stage)
    rows = await stage.rows(select(conversations.c.id).where(conversations.c.state == "open"))
    assert len(rows) == 1
    stored = [each.message_id for each in await stage.inbox() if each.body["kind"] == "image"]
    assert len(stored) == len(set(stored)) == PICTURES
    turns = [turn for turn in await stage.turns() if turn.inbox_id is not None]
    assert len(turns) == len({turn.inbox_id for turn in turns}) == len(await stage.inbox())
    assert {turn.conversation_id for turn in turns} <= {None, *(row.id for row in rows)}
    pictures = [entry for entry in await stage.transcript() if entry.kind == "image"]
    assert len(pictures) == PICTURES
