"""Does the bench of the console measure a console: agents who are connected, lists, what is said until it is shown?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from benchmarks.children import BenchImpossible
from benchmarks.console import main
from benchmarks.console_ground import SERVED, Place, Store, write_pack
from bot.bootstrap import HANDOFF_TABLES
from bot.content.pack import read_pack
from bot.store.tables import METADATA, conversations
from handoff import Board, Desk, Policy, TicketState

AGENTS, CONVERSATIONS = 5, 50


@pytest.fixture
def _may_block(never_block_the_loop: BlockBuster) -> Iterator[None]:
    """The loop of the bench serves nobody: its process makes the load."""
    never_block_the_loop.deactivate()
    yield
    never_block_the_loop.activate()


# Seconds long: the product starts as a process of its own, and is spoken to over HTTP.
@pytest.mark.usefixtures("_may_block")
def test_a_small_shop_is_measured_whole() -> None:
    results = main(agents=AGENTS, conversations=CONVERSATIONS, sqlite=True, seconds=1, messages=2)
    found = {each.name.removeprefix("console: "): each for each in results}
    assert (found["agents connected"].value, found["open conversations"].value) == (AGENTS, CONVERSATIONS)
    assert 0 < found["list, p50"].value <= found["list, p95"].value
    assert 0 < found["event to `changed`, p50"].value <= found["event to screen, p95"].value
    assert found["at 8 messages a second: event to screen, p50"].value > 0
    assert found["where all lists change with each: until a list was read again, p95"].value > 0
    assert found["a message makes pages read thread, times"].value >= 1
    assert found["never shown, waited 30 s"].value == 0
    assert found["memory of the process, nobody connected"].value > 50
    assert (found["list, p95"].peer_value, found["event to screen, p95"].peer_value) == (150, 500)


def test_every_agent_needs_a_conversation() -> None:
    with pytest.raises(BenchImpossible, match="25 conversations"):
        main(agents=AGENTS, conversations=SERVED * AGENTS - 1, sqlite=True)


@pytest.fixture
def place(blank_database_url: str, tmp_path: Path) -> Place:
    place = Place.new(blank_database_url, tmp_path, agents=AGENTS, conversations=CONVERSATIONS)
    write_pack(place)
    return place


@pytest.fixture
def policy(place: Place) -> Policy:
    return read_pack(Path(place.folder) / "pack").shop.policy


async def test_the_ground_is_as_it_is_described(place: Place, policy: Policy) -> None:
    store = await asyncio.to_thread(Store.of, place)
    desk = Desk(HANDOFF_TABLES, conversations, lambda: datetime.now(UTC), lambda: policy)
    async with store.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await desk.apply_policy(connection, policy)
    await store.furnish(place)
    await store.says(7, "还在吗")
    async with store.engine.connect() as connection:
        for agent in await desk.agents(connection):
            hers = Board(agent=agent.id, states=(TicketState.ASSIGNED,))
            assert (await desk.count_boards(connection, hers))[0] == agent.active == CONVERSATIONS // SERVED // AGENTS
        queues = Board(teams=frozenset(each.id for each in policy.teams), states=(TicketState.OPEN,))
        assert await desk.count_boards(connection, queues) == (CONVERSATIONS - CONVERSATIONS // SERVED,)
        said = [each.text for each in await store.archive.transcript(connection, 7)]
    await store.aclose()
    assert (len(said), said[-1]) == (3, "还在吗")
