"""How is the load made? By a process of its own: raw keep-alive connections that send what was prepared.

Commands come as JSON lines on stdin, answers leave as JSON lines on stdout. With a rate, requests
arrive at random (Poisson) whether or not earlier ones were answered, and each one's time counts
from its arrival; without, every connection sends its next request when the last one is answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import cast

import uvloop
from typing_extensions import override

from benchmarks.letters import Receiver, letters

HEAD_END = b"\r\n\r\n"
GRACE_S = 10.0  # how long answers may take after the last request


@dataclass(frozen=True, slots=True)
class Round:
    """What to do. rate: requests a second over all connections, 0 for as many as go. expect: an answer's body."""

    port: int
    seconds: float
    connections: int
    rate: float = 0.0
    expect: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of it. acknowledged: indices of the prepared requests that were answered as expected."""

    seconds: float = 0.0
    refused: int = 0
    acknowledged: list[int] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)


class Load:
    """One round under way."""

    def __init__(self, wanted: Round, prepared: list[bytes]) -> None:
        self.wanted = wanted
        self.outcome = Outcome()
        self._prepared = prepared
        self._numbers: Iterator[int] = iter(range(len(prepared)))
        self._loop = asyncio.get_running_loop()
        self._idle: list[Connection] = []
        self._waiting: deque[tuple[int, float]] = deque()
        self._under_way = 0
        self._over = False
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def run(self) -> Outcome:
        """Connect, send, wait for the last answer."""
        connections = [await self._connect() for _ in range(self.wanted.connections)]
        try:
            return await self._play(connections)
        finally:
            for connection in connections:
                connection.close()
            await asyncio.sleep(0)  # the transports close in the next round of the loop

    async def _connect(self) -> Connection:
        _, connection = await self._loop.create_connection(lambda: Connection(self), "127.0.0.1", self.wanted.port)
        return connection

    async def _play(self, connections: list[Connection]) -> Outcome:
        began = self._loop.time()
        self._loop.call_later(self.wanted.seconds, self._stop)
        if self.wanted.rate:
            self._idle = list(connections)
            self._arrive(began, random.Random(7))
        else:
            for connection in connections:
                self._send_next(connection)
        async with asyncio.timeout(self.wanted.seconds + GRACE_S):
            await self._ended
        self.outcome.seconds = self._loop.time() - began
        return self.outcome

    def answered(self, connection: Connection, number: int, since: float, *, good: bool) -> None:
        """One answer came."""
        self._under_way -= 1
        if good:
            self.outcome.acknowledged.append(number)
            self.outcome.latencies_ms.append((self._loop.time() - since) * 1000)
        else:
            self.outcome.refused += 1
        if self._waiting:
            self._send(connection, *self._waiting.popleft())
        elif self.wanted.rate or self._over:
            self._idle.append(connection)
        else:
            self._send_next(connection)
        self._end_if_quiet()

    def lost(self) -> None:
        """A connection broke: the server closed it or died."""
        if not self._ended.done():
            self._ended.set_exception(ConnectionResetError("the server closed a connection"))

    def _arrive(self, due: float, dice: random.Random) -> None:
        """Start what is due and come back at the next arrival."""
        while due <= self._loop.time() and not self._over:
            number = next(self._numbers, None)
            if number is None:
                self._stop()
                return
            if self._idle:
                self._send(self._idle.pop(), number, due)
            else:
                self._waiting.append((number, due))
            due += dice.expovariate(self.wanted.rate)
        if not self._over:
            self._loop.call_at(due, self._arrive, due, dice)

    def _send_next(self, connection: Connection) -> None:
        number = next(self._numbers, None)
        if number is None:
            self._over = True
            self._idle.append(connection)
        else:
            self._send(connection, number, self._loop.time())

    def _send(self, connection: Connection, number: int, since: float) -> None:
        self._under_way += 1
        connection.send(self._prepared[number], number, since)

    def _stop(self) -> None:
        self._over = True
        self._end_if_quiet()

    def _end_if_quiet(self) -> None:
        if self._over and not self._under_way and not self._waiting and not self._ended.done():
            self._ended.set_result(None)


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on it."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._number, self._since = 0, 0.0
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports inherit from nothing

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._load.lost()

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(HEAD_END)
        length = _content_length(head) if found else 0
        if not found or len(rest) < length:
            return
        self._buffer = rest[length:]
        good = head.startswith(b"HTTP/1.1 200 ") and self._load.wanted.expect.encode() in rest[:length]
        self._load.answered(self, self._number, self._since, good=good)

    def send(self, letter: bytes, number: int, since: float) -> None:
        """Write one request."""
        self._number, self._since = number, since
        if self._transport is not None:
            self._transport.write(letter)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def serve() -> None:
    """Obey until stdin ends. {"cpu", "receiver", "path"} first, then {"prepare", "first_id"} or a Round."""
    hello = json.loads(sys.stdin.readline())
    if hello["cpu"] is not None:
        os.sched_setaffinity(0, {hello["cpu"]})
    receiver, prepared = Receiver(**hello["receiver"]), list[bytes]()
    answers = os.fdopen(1, "w", closefd=False)  # always buffered: an unbuffered stdout may cut a long line
    for line in sys.stdin:
        command = json.loads(line)
        if "prepare" in command:
            count, first = command["prepare"], command["first_id"]
            prepared = letters(receiver, hello["path"], first_id=first, count=count, now_s=int(time.time()))
            answer: dict[str, object] = {"prepared": len(prepared)}
        else:
            answer = asdict(uvloop.run(_run(Round(**command), prepared)))
        print(json.dumps(answer), file=answers, flush=True)


async def _run(wanted: Round, prepared: list[bytes]) -> Outcome:
    return await Load(wanted, prepared).run()


if __name__ == "__main__":
    serve()
