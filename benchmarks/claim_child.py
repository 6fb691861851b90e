"""What does one worker of the claim bench do? It grabs what others want too, keeps it a moment, and lets it go.

Speaks JSON lines: {"url", "way", "seed", "claims"} → {"tries": so many more} now and then, and at the end
{"granted", "refused", "failed", "seconds", "latencies": of what was granted, in ms}.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvloop
from sqlalchemy import BindParameter, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError

from benchmarks.claim_ground import TABLES, TEAMS, agent_id, desk_of
from benchmarks.histogram import Histogram
from bot.store.engine import create_store_engine
from bot.store.tables import conversations
from handoff import Claimed, Queued

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

HELD = 96  # conversations it keeps before it lets the oldest go: all want more than the hot agents can have
HOT_CONVERSATIONS = 400
HOT_AGENTS = 40
WARM_UP = 20  # claims before the clock runs: statements are compiled and prepared, as in a server that has started
SAID_EACH = 500  # tries
_agents, _conversations = TABLES.agents.c, conversations.c
# Both ways have their statements built once: building one costs more than running it.
_this, _hers = _conversations.id == bindparam("p_id"), _agents.id == bindparam("p_agent")
_VERSION = select(_conversations.version).where(_this)
_OWNER = select(_conversations.owner).where(_this)
_OWNED = select(func.count()).where(_conversations.agent == bindparam("p_agent"), _conversations.state == "open")
_CAPACITY = select(_agents.capacity).where(_hers)
_MOVE = update(conversations).where(_this).values(owner=bindparam("p_owner"), agent=bindparam("p_agent"))
_change: BindParameter[int] = bindparam("p_change")
_COUNT = update(TABLES.agents).where(_hers, _agents.active + _change >= 0).values(active=_agents.active + _change)


@dataclass(slots=True)
class Tally:
    """What one worker reached."""

    left: int
    tries: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    latencies: Histogram = field(default_factory=Histogram)


class TheDesk:
    """Our way: `Desk.claim` and `Desk.release`, with all they keep: guards, log, ticket, history."""

    def __init__(self) -> None:
        self._desk = desk_of()

    async def claim(self, connection: AsyncConnection, number: int, agent: str) -> int | None:
        """The version it has now; None if it was refused."""
        version = (await connection.execute(_VERSION, {"p_id": number})).scalar_one()
        claimed = await self._desk.claim(connection, number, version, expected_team=None, agent_id=agent, cause="bench")
        return claimed.version if isinstance(claimed, Claimed) else None

    async def release(self, connection: AsyncConnection, number: int, version: int, agent: str) -> bool:
        """Back to the queue."""
        return isinstance(await self._desk.release(connection, number, version, agent_id=agent), Queued)


class CountThenClaim:
    """How the peers do it: count what she has, compare, then write (tgo, Tiledesk, Hexabot; LibreDesk's load)."""

    async def claim(self, connection: AsyncConnection, number: int, agent: str) -> int | None:
        """The version it has now; None if it was refused."""
        owner = (await connection.execute(_OWNER, {"p_id": number})).scalar_one()
        owned = (await connection.execute(_OWNED, {"p_agent": agent})).scalar_one()
        capacity = (await connection.execute(_CAPACITY, {"p_agent": agent})).scalar_one()
        if owner != "queue" or owned >= capacity:
            return None
        await self._move(connection, number, agent=agent, owner="agent", change=1)
        return 0

    async def release(self, connection: AsyncConnection, number: int, version: int, agent: str) -> bool:
        """Back to the queue."""
        del version
        await self._move(connection, number, agent=agent, owner="queue", change=-1)
        return True

    async def _move(self, connection: AsyncConnection, number: int, *, agent: str, owner: str, change: int) -> None:
        has = agent if owner == "agent" else None
        await connection.execute(_MOVE, {"p_id": number, "p_owner": owner, "p_agent": has})
        await connection.execute(_COUNT, {"p_agent": agent, "p_change": change})


WAYS: dict[str, type[TheDesk | CountThenClaim]] = {"desk": TheDesk, "count": CountThenClaim}


async def _grab(engine: AsyncEngine, way: TheDesk | CountThenClaim, chance: random.Random, tally: Tally) -> None:
    held: deque[tuple[int, int, str]] = deque()
    while tally.left > 0:
        tally.left -= 1
        tally.tries += 1
        if tally.tries % SAID_EACH == 0:
            _say(tries=SAID_EACH)
        number = chance.randint(1, HOT_CONVERSATIONS)
        # an agent of the conversation's team: teams share out agents and conversations by the same remainder
        agent = agent_id(number % TEAMS + TEAMS * chance.randrange(HOT_AGENTS // TEAMS))
        began = time.perf_counter()
        try:
            async with engine.begin() as connection:
                version = await way.claim(connection, number, agent)
        except DBAPIError:
            tally.outcomes["failed"] += 1
            continue
        if version is None:
            tally.outcomes["refused"] += 1
        else:
            tally.outcomes["granted"] += 1
            tally.latencies.add((time.perf_counter() - began) * 1000)
            held.append((number, version, agent))
        if len(held) > HELD or (version is None and held and chance.random() < 0.5):
            await _let_go(engine, way, held.popleft())
    while held:
        await _let_go(engine, way, held.popleft())


async def _let_go(engine: AsyncEngine, way: TheDesk | CountThenClaim, kept: tuple[int, int, str]) -> None:
    number, version, agent = kept
    async with engine.begin() as connection:
        await way.release(connection, number, version, agent)


async def _work(task: dict[str, Any]) -> dict[str, Any]:
    engine = create_store_engine(task["url"], 1)
    tally, way, chance = Tally(left=task["claims"]), WAYS[task["way"]](), random.Random(task["seed"])
    await _grab(engine, way, chance, Tally(left=WARM_UP))
    gc.collect()
    gc.freeze()  # as `xiaoer serve` does once it has started
    began = time.perf_counter()
    await _grab(engine, way, chance, tally)
    seconds = time.perf_counter() - began
    await engine.dispose()
    names = ("granted", "refused", "failed")
    counts = {name: tally.outcomes[name] for name in names}
    return {**counts, "seconds": seconds, "latencies": tally.latencies.as_json()}


def _say(**words: object) -> None:
    print(json.dumps(words), flush=True)


def main() -> None:
    """Answer one line with one, until there are no more."""
    for line in sys.stdin:
        _say(**uvloop.run(_work(json.loads(line))))


if __name__ == "__main__":
    main()
