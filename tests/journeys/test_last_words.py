"""I10: do the last words and the end, decided before anything left, both reach the customer, in this order?"""

from __future__ import annotations

import pytest

from bot.simulator import Fault, FaultKind
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.packs import SHIPPING
from tests.stage import KF, SHOP, Options

LAST = "已经帮您补发，明天寄出。"
SENDS = {KF: "/cgi-bin/kf/send_msg", SHOP: "/cgi-bin/message/custom/send"}


@ON_SQLITE
@pytest.mark.parametrize("busy", [0, 2])
@pytest.mark.parametrize("place", [KF, SHOP])
async def test_what_was_said_last_comes_before_the_end_however_often_it_is_tried(
    opened: OpenStage, place: str, busy: int
) -> None:
    stage = await opened(Options(handoff="console"))
    if place == SHOP:
        stage.platforms.subscribe("xiaolin", SHOP)
        await stage.settle()
        stage.clock.advance(minutes=2)
    await stage.writes("xiaolin", "转人工", at=place)
    workbench, conversation = stage.product.workbench, (await stage.conversation()).id
    assert await workbench.accept(conversation, "lina") is None
    await stage.settle()
    before = len(stage.lines("xiaolin"))
    if busy:
        stage.platforms.faults.add(Fault(SENDS[place], FaultKind.ERRCODE, errcode=-1, count=busy))
    assert await workbench.say(conversation, "lina", LAST, client_id="last-words") is None
    assert await workbench.close(conversation, "lina", outcome="resolved") is None
    for _ in range(1 + busy):
        await stage.later(seconds=60)
    assert stage.platforms.calls[SENDS[place], -1] == busy
    said = stage.texts("xiaolin")[before:]
    assert said[0] == LAST
    assert len(said) == 2
    assert said[1].startswith("本次人工服务已结束")
    assert (await stage.conversation()).state == "closed"
    assert await stage.writes("xiaolin", "什么时候发货", at=place) == [SHIPPING]  # I9: and the bot is there again
