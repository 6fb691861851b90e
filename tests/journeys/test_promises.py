"""A promised answer is nearly late, and then is: who is told, and who has the conversation afterwards?"""

from __future__ import annotations

import pytest

from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import Options, Stage

pytestmark = ON_SQLITE
PROMISE = """
slas:
  fast:
    first_response: 5m
    steps:
      - {on: warning, do: remind}
      - {on: breach, do: tell_supervisor}
      - {on: breach, do: raise_priority}
      - {on: breach, do: reassign, after: 1m}
"""


@pytest.fixture
async def promised(opened: OpenStage) -> Stage:
    """李娜 took 小林, who was promised an answer within five minutes."""
    stage = await opened(Options(handoff="console", policy=PROMISE, supervisors=True, sla="fast"))
    await stage.writes("xiaolin", "转人工")
    await stage.clicks("lina")
    return stage


async def test_each_step_is_taken_once_at_its_moment(promised: Stage) -> None:
    before = len(promised.told("lina"))
    await promised.later(minutes=4)
    assert ["快超时了" in words for words in promised.told("lina")[before:]] == [True]
    await promised.later(minutes=1)
    assert ["已经超时" in words for words in promised.told("chenjing")] == [True]
    ticket = await promised.product.workbench.ticket(1)
    assert ticket is not None
    assert (ticket.priority, ticket.agent) == (2, "lina")
    await promised.later(minutes=1)
    assert (await promised.conversation()).owner == "queue"
    assert promised.cards("wanglei")[-1].members == ["wanglei"]  # and not her again
    await promised.later(seconds=30)
    assert len(promised.told("chenjing")) == 1


async def test_who_answers_in_time_hears_nothing(promised: Stage) -> None:
    conversation = (await promised.conversation()).id
    await promised.product.workbench.say(conversation, "lina", "在的", client_id="in-time-1")
    told = len(promised.told("lina"))
    await promised.later(minutes=10)
    assert len(promised.told("lina")) == told
    assert promised.told("chenjing") == []
