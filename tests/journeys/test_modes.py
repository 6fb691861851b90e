"""An account is switched between console and client: what happens to the conversations that are open?"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from bot.plans import Plans
from bot.settings import WeComCorp
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import Options, Stage

pytestmark = ON_SQLITE


def plans(stage: Stage, handoff: Literal["console", "client"]) -> Plans:
    """How a process serves the accounts that was started with the other setting."""
    accounts = stage.product.settings.accounts
    return Plans(
        [each.model_copy(update={"handoff": handoff}) if isinstance(each, WeComCorp) else each for each in accounts]
    )


async def sweep(stage: Stage, handoff: Literal["console", "client"]) -> None:
    stage.clock.advance(seconds=60)
    await replace(stage.product.worker.reconciler, plans=plans(stage, handoff)).sweep(idle_s=48 * 3600)
    await stage.settle()


async def test_what_waits_goes_to_the_pool_when_the_account_is_switched_to_the_client(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    assert stage.session().state == 1
    await sweep(stage, "client")
    assert (stage.session().state, (await stage.conversation()).owner) == (2, "queue")


@pytest.mark.parametrize("receiving", ["receives", "does not"])
async def test_who_has_it_gets_it_in_the_client_or_it_waits_again(opened: OpenStage, receiving: str) -> None:
    stage = await opened(Options(handoff="console"))
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    _, kf = stage.platforms.kf("wkJourney0000000000000001")
    kf.servicers["lina"].receiving = receiving == "receives"
    await sweep(stage, "client")
    conversation = await stage.conversation()
    if receiving == "receives":
        assert (stage.session().servicer, conversation.agent) == ("lina", "lina")
    else:
        assert conversation.owner == "queue"


async def test_what_waits_in_the_pool_is_served_in_the_client_after_a_switch_to_the_console(opened: OpenStage) -> None:
    stage = await opened(Options())
    await stage.writes("xiaolin", "转人工")
    await sweep(stage, "console")
    assert (stage.session().state, (await stage.conversation()).owner) == (2, "queue")
    console = plans(stage, "console")
    workbench = stage.product.workbench
    workbench = replace(workbench, plans=console, clicks=replace(workbench.clicks, plans=console))
    assert await workbench.accept((await stage.conversation()).id, "lina") is None
    await stage.settle()
    assert (stage.session().state, stage.session().servicer) == (3, "lina")
