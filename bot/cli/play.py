"""How are customers played, and how do we know that nothing was lost and nothing said twice?

The simulator counts what customers were shown; the store tells which turn each message got.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select

from bot.cli.stage import OFFICIAL, Stage
from bot.store.engine import read_only
from bot.store.tables import inbox, outbox, turns
from bot.wakeups import Wakeups, wait_for

PATIENCE_S = 60.0  # how long a customer waits for an answer before she writes on
LOOK_AGAIN_S = 0.05
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a customer; expect: answered | asked_back | handed_over | silent, "" if anything goes."""

    text: str
    expect: str = ""
    script: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One customer's messages, written one after the other at one place of the simulator."""

    name: str
    place: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step."""

    session: str
    step: Step
    decision: str
    reason: str
    latency_ms: float | None
    message_id: str

    @property
    def as_expected(self) -> bool:
        """Whether the decision, and the script if one is named, is what the scenario wants."""
        right_decision = not self.step.expect or self.step.expect == self.decision
        return right_decision and (not self.step.script or self.step.script == self.reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """The report of a play. p50_ms, p99_ms: from the customer's message to the reply call, over replied messages."""

    messages: int
    answered: int
    asked_back: int
    handed_over: int
    silent: int
    lost: int
    duplicated: int
    p50_ms: float
    p99_ms: float

    def as_json(self) -> dict[str, float | int]:
        """As `simulate --json` prints it."""
        return {
            "messages": self.messages,
            "answered": self.answered,
            "asked_back": self.asked_back,
            "handed_over": self.handed_over,
            "silent": self.silent,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "p50_ms": self.p50_ms,
            "p99_ms": self.p99_ms,
        }


@dataclass(slots=True)
class Play:
    """A stage with a clock that lets one message go every 1/rate seconds.

    customers: how many write side by side; each waits for her answer before she writes on.
    """

    stage: Stage
    rate: float
    customers: int
    on_step: Callable[[], object]
    _next: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def wait_for_turn(self) -> None:
        """Wait until the next message may be written."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            begin = max(self._next, loop.time())
            self._next = begin + 1 / self.rate
        await asyncio.sleep(max(begin - loop.time(), 0.0))


async def play_all(play: Play, sessions: Sequence[Session]) -> tuple[Tally, Sequence[StepResult]]:
    """Play all sessions side by side, wait until everything is settled, and count."""
    world = play.stage.world
    for number, session in enumerate(sessions):
        key = f"player{number}"
        world.add_customer(key, f"客户{number + 1}")
        if session.place == OFFICIAL:
            world.subscribe(key, session.place)
        else:
            world.customer_enters(key, session.place)
    await world.settled()
    at_once = asyncio.Semaphore(play.customers)

    async def in_turn(number: int, session: Session) -> list[StepResult]:
        async with at_once:
            return await _play_one(play, f"player{number}", session)

    played = await asyncio.gather(*(in_turn(number, session) for number, session in enumerate(sessions)))
    await _settled(play.stage)
    results = [await _as_it_ended(play.stage, each) for results in played for each in results]
    return await _tally(play.stage, results), results


async def _play_one(play: Play, key: str, session: Session) -> list[StepResult]:
    results = []
    for step in session.steps:
        await play.wait_for_turn()
        before = len(play.stage.world.seen_by(key))
        line = play.stage.world.customer_writes(key, session.place, step.text)
        turn = await _turn_of(play.stage, line.id)
        if turn is None:
            results.append(StepResult(session.name, step, LOST, "", None, line.id))
            continue
        replied = turn.decision != "silent" and await _shown(play.stage, key, before)
        shown = play.stage.world.seen_by(key)[before:] if replied else []
        latency = (shown[0].at - line.at).total_seconds() * 1000 if shown else None
        results.append(StepResult(session.name, step, turn.decision, turn.reason, latency, line.id))
        play.on_step()
    return results


async def _as_it_ended(running: Stage, result: StepResult) -> StepResult:
    """What was slow is not lost: the store knows what became of it in the end."""
    if result.latency_ms is not None or result.decision == "silent":
        return result
    query = (
        select(turns.c.decision, turns.c.reason, func.count(outbox.c.id))
        .join(inbox, inbox.c.id == turns.c.inbox_id)
        .outerjoin(outbox, (outbox.c.turn_id == turns.c.id) & (outbox.c.kind == "send") & (outbox.c.state == "sent"))
        .where(inbox.c.message_id == result.message_id)
        .group_by(turns.c.decision, turns.c.reason)
    )
    async with read_only(running.product.engine).connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None or (row.decision != "silent" and not row[2]):
        return replace(result, decision=LOST)
    return replace(result, decision=row.decision, reason=row.reason)


async def _turn_of(running: Stage, message_id: str) -> Any:
    query = (
        select(turns.c.decision, turns.c.reason)
        .join(inbox, inbox.c.id == turns.c.inbox_id)
        .where(inbox.c.message_id == message_id)
    )

    async def look() -> Any:
        async with read_only(running.product.engine).connect() as connection:
            return (await connection.execute(query)).one_or_none()

    return await _until(running, look)


async def _shown(running: Stage, key: str, before: int) -> bool:
    async def look() -> bool | None:
        return True if len(running.world.seen_by(key)) > before else None

    return bool(await _until(running, look))


async def _until(running: Stage, look: Callable[[], Any]) -> Any:
    """What `look` finds within a customer's patience; None if it finds nothing."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    async with running.product.wakeups.listening(Wakeups.CONSOLE) as rung:
        while loop.time() < deadline:
            rung.clear()
            if (found := await look()) is not None:
                return found
            await wait_for(rung, LOOK_AGAIN_S)
    return None


async def _settled(running: Stage) -> None:
    """Until no message waits for its turn and no words wait to leave."""
    unsent = select(func.count()).select_from(outbox).where(outbox.c.state == "pending", outbox.c.kind == "send")
    unread = select(func.count()).select_from(inbox).where(inbox.c.state == "pending")

    async def look() -> bool | None:
        async with read_only(running.product.engine).connect() as connection:
            waiting = [(await connection.execute(query)).scalar_one() for query in (unread, unsent)]
            return True if not any(waiting) else None

    await _until(running, look)
    await running.world.settled()


async def _tally(running: Stage, results: Sequence[StepResult]) -> Tally:
    decisions = Counter(each.decision for each in results)
    async with read_only(running.product.engine).connect() as connection:
        sent = (
            await connection.execute(
                select(func.count()).select_from(outbox).where(outbox.c.kind == "send", outbox.c.state == "sent")
            )
        ).scalar_one()
        welcomed = (
            await connection.execute(
                select(func.count()).select_from(outbox).where(outbox.c.kind == "welcome", outbox.c.state == "sent")
            )
        ).scalar_one()
    shown = sum(
        line.speaker == "bot" for number in range(len(running.world.customers)) for line in _shown_to(running, number)
    )
    latencies = sorted(each.latency_ms for each in results if each.latency_ms is not None)
    return Tally(
        messages=len(results),
        answered=decisions["answered"],
        asked_back=decisions["asked_back"],
        handed_over=decisions["handed_over"],
        silent=decisions["silent"],
        lost=decisions[LOST],
        duplicated=max(shown - sent - welcomed, 0),
        p50_ms=percentile(latencies, 0.50),
        p99_ms=percentile(latencies, 0.99),
    )


def _shown_to(running: Stage, number: int) -> Sequence[Any]:
    key = f"player{number}"
    return running.world.seen_by(key) if running.world.knows(key) else ()


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ordered values lie (nearest rank); 0 for none."""
    if not ordered:
        return 0.0
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)
