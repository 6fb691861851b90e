"""How do the platform accounts stand, and what can be done about what did not arrive? Read, examined, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

import aiohttp
import structlog

from bot.doctor_every_account import check_every_account, check_reach
from bot.doctor_line import Finding
from bot.platform import Usage
from bot.settings import Settings
from bot.store.dead_letters import FAILED, Letter, Retried, letters, retry
from bot.store.engine import read_only
from bot.wakeups import Wakeups

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

LONGEST_S: Final = 45.0  # a whole examination: a page waits no longer; what was not reached by then is said to be so
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination found. complete: it came to its end within the time."""

    at: datetime
    findings: Sequence[Finding]
    complete: bool


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Reads and commands. health: everything counted (`Health.describe`). session: to reach platforms with.

    examining: one examination at a time in this process.
    """

    settings: Settings
    engine: AsyncEngine
    session: Callable[[], AbstractAsyncContextManager[aiohttp.ClientSession]]
    health: Callable[[], Awaitable[Mapping[str, object]]]
    usage: Callable[[], Awaitable[tuple[Usage, ...]]]
    wakeups: Wakeups
    now: Callable[[], datetime]
    examining: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def examine(self) -> Examined | None:
        """Ask the platforms what the doctor asks; None while another examination runs. Changes nothing."""
        if self.examining.locked():
            return None
        found: list[Finding] = []
        complete = False
        async with self.examining:
            try:
                async with asyncio.timeout(LONGEST_S), self.session() as session:
                    async for each in self._findings(session):
                        found.append(each)  # noqa: PERF401 - what was found stays where the time is over
                complete = True
            except TimeoutError:
                _log.warning("accounts.examination_cut_off", findings=len(found))
        return Examined(self.now(), found, complete)

    async def letters(self, *, before: int | None, limit: int) -> Sequence[Letter]:
        """What could not be said or done, the newest first; before: an id, for the page after it."""
        async with read_only(self.engine).connect() as connection:
            return await letters(connection, states=FAILED, before=before, limit=limit)

    async def retry(self, ids: Sequence[int], *, by: str, uncertain_too: bool) -> Retried:
        """Try these again; those that are on their way or done are refused."""
        async with self.engine.begin() as connection:
            result = await retry(connection, ids, now=self.now(), uncertain_too=uncertain_too)
        if result.retried:
            _log.info("accounts.retried", person=by, letters=list(result.retried))
            self.wakeups.ring(Wakeups.OUTBOX)
        return result

    async def _findings(self, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
        async for found in check_reach(self.settings, session, self.now):
            yield found
        async for found in check_every_account(self.settings, session, self.now):
            yield found
