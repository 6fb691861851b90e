"""Which tickets did WeCom sell for the signing of pages, and how many may be bought? [W 96909]."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.simulator.errors import PlatformError
from bot.simulator.ids import Ids
from bot.simulator.limits import HOUR, Limits

OF_CORP = 0  # whose ticket signs `config`; an app's signs its own `agentConfig`


@dataclass(frozen=True, slots=True)
class JsTicket:
    """One ticket, until when it serves."""

    value: str
    expires_at: datetime


@dataclass(slots=True)
class JsTickets:
    """The tickets of one corp: its own, and each app's by agent_id."""

    sold: dict[int, list[JsTicket]] = field(default_factory=dict)
    bought: deque[tuple[datetime, int]] = field(default_factory=deque)

    def buy(self, of: int, app: int, ids: Ids, now: datetime, limits: Limits) -> JsTicket:
        """The current one until its last minutes, then another. app: who asks. Raises PlatformError 45009."""
        while self.bought and now - self.bought[0][0] >= timedelta(seconds=HOUR):
            self.bought.popleft()
        by_app = sum(who == app for _, who in self.bought)
        if len(self.bought) >= limits.js_tickets_per_hour or by_app >= limits.js_tickets_per_hour_app:
            raise PlatformError(45009)
        self.bought.append((now, app))
        kept = [ticket for ticket in self.sold.get(of, ()) if now < ticket.expires_at]
        overlap = timedelta(seconds=limits.token_overlap_s)
        if not kept or kept[-1].expires_at - now <= overlap:
            kept.append(JsTicket(ids.fresh(chars=86), now + timedelta(seconds=limits.token_s)))
        self.sold[of] = kept
        return kept[-1]

    def valid(self, of: int, now: datetime) -> tuple[str, ...]:
        """Those that a signature may be made with."""
        return tuple(ticket.value for ticket in self.sold.get(of, ()) if now < ticket.expires_at)

    def forget(self) -> None:
        """None of them serves any more, as after the secret was reset."""
        self.sold.clear()
