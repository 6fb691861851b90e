"""How does one task, here or in another process, learn at once that there is work? Loss costs latency only.

A wake-up is a hint: whoever waits also looks again after a fallback time, so Redis may be flushed,
restarted or absent and nothing is forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.asyncio import Redis

CHANNEL = "xiaoer:wakeups:2"  # changes with what is said there: releases side by side do not mishear each other
FAREWELL_S = 1.0
_RECONNECT_S = 1.0
_log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class Heard:
    """Which of the topics that concern somebody were rung since she took them last. rung: set while there are any."""

    concerns: Callable[[str], bool]
    rung: asyncio.Event = field(default_factory=asyncio.Event)
    _topics: set[str] = field(default_factory=set)

    def hear(self, topic: str) -> None:
        """It was rung; said twice it is kept once."""
        if self.concerns(topic):
            self._topics.add(topic)
            self.rung.set()

    def take(self) -> frozenset[str]:
        """All that were rung, and begin anew."""
        topics = frozenset(self._topics)
        self._topics.clear()
        self.rung.clear()
        return topics


class Wakeups:
    """Topics that can be rung and waited for.

    INBOX, OUTBOX, NEWS, ARCHIVE, TAGS and QUEUE wake workers, CONSOLE pages, CONTENT minds.
    """

    INBOX = "inbox"
    OUTBOX = "outbox"
    NEWS = "news"
    QUEUE = "queue"  # of people: a ticket came, somebody can take one more
    TAGS = "tags"  # of a customer: the platform is to be told
    ARCHIVE = "archive"  # news of a session archive
    CONSOLE = "console"
    CONTENT = "content"

    def __init__(self, redis: Redis | None) -> None:
        self._redis = redis
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._hearing: set[Heard] = set()
        self._name = secrets.token_hex(8)
        self._listener: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._unsent: set[str] = set()

    async def start(self) -> None:
        """Begin to hear other processes."""
        if self._redis is not None:
            self._listener = asyncio.create_task(self._listen(self._redis), name="wakeups")

    async def aclose(self) -> None:
        """Stop hearing, once what was rung is out; wake everybody who waits."""
        sending = self._sending
        if sending is not None:
            await asyncio.wait([sending], timeout=FAREWELL_S)
        for task in filter(None, (sending, self._listener)):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for topic in list(self._waiting):
            self._ring_here(topic)

    def ring(self, topic: str) -> None:
        """Wake all who wait for `topic`, in this process at once, in others soon.

        What is rung while a publication is under way shares the one that follows it: under load there is one
        publication a round trip, whatever the number of messages and topics.
        """
        self._ring_here(topic)
        if self._redis is not None:
            self._unsent.add(topic)
            if self._sending is None:
                self._sending = asyncio.create_task(self._publish(self._redis))

    @contextlib.asynccontextmanager
    async def listening(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever `topic` is rung from now on; clear it before looking."""
        event = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    @contextlib.asynccontextmanager
    async def hearing(self, concerns: Callable[[str], bool]) -> AsyncIterator[Heard]:
        """What is rung from now on of all the topics that concern the caller, by name."""
        heard = Heard(concerns)
        self._hearing.add(heard)
        try:
            yield heard
        finally:
            self._hearing.discard(heard)

    def _ring_here(self, topic: str) -> None:
        for heard in self._hearing:
            heard.hear(topic)
        for event in self._waiting.get(topic, ()):
            event.set()

    async def _publish(self, redis: Redis) -> None:
        try:
            while self._unsent:
                topics, self._unsent = self._unsent, set()
                await announce(redis, topics, by=self._name)
        except RedisError as error:
            _log.warning("wakeups.publish_failed", error=type(error).__name__)
        finally:
            self._sending = None

    async def _listen(self, redis: Redis) -> None:
        while True:
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._hear(message["data"])
            except RedisError as error:
                _log.warning("wakeups.listen_failed", error=type(error).__name__)
            await asyncio.sleep(_RECONNECT_S)

    def _hear(self, data: bytes) -> None:
        """Ring what others rang; our own words come back too, and here all were woken when they were said."""
        try:
            said = json.loads(data)
            by, topics = said["by"], [str(each) for each in said["topics"]]
        except (ValueError, TypeError, KeyError):  # whoever published it
            _log.warning("wakeups.not_understood", bytes=len(data))
            return
        if by != self._name:
            for topic in topics:
                self._ring_here(topic)


async def announce(redis: Redis, topics: Collection[str], *, by: str = "") -> None:
    """Ring topics in every process that hears; by: the process that did so itself, "" for none. Raises RedisError."""
    await redis.publish(CHANNEL, json.dumps({"by": by, "topics": sorted(topics)}))


async def wait_for(event: asyncio.Event, timeout_s: float) -> None:
    """Wait until the event is set or the time is over; whichever, the caller looks again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
