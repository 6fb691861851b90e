"""How does an event reach the shop? POSTed to its callback URL, three attempts, and in disorder when told so."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import structlog

from bot.simulator.envelope import Letter
from bot.simulator.faults import CALLBACK, FaultKind, Faults
from bot.simulator.limits import Limits

log = structlog.get_logger()

HTTP_OK = 200
KEPT = 500


@dataclass(slots=True)
class Sent:
    """One callback and how its attempts went: HTTP statuses, 0 where no answer came in time."""

    account: str
    label: str
    statuses: list[int] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Was it answered with 200?"""
        return HTTP_OK in self.statuses


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback to deliver.

    write: signs it afresh for every attempt. answered: gets the body of the 200, None where no attempt brought one.
    """

    account: str
    label: str
    url: str
    write: Callable[[], Letter]
    answered: Callable[[str | None], None]


@dataclass(slots=True)
class Postman:
    """Delivers callbacks in background tasks; `settled` waits for all, `close` ends them."""

    session: aiohttp.ClientSession
    sleep: Callable[[float], Awaitable[None]]
    limits: Limits
    faults: Faults
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _held: dict[str, list[Callback]] = field(default_factory=dict)

    def deliver(self, callback: Callback) -> None:
        """Send it now, in the background, unless a fault says otherwise."""
        if not callback.url:
            return
        fault = self.faults.take((f"callback:{callback.account}", "callback:*"), CALLBACK)
        match fault.kind if fault else None:
            case FaultKind.DROP:
                self.counts["dropped"] += 1
            case FaultKind.REORDER:
                self._held.setdefault(callback.account, []).append(callback)
            case FaultKind.DUPLICATE if fault is not None:
                self._start([callback] * fault.copies)
            case _:
                self._start([callback, *self._held.pop(callback.account, [])])

    def release(self) -> None:
        """Send what a REORDER fault still holds back."""
        for held in self._held.values():
            self._start(held)
        self._held.clear()

    async def settled(self) -> None:
        """Wait until every delivery under way has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop all deliveries."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    def _start(self, callbacks: list[Callback]) -> None:
        task = asyncio.get_running_loop().create_task(self._send_all(callbacks))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("callback_failed", error=type(error).__name__)

    async def _send_all(self, callbacks: list[Callback]) -> None:
        for callback in callbacks:
            await self._send(callback)

    async def _send(self, callback: Callback) -> None:
        record = Sent(callback.account, callback.label)
        self.sent.append(record)
        answer: str | None = None
        for attempt in range(self.limits.callback_attempts):
            if attempt and record.statuses[-1]:
                await self.sleep(self.limits.answer_within_s)
            status, body = await self._attempt(callback)
            record.statuses.append(status)
            if status == HTTP_OK:
                answer = body
                break
        self.counts["accepted" if record.accepted else "given_up"] += 1
        callback.answered(answer)

    async def _attempt(self, callback: Callback) -> tuple[int, str]:
        letter = callback.write()
        try:
            async with asyncio.timeout(self.limits.answer_within_s):
                async with self.session.post(
                    callback.url,
                    params=letter.query,
                    data=letter.body.encode(),
                    headers={"Content-Type": letter.content_type},
                ) as response:
                    return response.status, await response.text()
        except TimeoutError:
            return 0, ""
        except aiohttp.ClientError as error:
            log.info("callback_unreachable", account=callback.account, error=type(error).__name__)
            return -1, ""
