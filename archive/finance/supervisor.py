"""How is a process used as if it could not die? It is started again, and each item has two lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from archive.finance.errors import ChildDied
from archive.finance.exchange import SdkLimits
from archive.finance.process import Child, Reply

LIVES = 2  # an item at which the process died so often is given up
Request = Mapping[str, object]
Item = TypeVar("Item")


async def nothing_to_renew() -> None:
    """What is done between two items where nobody waits for us."""


class Supervisor:
    """One long-lived process; tasks take turns. begin: makes a new process ready, and raises where it is not.

    died: told how the process ended, each time it does.
    """

    def __init__(
        self,
        begin: Callable[[Child], Awaitable[None]],
        limits: SdkLimits,
        *,
        sleep: Callable[[float], Awaitable[object]],
        died: Callable[[str], None],
    ) -> None:
        self._begin = begin
        self._limits = limits
        self._sleep = sleep
        self._died = died
        self._child: Child | None = None
        self._deaths = 0  # in a row
        self._turn = asyncio.Lock()

    @property
    def child(self) -> Child | None:
        """The process, if there is one now."""
        return self._child

    async def ready(self) -> None:
        """See that it is there. Raises ChildDied, and as `begin` does."""
        async with self._turn:
            await self._started()

    async def ask(self, request: Request, timeout_s: float) -> Reply:
        """One request, one answer. Raises ChildDied, and as `begin` does."""
        async with self._turn:
            child = await self._started()
            try:
                reply = await child.ask(request, timeout_s)
            except ChildDied as error:
                self._lost(error)
                raise
            except BaseException:
                await self._abandon(child)
                raise
        self._deaths = 0
        return reply

    async def each(
        self, items: Sequence[Item], asking: Callable[[Sequence[Item]], Request], alive: Callable[[], Awaitable[None]]
    ) -> list[Reply | None]:
        """The answer to each item, in order; None where it died at one twice. asking: makes one request of items.

        alive: called at each death. Raises ChildDied, and as `begin` does, only where it does not even start.
        """
        async with self._turn:
            answers: list[Reply | None] = []
            lost = 0  # lives of the item at the front
            while len(answers) < len(items):
                child = await self._started()
                try:
                    await child.send(asking(items[len(answers) :]), self._limits.timeout_s)
                    while len(answers) < len(items):
                        answers.append(await child.receive(self._limits.decrypt_s))
                        lost = self._deaths = 0
                except ChildDied as error:
                    self._lost(error)
                    lost += 1
                    if lost == LIVES:
                        answers.append(None)
                        lost = self._deaths = 0  # it was the item, not the process
                    await alive()
                except BaseException:
                    await self._abandon(child)
                    raise
        return answers

    async def aclose(self) -> None:
        """End the process."""
        async with self._turn:
            if self._child is not None:
                await self._child.end()
                self._child = None

    async def _started(self) -> Child:
        if self._child is not None:
            return self._child
        if self._deaths:
            await self._sleep(min(self._limits.backoff_cap_s, self._limits.backoff_s * 2 ** (self._deaths - 1)))
        child = await Child.start()
        try:
            await self._begin(child)
        except ChildDied as error:
            self._lost(error)
            raise
        except BaseException:
            await child.end()
            raise
        self._child = child
        return child

    async def _abandon(self, child: Child) -> None:
        """Whoever asked waits no longer: the answers still to come must be nobody else's."""
        self._child = None
        await child.kill()

    def _lost(self, error: ChildDied) -> None:
        self._child = None
        self._deaths += 1
        self._died(str(error))
