"""What does a customer hear of her place in the queue, and what happens when a promise is in danger?"""

from __future__ import annotations

from handoff import AgentStatus
from tests.databases import ON_SQLITE
from tests.journeys.conftest import OpenStage
from tests.stage import Options, Stage

pytestmark = ON_SQLITE


async def queue_of(stage: Stage, count: int) -> list[str]:
    """So many customers wait, and nobody is there."""
    for agent in await stage.product.workbench.agents():
        await stage.product.workbench.set_status(agent.id, AgentStatus.OFF)
    customers = [f"customer{number}" for number in range(count)]
    for customer in customers:
        stage.platforms.add_customer(customer)
        await stage.writes(customer, "转人工")
        stage.clock.advance(seconds=1)
    return customers


async def test_she_hears_how_many_come_before_her_at_entry_where_some_do(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    first, second = await queue_of(stage, 2)
    assert "前面还有" not in stage.texts(first)[-1]
    assert stage.texts(second)[-1].endswith("前面还有 1 位客户。")


async def test_near_the_front_she_hears_it_once_within_the_budget(opened: OpenStage) -> None:
    stage = await opened(Options(handoff="console"))
    customers = await queue_of(stage, 5)
    last = customers[-1]
    assert stage.texts(last)[-1].endswith("前面还有 4 位客户。")
    waiting = await stage.product.workbench.waiting()
    await stage.product.workbench.accept(waiting[0].conversation_id, "lina")
    await stage.settle()
    assert len(stage.texts(last)) == 1  # less than a minute ago
    stage.clock.advance(minutes=2)
    await stage.product.workbench.accept(waiting[1].conversation_id, "lina")
    await stage.settle()
    assert stage.texts(last)[-1] == "前面还有 2 位客户。"
    told = len(stage.texts(last))
    await stage.product.workbench.accept(waiting[2].conversation_id, "lina")
    await stage.later(minutes=2)
    assert len(stage.texts(last)) == told


async def test_in_a_pool_nothing_is_said(opened: OpenStage) -> None:
    stage = await opened(Options())
    customers = await queue_of(stage, 5)
    waiting = await stage.product.workbench.waiting()
    stage.clock.advance(minutes=2)
    for ticket in waiting[:2]:
        await stage.product.workbench.accept(ticket.conversation_id, "lina")
    await stage.settle()
    assert len(stage.texts(customers[-1])) == 1
