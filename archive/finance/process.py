"""How do we talk with a child process that may die or hang at any word?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.finance import child
from archive.finance.errors import ChildDied

FAREWELL_S = 2.0  # how long it may take to leave when asked, before it is killed


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """One answer. tail may be what customers wrote: it has no repr."""

    head: Mapping[str, object]
    tail: bytes


class Child:
    """One process that holds the library, or the private keys. Not for several tasks at once."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> Self:
        """Start it with an empty environment, away from our files.

        What it complains of is thrown away unread: it may quote a message.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(Path(child.__file__)), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, cwd="/"
        )  # fmt: skip
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ask(self, head: Mapping[str, object], timeout_s: float) -> Reply:
        """Send one request and wait for its (first) answer. Raises ChildDied; the process is gone then."""
        await self.send(head, timeout_s)
        return await self.receive(timeout_s)

    async def send(self, head: Mapping[str, object], timeout_s: float) -> None:
        """Send one request. Raises ChildDied."""
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 - asked for above
        try:
            async with asyncio.timeout(timeout_s):
                pipe.write(child.frame(head))
                await pipe.drain()
        except (OSError, TimeoutError) as error:
            raise await self._lost(error) from None

    async def receive(self, timeout_s: float) -> Reply:
        """The next answer. Raises ChildDied: it ended, or took longer than timeout_s and was killed."""
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 - asked for above
        try:
            async with asyncio.timeout(timeout_s):
                head, tail = child.LENGTHS.unpack(await pipe.readexactly(child.LENGTHS.size))
                return Reply(json.loads(await pipe.readexactly(head)), await pipe.readexactly(tail))
        except (asyncio.IncompleteReadError, OSError, TimeoutError) as error:
            raise await self._lost(error) from None

    async def end(self) -> None:
        """Ask it to leave, and see that it does."""
        if self._process.returncode is None:
            with contextlib.suppress(ChildDied):
                await self.send({"do": "close"}, FAREWELL_S)
        await self._gone(FAREWELL_S)

    async def kill(self) -> None:
        """End it at once, whatever it is at."""
        await self._gone(0.0)

    async def _lost(self, error: Exception) -> ChildDied:
        hung = isinstance(error, TimeoutError)
        await self._gone(0.0 if hung else FAREWELL_S)
        return ChildDied("no answer in time" if hung else _how(self._process.returncode))

    async def _gone(self, patience_s: float) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await self._process.wait()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        # closes our ends of the pipes; asyncio would do it at some garbage collection, with a warning
        self._process._transport.close()  # type: ignore[attr-defined] # noqa: SLF001 - no public way


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
