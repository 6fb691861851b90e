"""Which access token is valid now? Bought once for all tasks and processes, renewed early, dropped if rejected."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.platform.accounts import Credentials
from bot.platform.errors import ApiError
from bot.platform.policy import Category, Verdict
from bot.platform.shared import Lock, SharedStore

log = structlog.get_logger()

EARLY_S = 300.0  # stable_token hands out the next token in the last 5 minutes, the old one staying valid [OA]
LOCK_S = 20.0  # longer than buying a token takes, short enough for a buyer that died
POLL_S = 0.1  # pause of those who wait for another process's purchase
FORCE_EVERY_S = 86_400 / 20  # force_refresh of stable_token: at most 20 a day, at least 30 s apart [OA]
BARRED_S = 60.0  # a wrong secret is not tried again for so long: repeating it bars the IP for an hour [W 90313]


@dataclass(frozen=True, slots=True, repr=False)
class FreshToken:
    """A token as bought: its value and how many seconds it lives."""

    value: str
    lives_s: float


@dataclass(frozen=True, slots=True, repr=False)
class _Held:
    value: str
    renew_at: datetime


Fetch = Callable[[Credentials, bool], Awaitable[FreshToken]]


class TokenProvider:
    """Tokens by secret (not by account: a corp has one per app). Safe to share by any number of tasks."""

    def __init__(
        self,
        *,
        fetch: Fetch,
        store: SharedStore,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]],
        jitter: Callable[[], float] = random.random,
        what: str = "token",
    ) -> None:
        """fetch(credentials, force): buy a token; force asks for one that differs from the current one.

        what: is bought here, as it is called in the log and in Redis: what else expires and may be bought seldom (the
        tickets of the JS-SDK) is kept in the same way.
        """
        self._what = what
        self._fetch = fetch
        self._store = store
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._held: dict[str, _Held] = {}
        self._rejected: dict[str, str] = {}
        self._buying: dict[str, asyncio.Task[str]] = {}
        self._forced_at: dict[str, datetime] = {}
        self._barred: dict[str, tuple[datetime, ApiError]] = {}

    async def token(self, credentials: Credentials) -> str:
        """A token the platform has not rejected so far. Raises PlatformError if none can be bought."""
        key = credentials.token_key
        held = self._held.get(key)
        if held is not None and self._now() < held.renew_at:
            return held.value
        self._refuse_barred(key)
        task = self._buying.get(key)
        if task is None:
            # one task for all callers: a caller that is cancelled does not cancel the others' purchase
            task = asyncio.create_task(self._obtain(credentials), name=f"token {credentials.account}")
            self._buying[key] = task
            task.add_done_callback(lambda done: self._bought(key, done))
        return await asyncio.shield(task)

    async def invalidate(self, credentials: Credentials, value: str) -> None:
        """The platform rejected this value: forget it everywhere, unless it was replaced meanwhile."""
        key = credentials.token_key
        self._rejected[key] = value
        held = self._held.get(key)
        if held is not None and held.value == value:
            del self._held[key]
        shared = await self._store.read(self._cache_key(key))
        if shared is not None and (known := _unpack(shared)) is not None and known.value == value:
            await self._store.delete_if_same(self._cache_key(key), shared)

    async def _obtain(self, credentials: Credentials) -> str:
        """Take the token another process bought, or buy it under the lock; without Redis just buy it."""
        key = credentials.token_key
        holder = secrets.token_hex(8)
        waited = 0.0
        while True:
            if (value := await self._shared(key)) is not None:
                return value
            lock = await self._store.lock(self._lock_key(key), holder, LOCK_S)
            if lock is not Lock.THEIRS or waited >= LOCK_S:
                break
            pause = POLL_S * (1 + self._jitter())
            await self._sleep(pause)
            waited += pause
        try:
            # whoever held the lock before us may have just written it
            return await self._shared(key) or await self._buy(credentials)
        finally:
            if lock is Lock.OURS:
                await self._store.delete_if_same(self._lock_key(key), holder)

    async def _shared(self, key: str) -> str | None:
        held = _unpack(await self._store.read(self._cache_key(key)))
        if held is None or held.value == self._rejected.get(key) or held.renew_at <= self._now():
            return None
        self._held[key] = held
        return held.value

    async def _buy(self, credentials: Credentials) -> str:
        key = credentials.token_key
        fresh = await self._fetch(credentials, False)
        if fresh.value == self._rejected.get(key) and await self._may_force(credentials):
            # stable_token repeats itself while it thinks the token good; force_refresh is for this
            fresh = await self._fetch(credentials, True)
        early_s = min(EARLY_S, fresh.lives_s / 4) * (1 + 0.2 * self._jitter())
        keep_s = max(1.0, fresh.lives_s - early_s)
        held = _Held(fresh.value, self._now() + timedelta(seconds=keep_s))
        self._held[key] = held
        await self._store.write(self._cache_key(key), _pack(held), keep_s)
        log.info("platform_token_bought", what=self._what, account=credentials.account, lives_s=fresh.lives_s)
        return fresh.value

    async def _may_force(self, credentials: Credentials) -> bool:
        """Corps have no force_refresh; official accounts 20 a day, over all processes."""
        key = credentials.token_key
        forced_at = self._forced_at.get(key)
        if credentials.kind != "official_account":
            return False
        if forced_at is not None and self._now() < forced_at + timedelta(seconds=FORCE_EVERY_S):
            return False
        if await self._store.lock(f"xiaoer:token-force:{key}", "forced", FORCE_EVERY_S) is Lock.THEIRS:
            return False
        self._forced_at[key] = self._now()
        return True

    def _bought(self, key: str, done: asyncio.Task[str]) -> None:
        self._buying.pop(key, None)
        error = None if done.cancelled() else done.exception()
        if isinstance(error, ApiError) and error.verdict is Verdict.GIVE_UP and error.category is Category.TOKEN:
            self._barred[key] = (self._now() + timedelta(seconds=BARRED_S), error.again())

    def _refuse_barred(self, key: str) -> None:
        until, error = self._barred.get(key, (None, None))
        if until is None or error is None:
            return
        if self._now() < until:
            raise error.again()
        del self._barred[key]

    def _cache_key(self, key: str) -> str:
        return f"xiaoer:{self._what}:{key}"

    def _lock_key(self, key: str) -> str:
        return f"xiaoer:{self._what}-lock:{key}"


def _pack(held: _Held) -> str:
    return f"{held.renew_at.timestamp()}|{held.value}"


def _unpack(packed: str | None) -> _Held | None:
    """None also for what we cannot read: Redis is never the truth."""
    renew_at, _, value = (packed or "").partition("|")
    try:
        return _Held(value, datetime.fromtimestamp(float(renew_at), UTC)) if value else None
    except (ValueError, OverflowError, OSError):
        return None
