"""How do effects leave, after the commit that decided them? Claimed, tried, settled; nothing is retried forever."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter
from sqlalchemy import select

from bot.delivery.outcome import Again, ByCallback, Dead, Dropped, Outcome, Sent, Uncertain
from bot.phrases import default_phrases
from bot.settings import WorkSettings
from bot.store.effects import Effects, settle
from bot.store.engine import read_only, unsynced
from bot.store.tables import turns
from bot.store.views import EffectKind, OutboxItem, StaleLease

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

DELIVERED = Counter("xiaoer_outbox_settled_total", "Effects by kind and how they ended", ["kind", "state"])
_log = structlog.get_logger()

Deliver = Callable[[OutboxItem], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Outbox:
    """Delivers effects; any number may be under way beside each other."""

    engine: AsyncEngine
    effects: Effects
    deliverers: Mapping[EffectKind, Deliver]
    settings: WorkSettings
    now: Callable[[], datetime]
    reached: Callable[[str], None]
    jitter: Callable[[], float] = random.random

    async def claim(self) -> OutboxItem | None:
        """The next effect that is due, leased to us."""
        return await self.effects.claim(self.now())

    async def deliver(self, item: OutboxItem) -> None:
        """Try a claimed effect and settle how it ended."""
        self.reached("effect_claimed")
        self.reached(f"{item.kind}_claimed")
        try:
            outcome = await self._try(item)
            self.reached(f"{item.kind}_tried")
            await self._settle(item, outcome)
        except StaleLease:
            _log.warning("outbox.lease_lost", effect=item.id, kind=item.kind)
        self.reached("effect_settled")

    async def _try(self, item: OutboxItem) -> Outcome:
        if item.expires_at is not None and item.expires_at <= self.now():
            return Dropped("expired before it could be sent")
        try:
            return await self.deliverers[item.kind](item)
        except StaleLease:
            raise
        except ValueError as error:  # it does not fit the platform's limits: no retry can help
            return Dead(f"cannot be sent: {error}", default_phrases().say("advice.does_not_fit"))
        except Exception as error:  # noqa: BLE001 - bounded by attempts, and the text of an error may quote a customer
            _log.error("outbox.failed", effect=item.id, kind=item.kind, error=type(error).__name__)
            return Again(type(error).__name__)

    async def _settle(self, item: OutboxItem, outcome: Outcome) -> None:
        if isinstance(outcome, Again) and item.attempts >= self.settings.attempts:
            outcome = Dead(outcome.error, default_phrases().say("advice.gave_up"))
        DELIVERED.labels(kind=item.kind.value, state=type(outcome).__name__.lower()).inc()
        match outcome:
            case Again(error=error, after_s=after_s, gives_way=gives_way):
                delay = after_s if after_s is not None else self._backoff_s(item.attempts)
                until = self.now() + timedelta(seconds=delay)
                await self.effects.postpone(item, until, error=error, gives_way=gives_way)
            case Sent(also=also):
                await self._finish(item, "sent", also=also)
            case Dropped(reason=reason, also=also):
                await self._finish(item, "dropped", error=reason, also=also)
            case Dead(error=error, advice=advice, also=also):
                await self._finish(item, "dead", error=error, advice=advice, also=also)
                _log.error("outbox.dead", effect=item.id, kind=item.kind, account=item.address.account, error=error)
            case Uncertain(error=error):
                await self._finish(item, "uncertain", error=error)
                _log.error("outbox.uncertain", effect=item.id, kind=item.kind, account=item.address.account)
            case ByCallback(also=also):
                await self._finish(item, "inline", also=also, inbox_id=await self._inbox_of(item))

    async def _finish(
        self,
        item: OutboxItem,
        state: str,
        *,
        error: str | None = None,
        advice: str | None = None,
        also: Callable[..., Awaitable[None]] | None = None,
        inbox_id: int | None = None,
    ) -> None:
        values = {
            "state": state,
            "done_at": self.now(),
            "error": error,
            "advice": advice,
            "inline_inbox_id": inbox_id,
            "lease_token": None,
            "lease_until": None,
        }
        async with unsynced(self.engine).begin() as connection:
            await settle(connection, item, values)
            if also is not None:
                await also(connection)

    async def _inbox_of(self, item: OutboxItem) -> int | None:
        async with read_only(self.engine).connect() as connection:
            return (
                await connection.execute(select(turns.c.inbox_id).where(turns.c.id == item.turn_id))
            ).scalar_one_or_none()

    def _backoff_s(self, attempts: int) -> float:
        """Exponential, full jitter, capped."""
        ceiling = min(self.settings.backoff_cap_s, self.settings.backoff_s * 2 ** (attempts - 1))
        return float(ceiling * self.jitter())
