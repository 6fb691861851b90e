"""How do many who ask for the same at once share one reading, and nobody gets what is older than her question?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """A reading. Who asks while one is under way waits for the next one, together with all who ask until it begins."""

    def __init__(self, read: Callable[[], Awaitable[T]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock  # seconds
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None
        self._kept: tuple[float, T] | None = None

    async def read_now(self) -> T:
        """What is true when this is called, or later. Raises what the reading raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        return await asyncio.shield(self._next)  # one who leaves does not take it from the others

    async def read_within(self, seconds: float) -> T:
        """What was true so many seconds ago, or later. Raises what the reading raises."""
        if self._kept is not None and self._clock() - self._kept[0] <= seconds:
            return self._kept[1]
        return await self.read_now()

    def forget(self) -> None:
        """What was read is no longer true."""
        self._kept = None

    async def _after(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        began = self._clock()
        found = await self._read()
        self._kept = began, found
        return found
