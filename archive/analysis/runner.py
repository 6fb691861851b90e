"""How does what was said become what is known of it: fresh entries first, then sessions, then what is read anew?

Each step reads without holding up any writer, works beside the event loop, and writes once. Before it writes it looks
whether what it read is still so. A process that dies anywhere has written all of a step or nothing of it, and the step
is done again; two processes at the same step write it once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.analysis.anew import read_anew
from archive.analysis.fresh import Analysed, analyse_fresh
from archive.analysis.ground import AnalysisGround
from archive.analysis.judge_step import judge_due
from archive.analysis.marking import mark
from archive.analysis.progress import RULES, Progress, write_alone
from archive.analysis.quality import FactsOf, Quality
from archive.analysis.values import Utterance
from archive.entry import Voice

SHIFT = timedelta(seconds=60)  # far longer than a step takes; who takes over from a dead process waits so long
SESSIONS_EACH = 4  # a batch of so many entries is about one session
_ANYTHING = "你好，请问什么时候发货"


@dataclass(frozen=True, slots=True)
class AnalysisStep:
    """What one step did. full: as much as a step may. elsewhere: nothing, because it is another process' turn."""

    fresh: Analysed = field(default_factory=Analysed)
    judged: int = 0
    anew: int = 0
    full: bool = False
    elsewhere: bool = False

    @property
    def worked(self) -> bool:
        """Whether there was something to do; there may be more."""
        return bool(self.fresh.entries or self.judged or self.anew)


@dataclass(slots=True)
class AnalysisRunner:
    """Analyses step by step, for as long as it is asked to. Any number may run; one at a time works.

    quality: the shop's rules and what judges by them now. Raises OvertakenError where a newer version is at work.
    """

    ground: AnalysisGround
    quality: Callable[[], Quality]
    facts_of: FactsOf
    _token: str = field(default_factory=lambda: secrets.token_hex(16))
    _until: datetime | None = None
    _registered: int | None = None  # the rules' version

    async def step(self, batch: int) -> AnalysisStep:
        """Do one bounded piece of work: up to `batch` entries, and the sessions that they belong to."""
        quality = self.quality()
        await self._register(quality)
        if not await self._is_our_shift():
            return AnalysisStep(elsewhere=True)
        fresh = await analyse_fresh(self.ground, batch)
        sessions = max(batch // SESSIONS_EACH, 1)
        judged = await judge_due(self.ground, quality, self.facts_of, sessions)
        anew = 0
        if not fresh.entries and not judged:
            anew = await read_anew(self.ground, batch, quality.version)
        return AnalysisStep(fresh, judged, anew, full=fresh.entries >= batch or judged >= sessions or anew > 0)

    async def warm_up(self) -> None:
        """Let the analyzers read what they read from files before what customers say waits for it."""
        said = Utterance(0, None, "", "", "", Voice.CUSTOMER, "", self.ground.now(), "text", _ANYTHING)
        await asyncio.to_thread(lambda: [mark(each, [said]) for each in self.ground.analyzers])

    async def stop(self) -> None:
        """Let another process go on at once."""
        if self._until is not None:
            async with self.ground.engine.begin() as connection:
                await self.ground.progress.end_shift(connection, self._token)
            self._until = None

    async def _register(self, quality: Quality) -> None:
        if self._registered == quality.version:
            return
        versions = {each.name: each.version for each in self.ground.analyzers} | {RULES: quality.version}
        async with self.ground.engine.begin() as connection:
            await write_alone(connection)
            await self.ground.progress.register(connection, versions, self.ground.now())
        self._registered = quality.version

    async def _is_our_shift(self) -> bool:
        now = self.ground.now()
        if self._until is not None and now < self._until - SHIFT / 2:
            return True
        async with self.ground.engine.begin() as connection:
            ours = await self.ground.progress.take_shift(connection, self._token, now, SHIFT)
        self._until = now + SHIFT if ours else None
        return ours


async def progress_of(ground: AnalysisGround) -> list[Progress]:
    """How far each analyzer and the rules have come with what was said before them."""
    async with ground.readers.connect() as connection:
        return await ground.progress.all(connection)
