"""What happens around one call: permit, token, exchange, and what the policy says to do about a failure."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import structlog

from bot.platform.accounts import Credentials
from bot.platform.errors import Ambiguous, ApiError, PlatformError, RateLimited, Unreachable
from bot.platform.limits import Limits
from bot.platform.metrics import CALLS, EXCHANGE_SECONDS
from bot.platform.policy import Policy, Verdict
from bot.platform.tokens import TokenProvider

log = structlog.get_logger()

T = TypeVar("T")

MAX_RETRIES = 3  # the platforms' own advice for -1 [W 90313]
BACKOFF_S = 0.5  # first delay at most; doubles, with full jitter
BACKOFF_CAP_S = 8.0


class Next(Enum):
    """What to do after a failed attempt."""

    BACK_OFF = "back_off"
    RENEW_TOKEN = "renew_token"  # noqa: S105 - a step, no secret
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Task:
    """What is called. repeatable: may be repeated after an ambiguous failure (ApiCall.repeatable)."""

    credentials: Credentials
    call: str
    repeatable: bool
    max_wait_s: float


class Attempts:
    """Runs one call to its end. No recursion: at most one new token and MAX_RETRIES retries."""

    def __init__(
        self,
        tokens: TokenProvider,
        limits: Limits,
        sleep: Callable[[float], Awaitable[object]],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._tokens = tokens
        self._limits = limits
        self._sleep = sleep
        self._jitter = jitter

    async def run(self, task: Task, attempt: Callable[[str], Awaitable[T]]) -> T:
        """Perform attempt(token) until it succeeds or the policy says stop. Raises PlatformError."""
        outcome = "cancelled"
        try:
            async with self._limits.slot(task.credentials, task.call, task.max_wait_s):
                result = await self._loop(task, attempt)
            outcome = "ok"
        except PlatformError as error:
            outcome = error.outcome
            raise
        else:
            return result
        finally:
            CALLS.labels(task.credentials.account, task.call, outcome).inc()

    async def _loop(self, task: Task, attempt: Callable[[str], Awaitable[T]]) -> T:
        retries, renewed, may_have_acted = 0, False, False
        while True:
            token = ""
            try:
                await self._limits.admit(task.credentials, task.call, task.max_wait_s)
                token = await self._tokens.token(task.credentials)
                with EXCHANGE_SECONDS.labels(task.credentials.account, task.call).time():
                    return await attempt(token)
            except PlatformError as error:
                fault = error
            may_have_acted |= fault.may_have_acted
            match next_step(fault, repeatable=task.repeatable, retries=retries, renewed=renewed):
                case Next.RENEW_TOKEN:
                    renewed = True
                    await self._tokens.invalidate(task.credentials, token)
                case Next.BACK_OFF:
                    await self._sleep(self._jitter() * min(BACKOFF_CAP_S, BACKOFF_S * 2**retries))
                    retries += 1
                case Next.REPORT:
                    log.warning("platform_call_failed", account=fault.account, call=fault.call, outcome=fault.outcome)
                    final = await self._final(task, fault)
                    final.may_have_acted = may_have_acted
                    raise final

    async def _final(self, task: Task, fault: PlatformError) -> PlatformError:
        """What the caller sees: a limit of the platform opens the breaker and reads as RateLimited."""
        if not isinstance(fault, ApiError) or fault.verdict is not Verdict.WAIT:
            return fault
        pause_s = await self._limits.trip(task.credentials, fault.call) if fault.policy.breaker else BACKOFF_CAP_S
        return RateLimited(fault.account, fault.call, pause_s, fault.code, fault.advice)


def next_step(fault: PlatformError, *, repeatable: bool, retries: int, renewed: bool) -> Next:
    """The policy: who may be tried again, and how.

    An errcode is an answer: the platform did not act, so retrying it is safe even for calls that are not repeatable.
    """
    match fault:
        case ApiError(verdict=Verdict.REFRESH):
            return Next.REPORT if renewed else Next.RENEW_TOKEN
        case (
            ApiError(verdict=Verdict.RETRY)
            | ApiError(policy=Policy(verdict=Verdict.WAIT, breaker=False))
            | Unreachable()
        ):
            again = True
        case Ambiguous():
            again = repeatable
        case _:
            again = False
    return Next.BACK_OFF if again and retries < MAX_RETRIES else Next.REPORT
