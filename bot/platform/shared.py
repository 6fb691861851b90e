"""What do our processes share through Redis, and what if it is away? Then each does without, a little slower."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

TIMEOUT_S = 0.5
REST_S = 1.0  # after a failure Redis is left alone for this long, so that an outage costs one time-out a second

# compare-and-delete: a lock (or a token) that has since become someone else's stays
_DELETE_IF_SAME = """
local kept = redis.call('GET', KEYS[1])
if kept == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class Lock(Enum):
    """Who holds the lock we asked for. NO_REDIS: nobody can know."""

    OURS = "ours"
    THEIRS = "theirs"
    NO_REDIS = "no_redis"


class SharedStore:
    """Redis as a convenience: no method raises, an outage reads as "nothing there" (DESIGN §2: never the truth)."""

    def __init__(self, redis: Redis | None, now: Callable[[], datetime]) -> None:
        self._redis = redis
        self._now = now
        self._resting_until: datetime | None = None

    async def read(self, key: str) -> str | None:
        """The value, or None where there is none or Redis is away."""
        value = await self._ask(lambda redis: redis.get(key))
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else cast("str | None", value)

    async def write(self, key: str, value: str, ttl_s: float) -> None:
        """Keep the value for ttl_s seconds (at least 1 ms)."""
        await self._ask(lambda redis: redis.set(key, value, px=max(1, int(ttl_s * 1000))))

    async def delete_if_same(self, key: str, value: str) -> None:
        """Delete the key only while it still holds this very value."""
        await self.run(_DELETE_IF_SAME, (key,), (value,))

    async def lock(self, key: str, holder: str, ttl_s: float) -> Lock:
        """SET NX PX; release with delete_if_same(key, holder)."""
        got = await self._ask(lambda redis: redis.set(key, holder, nx=True, px=int(ttl_s * 1000)), absent=False)
        if got is None:
            return Lock.NO_REDIS
        return Lock.OURS if got else Lock.THEIRS

    async def run(self, script: str, keys: tuple[str, ...], arguments: tuple[str, ...]) -> object | None:
        """Run a Lua script; None where Redis is away."""
        return await self._ask(
            lambda redis: cast("Awaitable[object]", redis.eval(script, len(keys), *keys, *arguments))
        )

    async def _ask(self, command: Callable[[Redis], Awaitable[object]], absent: object | None = None) -> object | None:
        if self._redis is None or self._is_resting():
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await command(self._redis)
        except (RedisError, OSError, TimeoutError, UnicodeError) as error:
            # the type only: messages of Redis can quote the arguments, and one of them is a token
            log.warning("platform_cache_unavailable", error=type(error).__name__)
            self._resting_until = self._now() + timedelta(seconds=REST_S)
            return None
        self._resting_until = None
        return absent if answer is None else answer

    def _is_resting(self) -> bool:
        return self._resting_until is not None and self._now() < self._resting_until
