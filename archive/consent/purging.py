"""How do all traces of a person go, in small steps that may be interrupted anywhere?

Each transaction takes the first step that still finds something, removes up to a batch of it and counts it with the
job. Which step is next is never kept: it is what is still there. So a process that dies at any point leaves rows and
counts that fit, and whoever goes on goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.consent.purges import PurgeClaim, Purges, Target

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class Serving:
    """What serves her now and stays until it is over.

    conversations: the open ones. busy: words of hers, or to her, are on their way.
    """

    conversations: frozenset[int] = frozenset()
    busy: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing has to stay."""
        return not self.conversations and not self.busy


Remove = Callable[["AsyncConnection", Target, Serving, int], Awaitable[Mapping[str, int]]]
ServingOf = Callable[["AsyncConnection", Target], Awaitable[Serving]]


@dataclass(frozen=True, slots=True)
class PurgeStep:
    """One kind of thing. remove: takes up to so many away and says how many of each class; empty: none is left.

    partly: whether it also follows where only what was said with one counterpart goes.
    """

    remove: Remove
    partly: bool = False


class _TakenOver(Exception):  # noqa: N818 - reads as the fact it is
    """Our lease ran out and somebody else goes on."""


@dataclass(frozen=True, slots=True)
class Purger:
    """Purges, step by step. Any number may run.

    serving: what has to stay for an open conversation; it goes when that is closed. batch: rows a transaction.
    reached: told at each point between two things that are done, for tests of deaths.
    """

    engine: AsyncEngine
    purges: Purges
    steps: Sequence[PurgeStep]
    serving: ServingOf
    batch: int
    reached: Callable[[str], None]

    async def claim(self, only: int | None = None) -> PurgeClaim | None:
        """A purge that is due; only: this one, due or not."""
        async with self.engine.begin() as connection:
            return await self.purges.claim(connection, only=only)

    async def purge(self, claim: PurgeClaim) -> bool:
        """Purge until nothing is left (True), what is left must wait, or another process took over."""
        counts = Counter(claim.counts)
        try:
            while gone := await self._batch(claim, counts):
                counts += gone
        except _TakenOver:
            return False
        return gone is None

    async def _batch(self, claim: PurgeClaim, counts: Counter[str]) -> Counter[str] | None:
        """One transaction. None: all is done; empty: the rest waits."""
        async with self.engine.begin() as connection:
            serving = await self.serving(connection, claim.target)
            gone = await self._one(connection, claim.target, serving)
            if gone:
                self.reached("purge.removed")
                held = await self.purges.count(connection, claim, counts + gone)
            elif serving.is_over or claim.target.counterpart:
                held = await self.purges.finish(connection, claim)
            else:
                held = await self.purges.wait(connection, claim)
            if not held:
                raise _TakenOver  # and nothing of this transaction happened
        self.reached("purge.counted")
        return gone if gone or not (serving.is_over or claim.target.counterpart) else None

    async def _one(self, connection: AsyncConnection, target: Target, serving: Serving) -> Counter[str]:
        for step in self.steps:
            if step.partly or not target.counterpart:
                gone = Counter(await step.remove(connection, target, serving, self.batch))
                if gone.total():
                    return gone
        return Counter()
