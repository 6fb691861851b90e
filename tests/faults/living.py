"""How does a test start a process, follow what it does, and learn of its end?

The processes are forked from a server that has imported the product, and read what never changes, once: the same
process, sooner.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from tests.faults import process

ENDED = "ended"
END_S = 10.0


def nursery() -> ForkServerContext:
    """Where processes come from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([process.__name__, "tests.faults.ripe"])
    return context


@dataclass(slots=True)
class Living:
    """One process of the product. points: how often it reached each fault point. changed: told whenever it did."""

    process: ForkServerProcess
    changed: asyncio.Condition
    points: Counter[str] = field(default_factory=Counter)
    _reader: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, config: Path, point: str, nth: int, changed: asyncio.Condition) -> Living:
        """Start one; it dies the nth time it comes to `point`."""
        context = nursery()
        ours, its = context.Pipe(duplex=False)
        made = cls(context.Process(target=process.main, args=(config, point, nth, its)), changed)
        made.process.start()
        its.close()  # so that its end is the end of the stream
        reader = asyncio.StreamReader()
        pipe = os.fdopen(os.dup(ours.fileno()), "rb", 0)
        ours.close()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        made._reader = asyncio.create_task(made._read(reader, transport))
        return made

    async def _read(self, reader: asyncio.StreamReader, transport: asyncio.ReadTransport) -> None:
        async for line in reader:
            await self._tell(line.decode().strip())
        transport.close()
        await self._tell(ENDED)

    async def _tell(self, point: str) -> None:
        self.points[point] += 1
        async with self.changed:
            self.changed.notify_all()

    async def ends(self, within_s: float) -> int | None:
        """Wait for its end; the exit code, or minus the signal that killed it."""
        async with asyncio.timeout(within_s):
            if self._reader is not None:
                await asyncio.shield(self._reader)  # it still tells of its end when we gave up waiting
        await asyncio.to_thread(self.process.join, END_S)
        return self.process.exitcode

    async def stop(self) -> int | None:
        """SIGTERM, and wait."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGTERM)
        return await self.ends(END_S)
