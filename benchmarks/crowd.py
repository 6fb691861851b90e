"""How do many customers write at a steady pace, whatever becomes of it, and what did each get?

Unlike `xiaoer simulate` nobody waits for an answer before the next message (an open loop), and the
store is read only after the last message: looking is not part of what is measured.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from benchmarks.children import BenchFailed
from bot.cli.stage import OFFICIAL, OPEN_KFID, Stage
from bot.simulator import Line
from bot.store.engine import read_only
from bot.store.tables import inbox, outbox, turns

PLACES = (OPEN_KFID, OFFICIAL)
PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.25
NEVER_REPLIED = frozenset({"silent", "lost"})


@dataclass(frozen=True, slots=True)
class Written:
    """One message on its way: who wrote it and when it left."""

    customer: str
    line: Line


@dataclass(frozen=True, slots=True)
class Played:
    """What became of all of them. latencies_ms: from message to reply call, replied ones only."""

    decisions: Counter[str]
    latencies_ms: tuple[float, ...]
    lost: int
    duplicated: int


async def play(running: Stage, texts: Sequence[str], *, rate: float, each: int) -> Played:
    """Let customers enter, then write one of `texts` every 1/rate seconds; every customer writes `each` messages."""
    customers = [f"crowd{number}" for number in range(-(-len(texts) // each))]
    await _enter(running, customers)
    written = await _write(running, customers, texts, rate)
    await _settle(running)
    return await _reckon(running, written)


async def _enter(running: Stage, customers: Sequence[str]) -> None:
    """Follow, or open the chat: greetings are over before anything is measured."""
    for number, key in enumerate(customers):
        running.world.add_customer(key, f"客户{number + 1}")
        place = PLACES[number % len(PLACES)]
        if place == OFFICIAL:
            running.world.subscribe(key, place)
        else:
            running.world.customer_enters(key, place)
        await asyncio.sleep(0.02)
    await _settle(running)


async def _write(running: Stage, customers: Sequence[str], texts: Sequence[str], rate: float) -> list[Written]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    written = []
    for number, text in enumerate(texts):
        await asyncio.sleep(max(began + number / rate - loop.time(), 0.0))
        who = number % len(customers)
        line = running.world.customer_writes(customers[who], PLACES[who % len(PLACES)], text)
        written.append(Written(customers[who], line))
    return written


async def _settle(running: Stage) -> None:
    """Until nothing is under way. Raises BenchFailed after a minute."""
    pending = (
        select(func.count()).select_from(inbox).where(inbox.c.state == "pending"),
        select(func.count()).select_from(outbox).where(outbox.c.state == "pending"),
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await running.world.settled()
            await asyncio.sleep(LOOK_AGAIN_S)
            async with read_only(running.product.engine).connect() as connection:
                if not any([(await connection.execute(query)).scalar_one() for query in pending]):
                    return


async def _reckon(running: Stage, written: Sequence[Written]) -> Played:
    decided = await _decisions(running)
    decisions = Counter(decided.get(each.line.id, "lost") for each in written)
    replies = _first_replies(running, written)
    unanswered = sum(
        each.line.id not in replies and decided.get(each.line.id, "lost") not in NEVER_REPLIED for each in written
    )
    latencies = tuple(
        (replies[each.line.id] - each.line.at).total_seconds() * 1000 for each in written if each.line.id in replies
    )
    return Played(decisions, latencies, decisions["lost"] + unanswered, await _duplicates(running, written))


def _first_replies(running: Stage, written: Sequence[Written]) -> dict[str, datetime]:
    """When each message's reply was shown: the first bubble after it and before the customer's next message."""
    until: dict[str, datetime] = {}
    found: dict[str, datetime] = {}
    for each in reversed(written):
        end = until.get(each.customer)
        shown = [
            line.at
            for line in running.world.seen_by(each.customer)
            if line.speaker == "bot" and line.at >= each.line.at and (end is None or line.at < end)
        ]
        if shown:
            found[each.line.id] = shown[0]
        until[each.customer] = each.line.at
    return found


async def _decisions(running: Stage) -> dict[str, str]:
    query = select(inbox.c.message_id, turns.c.decision).join(inbox, inbox.c.id == turns.c.inbox_id)
    async with read_only(running.product.engine).connect() as connection:
        return {row.message_id: row.decision for row in await connection.execute(query)}


async def _duplicates(running: Stage, written: Sequence[Written]) -> int:
    """Bubbles more than the outbox holds sent messages, over everybody. Raises BenchFailed if any were not sent."""
    query = select(func.count()).select_from(outbox).where(outbox.c.kind.in_(["send", "welcome"]))
    async with read_only(running.product.engine).connect() as connection:
        sent = (await connection.execute(query.where(outbox.c.state == "sent"))).scalar_one()
        dead = (await connection.execute(query.where(outbox.c.state.in_(["dead", "uncertain"])))).scalar_one()
    if dead:
        raise BenchFailed(f"{dead} replies could not be sent")
    customers = {each.customer for each in written}
    shown = sum(line.speaker == "bot" for key in customers for line in running.world.seen_by(key))
    return max(shown - int(sent), 0)
