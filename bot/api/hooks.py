"""Which programs want to hear of us, and what were they told? Webhooks, and their deliveries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Row, delete, insert, select, update
from yarl import URL

from bot.access import Action, Actor, Audit
from bot.api.scopes import EVENTS
from bot.api.tables import webhook_deliveries, webhooks
from bot.delivery.elsewhere import is_public
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LONGEST_URL: Final = 500
LONGEST_NAME: Final = 64
SHOWN: Final = 50
TRIAL: Final = "webhook.tried"
HookState = Literal["on", "off", "failed"]


class HookInvalid(Exception):  # noqa: N818 - reads as the fact it is
    """A webhook cannot be like that. field: name | url | events; why: a name in the catalogue."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook. why: it was switched off. by: who made it, and is told when it fails."""

    id: int
    name: str
    url: str
    events: tuple[str, ...]
    by: str
    state: HookState
    why: str
    since: datetime
    salt: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one webhook was told, or is to be told, of one event. state: pending | sent | dead."""

    id: str
    event: str
    at: datetime
    state: str
    attempts: int
    next_at: datetime
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """Commands and reads. secret: the installation's, from which each webhook's is derived.

    Who changes one stands in the audit log with the change; trying, and sending again, change none.
    """

    engine: AsyncEngine
    audit: Audit
    secret: bytes
    now: Callable[[], datetime]

    def secret_of(self, hook: Hook) -> str:
        """What signs its deliveries; another installation secret, or `renew`, makes another."""
        key = hmac.digest(self.secret, f"webhook|{hook.salt}".encode(), hashlib.sha256)
        return f"whsec_{base64.urlsafe_b64encode(key).decode().rstrip('=')}"

    async def add(self, name: str, url: str, events: Iterable[str], *, by: Actor) -> Hook:
        """A new webhook, told of what happens from now on. Raises HookInvalid."""
        wanted = _checked(name, url, tuple(events))
        values = {"name": name, "url": url, "events": wanted, "by": by.id, "salt": secrets.token_urlsafe(32)}
        async with self.engine.begin() as connection:
            made = insert(webhooks).values(**values, state="on", since=self.now()).returning(webhooks)
            hook = hook_of((await connection.execute(made)).one())
            await self._noted(connection, hook.id, by)
        return hook

    async def every(self) -> tuple[Hook, ...]:
        """All of them, oldest first."""
        async with read_only(self.engine).connect() as connection:
            return tuple(map(hook_of, await connection.execute(select(webhooks).order_by(webhooks.c.id))))

    async def get(self, hook_id: int) -> Hook | None:
        """One of them."""
        async with read_only(self.engine).connect() as connection:
            row = (await connection.execute(select(webhooks).where(webhooks.c.id == hook_id))).one_or_none()
        return hook_of(row) if row is not None else None

    async def switch(self, hook_id: int, *, on: bool, by: Actor) -> None:
        """Tell it again, of what happens from now on, or no more."""
        now = self.now()
        since = {"since": now} if on else {}
        values = {"state": "on" if on else "off", "why": "", "failures": 0, **since}
        async with self.engine.begin() as connection:
            await connection.execute(update(webhooks).where(webhooks.c.id == hook_id).values(values))
            await self._noted(connection, hook_id, by)

    async def renew(self, hook_id: int, *, by: Actor) -> None:
        """Another secret from now on."""
        salt = secrets.token_urlsafe(32)
        async with self.engine.begin() as connection:
            await connection.execute(update(webhooks).where(webhooks.c.id == hook_id).values(salt=salt))
            await self._noted(connection, hook_id, by)

    async def remove(self, hook_id: int, *, by: Actor) -> None:
        """It and its deliveries are gone."""
        async with self.engine.begin() as connection:
            await connection.execute(delete(webhook_deliveries).where(webhook_deliveries.c.webhook_id == hook_id))
            await connection.execute(delete(webhooks).where(webhooks.c.id == hook_id))
            await self._noted(connection, hook_id, by)

    async def deliveries(self, hook_id: int) -> tuple[Delivery, ...]:
        """What it was last told, the newest first."""
        of = select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == hook_id)
        newest = of.order_by(webhook_deliveries.c.at.desc(), webhook_deliveries.c.id).limit(SHOWN)
        async with read_only(self.engine).connect() as connection:
            return tuple(map(_delivery, await connection.execute(newest)))

    async def try_out(self, hook_id: int) -> str:
        """Tell it of nothing, to see that it hears; the delivery's id."""
        now, delivery_id = self.now(), uuid.uuid4().hex
        body = json.dumps({"id": delivery_id, "event": TRIAL, "occurred_at": now.isoformat()})
        row = {"id": delivery_id, "webhook_id": hook_id, "event_id": 0, "event": TRIAL, "ticket_id": 0, "body": body}
        async with self.engine.begin() as connection:
            await connection.execute(insert(webhook_deliveries).values(**row, at=now, state="pending", next_at=now))
        return delivery_id

    async def again(self, hook_id: int, delivery_id: str) -> bool:
        """Send one once more that was given up; False where it was not."""
        c = webhook_deliveries.c
        dead = (c.id == delivery_id) & (c.webhook_id == hook_id) & (c.state == "dead")
        values = {"state": "pending", "attempts": 0, "next_at": self.now()}
        async with self.engine.begin() as connection:
            return bool((await connection.execute(update(webhook_deliveries).where(dead).values(values))).rowcount)

    async def _noted(self, connection: AsyncConnection, hook_id: int, by: Actor) -> None:
        await self.audit.record(connection, Action.WEBHOOK_CHANGED, by=by, on=f"webhook:{hook_id}")


def hook_of(row: Row[Any]) -> Hook:
    """A row as a value."""
    return Hook(row.id, row.name, row.url, tuple(row.events), row.by, row.state, row.why, row.since, row.salt)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(row.id, row.event, row.at, row.state, row.attempts, row.next_at, row.status, row.error)


def _checked(name: str, url: str, events: Sequence[str]) -> list[str]:
    if not 0 < len(name) <= LONGEST_NAME:
        raise HookInvalid("name", "name")
    try:
        parsed = URL(url)
    except ValueError:
        raise HookInvalid("url", "url") from None
    if parsed.scheme != "https" or not parsed.host or parsed.user or len(url) > LONGEST_URL:
        raise HookInvalid("url", "url")
    if not _may_be_public(parsed.host):
        raise HookInvalid("url", "private")
    if not events or not set(events) <= set(EVENTS):
        raise HookInvalid("events", "events")
    return sorted(set(events))


def _may_be_public(host: str) -> bool:
    """A bare address is looked at here; a name again at each delivery, when it is resolved."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))
