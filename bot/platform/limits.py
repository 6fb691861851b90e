"""May this call go out now? Token buckets per corp and call and per IP, a breaker, and a cap on concurrency."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bot.platform.accounts import Credentials
from bot.platform.errors import RateLimited
from bot.platform.shared import SharedStore
from bot.platform.slots import Slots
from bot.settings import LimitSettings

# a full minute's allowance = what may burst + what flows in, so that no minute ever exceeds the limit
BURST_SHARE = 0.1
KEEP_MS = 120_000
ROUNDING_MS = 0.01  # milliseconds since 1970 are exact to about 0.001 in a float; that must not cost a call

# GCRA: a key holds the time at which its bucket will be full again. All keys admit, or none is charged.
# KEYS: breaker, bucket... ARGV: now_ms, keep_ms, then per bucket interval_ms and burst_ms. Returns ms to wait, 0 = go.
_ADMIT = """
local now = tonumber(ARGV[1])
local opens = tonumber(redis.call('GET', KEYS[1]) or '0')
local wait = math.max(0, opens - now)
local full = {}
for i = 2, #KEYS do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  full[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + interval
  wait = math.max(wait, full[i] - burst - now)
end
if wait > 0 then return string.format('%.3f', wait) end
for i = 2, #KEYS do redis.call('SET', KEYS[i], string.format('%.3f', full[i]), 'PX', ARGV[2]) end
return '0'
"""


class Limits:
    """Shared through Redis; each process counts for itself while Redis is away."""

    def __init__(
        self,
        store: SharedStore,
        settings: LimitSettings,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._sleep = sleep
        self._local: dict[str, float] = {}
        self._slots = Slots(store, settings, now, sleep)

    async def admit(self, credentials: Credentials, call: str, max_wait_s: float) -> None:
        """Take one permit, waiting up to max_wait_s seconds. Raises RateLimited if that is not enough."""
        left_s = max_wait_s
        while (wait_s := await self._take(credentials, call)) > 0:
            if wait_s > left_s:
                raise RateLimited(credentials.account, call, wait_s)
            await self._sleep(wait_s)
            left_s -= wait_s

    async def trip(self, credentials: Credentials, call: str) -> float:
        """The platform said 45009: rest this call of this corp, nothing else. Returns the seconds of rest."""
        rest_s = self._settings.breaker_s
        key, until_ms = _breaker_key(credentials, call), self._now_ms() + rest_s * 1000
        self._local[key] = until_ms
        await self._store.write(key, f"{until_ms:.0f}", rest_s)
        return rest_s

    def slot(self, credentials: Credentials, call: str, max_wait_s: float) -> AbstractAsyncContextManager[None]:
        """Hold this while the call runs; see `Slots.held`."""
        return self._slots.held(credentials, call, max_wait_s)

    async def standing(self, credentials: Credentials, call: str) -> tuple[int, float, float]:
        """Calls a minute, the share (0–1) of what may burst that is used now, and for how many seconds it rests."""
        limit, now_ms = self._per_minute(call), self._now_ms()
        _, burst_ms = _shape(limit)
        full_ms, opens_ms = [
            float(await self._store.read(key) or self._local.get(key, 0.0))
            for key in (_bucket_key(credentials, call), _breaker_key(credentials, call))
        ]
        return limit, min(1.0, max(0.0, full_ms - now_ms) / burst_ms), max(0.0, opens_ms - now_ms) / 1000

    async def _take(self, credentials: Credentials, call: str) -> float:
        """Seconds to wait before asking again; 0 means that a permit was taken."""
        breaker = _breaker_key(credentials, call)
        buckets = {
            _bucket_key(credentials, call): self._per_minute(call),
            "xiaoer:calls:ip": self._settings.calls_per_minute_ip,
        }
        now_ms = self._now_ms()
        if (resting_ms := self._local.get(breaker, 0.0) - now_ms) > 0:  # also when Redis was flushed since
            return resting_ms / 1000
        shared = await self._store.run(_ADMIT, (breaker, *buckets), _arguments(now_ms, tuple(buckets.values())))
        if shared is None:
            return self._take_locally(buckets, now_ms)
        return float(shared) / 1000 if isinstance(shared, bytes | str) else 0.0

    def _per_minute(self, call: str) -> int:
        match call:
            case "msgaudit/check_single_agree":
                return self._settings.single_agree_per_minute
            case "msgaudit/check_room_agree":
                return self._settings.room_agree_per_minute
            case _:
                return self._settings.calls_per_minute

    def _take_locally(self, buckets: dict[str, int], now_ms: float) -> float:
        """The same rule as the script, for this process alone."""
        wait_ms = 0.0
        full: dict[str, float] = {}
        for key, limit in buckets.items():
            interval, burst = _shape(limit)
            full[key] = max(self._local.get(key, 0.0), now_ms) + interval
            wait_ms = max(wait_ms, full[key] - burst - now_ms)
        if wait_ms <= 0:
            self._local.update(full)
        return wait_ms / 1000

    def _now_ms(self) -> float:
        return self._now().timestamp() * 1000


def _bucket_key(credentials: Credentials, call: str) -> str:
    return f"xiaoer:calls:{credentials.owner}:{call}"


def _breaker_key(credentials: Credentials, call: str) -> str:
    return f"xiaoer:breaker:{credentials.owner}:{call}"


def _shape(limit: int) -> tuple[float, float]:
    """Milliseconds between two calls, and the milliseconds' worth of calls that may burst."""
    interval = 60_000 / (limit * (1 - BURST_SHARE))
    return interval, max(1.0, limit * BURST_SHARE) * interval + ROUNDING_MS


def _arguments(now_ms: float, limits: tuple[int, ...]) -> tuple[str, ...]:
    shapes = [f"{value:.3f}" for limit in limits for value in _shape(limit)]
    return (f"{now_ms:.3f}", str(KEEP_MS), *shapes)
