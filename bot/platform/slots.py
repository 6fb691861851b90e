"""How many calls of one kind run side by side, over all our processes? No more than the platform takes (45033)."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from bot.platform.accounts import Credentials
from bot.platform.errors import RateLimited
from bot.platform.shared import SharedStore
from bot.settings import LimitSettings

LEASE_S = 120.0  # longer than a call with all its retries: the slots of a process that died are free after it
LOOK_AGAIN_S = 0.05  # while every slot is taken by other processes

# A sorted set holds who is inside and until when. ARGV: now_ms, most, until_ms, who, lease_ms. Returns 1: inside.
_ENTER = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return '0' end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return '1'
"""
_LEAVE = "return redis.call('ZREM', KEYS[1], ARGV[1])"


class Slots:
    """Shared through Redis; each process counts for itself while Redis is away."""

    def __init__(
        self,
        store: SharedStore,
        settings: LimitSettings,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._store = store
        self._most = {"externalcontact/mark_tag": settings.mark_tag_concurrency}
        self._now = now
        self._sleep = sleep
        self._here: dict[str, asyncio.Semaphore] = {}

    @contextlib.asynccontextmanager
    async def held(self, credentials: Credentials, call: str, max_wait_s: float) -> AsyncIterator[None]:
        """Hold this while the call runs; a no-op for calls without a cap.

        Raises RateLimited where other processes hold every slot for longer than max_wait_s.
        """
        most = self._most.get(call)
        if most is None:
            yield
            return
        key = f"xiaoer:slots:{credentials.owner}:{call}"
        async with self._here.setdefault(key, asyncio.Semaphore(most)):
            who = secrets.token_hex(8)
            left_s = max_wait_s
            while not await self._enter(key, most, who):
                if left_s < LOOK_AGAIN_S:
                    raise RateLimited(credentials.account, call, LOOK_AGAIN_S)
                await self._sleep(LOOK_AGAIN_S)
                left_s -= LOOK_AGAIN_S
            try:
                yield
            finally:
                await asyncio.shield(self._store.run(_LEAVE, (key,), (who,)))

    async def _enter(self, key: str, most: int, who: str) -> bool:
        now_ms, lease_ms = self._now().timestamp() * 1000, LEASE_S * 1000
        arguments = (f"{now_ms:.0f}", str(most), f"{now_ms + lease_ms:.0f}", who, f"{lease_ms:.0f}")
        entered = await self._store.run(_ENTER, (key,), arguments)
        return entered is None or entered in {b"1", "1"}
