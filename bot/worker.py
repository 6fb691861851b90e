"""What does a worker do all day? Pull news, answer messages, deliver effects, and sweep for what was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import SQLAlchemyError

from archive.consent import AskClaim
from archive.finance import PullClaim
from bot.analysing import Analysing
from bot.api import HookEvents, HookSending
from bot.archiving import Archiving
from bot.consenting import Consenting
from bot.domain import Speaker
from bot.journey import Journey
from bot.keeping import Keeping
from bot.outbox import Outbox
from bot.puller import Puller
from bot.reconcile import Reconciler
from bot.settings import WorkSettings
from bot.store.news import News
from bot.store.queue import Queue
from bot.store.turns import JOINED, Turns
from bot.store.views import (
    TAKEN_OVER,
    Claimed,
    ConversationMoved,
    Effect,
    EffectKind,
    OutboxItem,
    StaleLease,
    TurnRecord,
)
from bot.tagging.writing import TagWriting
from bot.tending import Tending
from bot.wakeups import Wakeups, wait_for

MOVES = 5  # how often a turn is decided anew because the conversation changed hands meanwhile
CRASHES = 3  # claims without a turn after which the engines are not asked again
IDLE_S = 48 * 3600  # a session lives 48 h from the last customer message (wechat-platform §2.3)
PULL_AGAIN_S = 30.0  # the timer beside the doorbell
EXPIRE_S = 3600.0  # between looks for what has been kept long enough; retention counts days
CONTENT_AGAIN_S = 15.0  # the timer beside the wake-up that new content rings
TEND_AGAIN_S = 5.0  # the timer beside the wake-up that a change of the queue rings
TEND_REST_S = 0.2  # between two looks at what is due where others are at it
PULLERS = 2
ARCHIVES = 1  # at a time: the journey comes first
FILES = "archive_files"
ASKS = "consent_asks"
PURGES = "purges"
WEBHOOKS = "webhooks"
GATHER_S = 2.0  # between looks for what webhooks are to be told
BREATH_S = 0.003
FAREWELL_S = 5.0  # how long work under way may take to end at shutdown
T = TypeVar("T")
DECIDED = Counter("xiaoer_turns_total", "Turns by decision", ["channel", "decision"])
TURN_SECONDS = Histogram("xiaoer_turn_seconds", "From claim to commit")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs until cancelled. Any number of workers may run, in any number of processes.

    analysing: None where the archive is analysed elsewhere. tag_writing: None where no platform is told of tags.
    """

    queue: Queue
    turns: Turns
    journey: Journey
    outbox: Outbox
    puller: Puller
    news: News
    reconciler: Reconciler
    tending: Tending
    archiving: Archiving
    consenting: Consenting
    keeping: Keeping
    wakeups: Wakeups
    settings: WorkSettings
    refresh: Callable[[], Awaitable[None]]
    analysing: Analysing | None
    tag_writing: TagWriting | None
    webhooks: HookSending
    hook_events: HookEvents
    now: Callable[[], datetime]
    clock: Callable[[], float]
    reached: Callable[[str], None]

    async def run(self) -> None:
        """Work until cancelled; what is under way then gets a moment to end."""
        width = self.settings.concurrency
        async with asyncio.TaskGroup() as group:
            group.create_task(self._serve(Wakeups.INBOX, self.queue.claim, self.handle, width, self._until_held))
            group.create_task(self._serve(Wakeups.OUTBOX, self.outbox.claim, self.deliver, width))
            group.create_task(self._serve(Wakeups.NEWS, self.news.claim, self.puller.pull, PULLERS))
            group.create_task(self._every(self.settings.reconcile_s, self._sweep))
            group.create_task(self._every(PULL_AGAIN_S, self._ring_again))
            group.create_task(self._every(EXPIRE_S, self.keeping.sweep))
            group.create_task(self.follow_content())
            group.create_task(self._tend())
            if self.analysing is not None:
                group.create_task(self.analysing.run())
            if self.tag_writing is not None:
                tags = self.tag_writing
                group.create_task(self._serve(Wakeups.TAGS, tags.claim, tags.deliver, width))
            group.create_task(self._every(GATHER_S, self._gather))
            group.create_task(self._serve(WEBHOOKS, self.webhooks.claim, self.webhooks.deliver, PULLERS))
            group.create_task(self._serve(PURGES, self.consenting.claim_purge, self.consenting.purge, 1))
            group.create_task(self._every(self.consenting.settings.sweep_s, self.consenting.sweep))
            if self.archiving.has_sources:
                group.create_task(self._serve(ASKS, self.consenting.poller.claim, self.ask, 1))
                puller, media = self.archiving.puller, self.archiving.media
                group.create_task(self._serve(Wakeups.ARCHIVE, puller.claim, self.read_archive, ARCHIVES))
                group.create_task(self._serve(FILES, media.claim, media.fetch, 1))
                group.create_task(self._every(self.archiving.settings.every_s, self._read_again))

    async def follow_content(self) -> None:
        """Take over new content and new facts about accounts until cancelled: at once when told, else soon."""
        async with self.wakeups.listening(Wakeups.CONTENT) as rung:
            while True:
                rung.clear()
                await self._attempt(self.refresh)
                await wait_for(rung, CONTENT_AGAIN_S)

    async def work_once(self) -> bool:
        """Do one piece of each kind of work that is due; False if there was none."""
        worked = False
        if (reading := await self.news.claim()) is not None:
            await self.puller.pull(reading)
            worked = True
        if (claimed := await self.queue.claim()) is not None:
            await self.handle(claimed)
            worked = True
        if (item := await self.outbox.claim()) is not None:
            await self.deliver(item)
            worked = True
        if self.tag_writing is not None and (job := await self.tag_writing.claim()) is not None:
            await self.tag_writing.deliver(job)
            worked = True
        if (archive := await self.archiving.puller.claim()) is not None:
            await self.read_archive(archive)
            worked = True
        elif (file := await self.archiving.media.claim()) is not None:
            await self.archiving.media.fetch(file)
            worked = True
        if (ask := await self.consenting.poller.claim()) is not None:
            await self.ask(ask)
            worked = True
        if (purge := await self.consenting.claim_purge()) is not None:
            await self.consenting.purge(purge)
            worked = True
        await self.hook_events.gather()
        if (due := await self.webhooks.claim()) is not None:
            await self.webhooks.deliver(due)
            worked = True
        return worked or await self.tending.tend_once()

    async def read_archive(self, claim: PullClaim) -> None:
        """Read one session archive to its end; files may follow."""
        await self.archiving.puller.pull(claim)
        self.wakeups.ring(FILES)
        self.wakeups.ring(ASKS)
        self.wakeups.ring(PURGES)

    async def ask(self, claim: AskClaim) -> None:
        """Ask the platform whether people agreed; a refusal has something purged."""
        await self.consenting.poller.ask(claim)
        self.wakeups.ring(PURGES)

    async def deliver(self, item: OutboxItem) -> None:
        """Try one effect, and tell the pages that show it."""
        await self.outbox.deliver(item)
        self.wakeups.ring(Wakeups.CONSOLE)
        if item.conversation_id is not None:
            self.wakeups.ring(f"conversation:{item.conversation_id}")

    async def handle(self, claimed: Claimed) -> None:
        """Give one message its turn, or give it back for a later try."""
        self.reached("claimed")
        with structlog.contextvars.bound_contextvars(
            inbox=claimed.inbox_id, conversation=claimed.conversation.id, account=claimed.message.address.account
        ):
            try:
                await self._take_turn(claimed)
            except StaleLease:
                _log.warning("turn.lease_lost")
            except Exception as error:  # noqa: BLE001 - bounded by attempts; an error's text may quote a customer
                await self._give_back(claimed, type(error).__name__)

    async def _take_turn(self, claimed: Claimed) -> None:
        began, late = self.clock(), tuple[Effect, ...]()
        for _ in range(MOVES):
            record = await self._decide(claimed)
            if record.decision == "silent":  # what we wanted to say before it moved stays as a trace
                record = replace(record, effects=(*record.effects, *late))
            self.reached("before_turn_commit")
            try:
                await self.turns.commit_turn(claimed, record)
            except ConversationMoved:
                # somebody took the conversation while we were thinking: what we wanted to say is dropped
                _log.info("turn.conversation_moved", dropped=record.decision)
                late = tuple(map(_too_late, filter(_is_bots, record.effects)))
                claimed = replace(claimed, conversation=await self.queue.refresh(claimed))
                continue
            self.reached("after_turn_commit")
            TURN_SECONDS.observe(self.clock() - began)
            DECIDED.labels(channel=claimed.message.channel.value, decision=record.decision).inc()
            DECIDED.labels(channel=claimed.message.channel.value, decision=JOINED).inc(len(claimed.earlier))
            self._announce(claimed, record)
            return
        raise ConversationMoved(f"conversation {claimed.conversation.id} moved {MOVES} times")

    async def _decide(self, claimed: Claimed) -> TurnRecord:
        if claimed.attempts <= CRASHES:
            return await self.journey.handle_message(claimed)
        return await self.journey.hand_over_unread(claimed, "earlier tries did not end")

    def _announce(self, claimed: Claimed, record: TurnRecord) -> None:
        """Wake who is concerned; the queue only where a turn did more than answer, or left the words to a person."""
        topics = [Wakeups.OUTBOX, Wakeups.CONSOLE, *(f"turn:{inbox_id}" for inbox_id in claimed.inbox_ids)]
        if record.act is not None or record.decision == "silent":
            topics.append(Wakeups.QUEUE)
        if claimed.conversation.id:
            topics.append(f"conversation:{claimed.conversation.id}")
        for topic in topics:
            self.wakeups.ring(topic)

    async def _give_back(self, claimed: Claimed, error: str) -> None:
        _log.error("turn.failed", error=error, attempts=claimed.attempts)
        try:
            if claimed.attempts >= self.settings.attempts:
                await self.turns.bury(claimed, error=error)
                return
            delay = min(self.settings.backoff_cap_s, self.settings.backoff_s * 2 ** (claimed.attempts - 1))
            await self.queue.give_back(claimed, error=error, retry_at=self.now() + timedelta(seconds=delay))
        except StaleLease:
            _log.warning("turn.lease_lost")

    async def _tend(self) -> None:
        """Look after the queue until cancelled: when it changed, when something in it is due, and now and then."""
        async with self.wakeups.listening(Wakeups.QUEUE) as rung:
            while True:
                rung.clear()
                worked = await self._guarded(Wakeups.QUEUE, self.tending.tend_once)
                due = None if worked else await self._guarded(Wakeups.QUEUE, self.tending.next_due)
                wait = TEND_AGAIN_S if due is None else (due - self.now()).total_seconds()
                await wait_for(rung, 0.0 if worked else min(max(wait, TEND_REST_S), TEND_AGAIN_S))

    async def _gather(self) -> None:
        if await self.hook_events.gather():
            self.wakeups.ring(WEBHOOKS)

    async def _sweep(self) -> None:
        await self.reconciler.sweep(idle_s=IDLE_S)

    async def _read_again(self) -> None:
        await self.archiving.watch()
        self.wakeups.ring(Wakeups.ARCHIVE)

    async def _ring_again(self) -> None:
        await self.news.ring_again(older_than_s=PULL_AGAIN_S)
        self.wakeups.ring(Wakeups.NEWS)

    # ── loops ────────────────────────────────────────────────────────────────────────────────

    async def _serve(
        self,
        topic: str,
        claim: Callable[[], Awaitable[T | None]],
        handle: Callable[[T], Awaitable[None]],
        width: int,
        until: Callable[[], Awaitable[float]] | None = None,
    ) -> None:
        """Claim and handle, up to `width` side by side, while there is work; then wait to be woken, or look again.

        until: in how many seconds to look again where nobody wakes us sooner; None: after the fallback time.
        """
        running: set[asyncio.Task[None]] = set()
        try:
            async with self.wakeups.listening(topic) as rung:
                while True:
                    if len(running) >= width:
                        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    rung.clear()
                    work = await self._guarded(topic, claim)
                    if work is None:
                        pause = self.settings.sweep_s if until is None else await self._guarded(topic, until)
                        await wait_for(rung, self.settings.sweep_s if pause is None else pause)
                        continue
                    task = asyncio.create_task(self._finish(topic, handle(work), rung))
                    running.add(task)
                    task.add_done_callback(running.discard)
                    await asyncio.sleep(BREATH_S)  # let it begin before looking for more
        finally:
            if running:
                await _farewell(running)

    async def _until_held(self) -> float:
        """Seconds until the first message that waits for the rest of its thought has waited long enough."""
        due = await self.queue.next_due()
        wait = self.settings.sweep_s if due is None else (due - self.now()).total_seconds()
        return min(max(wait, BREATH_S), self.settings.sweep_s)

    async def _finish(self, topic: str, handling: Awaitable[None], rung: asyncio.Event) -> None:
        try:
            await handling
        except Exception as error:  # noqa: BLE001 - the lease runs out and the work is done again
            _log.error("worker.step_failed", topic=topic, error=type(error).__name__)
        rung.set()  # what waited behind this may be due now

    async def _guarded(self, topic: str, claim: Callable[[], Awaitable[T | None]]) -> T | None:
        try:
            return await claim()
        except (SQLAlchemyError, OSError) as error:  # the database is away: look again after the fallback time
            _log.error("worker.claim_failed", topic=topic, error=type(error).__name__)
            return None

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._attempt(step)
            await asyncio.sleep(seconds)

    async def _attempt(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Exception as error:  # noqa: BLE001 - a sweep must not end the worker
            _log.error("worker.sweep_failed", step=getattr(step, "__name__", "step"), error=type(error).__name__)


async def _farewell(running: Collection[asyncio.Task[None]]) -> None:
    """Let them end, and end those that do not: after us nobody closes the connections that they hold."""
    _, late = await asyncio.wait(running, timeout=FAREWELL_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)


def _is_bots(effect: Effect) -> bool:
    return effect.kind is EffectKind.SEND and effect.speaker is Speaker.BOT


def _too_late(effect: Effect) -> Effect:
    return replace(effect, inline=False, dropped=TAKEN_OVER)
