"""How is a webhook told? One signed POST to the public internet, tried again for half a day, then given up visibly."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
import structlog
from sqlalchemy import or_, select, update
from yarl import URL

from bot.api.hooks import Hook, Hooks, hook_of
from bot.api.tables import webhook_deliveries, webhooks
from bot.delivery.elsewhere import IsAllowed, MayNotBeFetched, is_public

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TRIES: Final = 12  # 10 s, doubled each time: half a day in all
FIRST_WAIT: Final = timedelta(seconds=10)
LEASE: Final = timedelta(seconds=60)
TIMEOUT_S: Final = 10.0
GIVEN_UP: Final = 3  # deliveries in a row, after which the webhook is switched off
_log = structlog.get_logger()


class TellOwner(Protocol):
    """Says in WeCom, in the caller's transaction, that a webhook was switched off."""

    async def __call__(self, connection: AsyncConnection, hook: Hook, why: str, *, ticket_id: int) -> None:
        """Say it. ticket_id: what it was not told of; 0 for a trial."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery under our lease."""

    id: str
    event: str
    body: str
    ticket_id: int
    attempts: int
    token: str
    hook: Hook


@dataclass(frozen=True, slots=True)
class HookSending:
    """Claims, sends and settles deliveries.

    session: over `guarded_connector`. is_allowed: the connector's, here for bare addresses, which no name leads to.
    """

    hooks: Hooks
    session: aiohttp.ClientSession
    tell_owner: TellOwner
    now: Callable[[], datetime]
    reached: Callable[[str], None]
    is_allowed: IsAllowed = is_public

    async def claim(self) -> Due | None:
        """The delivery that waits longest, ours for a minute; None where none is due."""
        c, now, token = webhook_deliveries.c, self.now(), uuid.uuid4().hex
        due = (
            select(c.id)
            .join(webhooks, webhooks.c.id == c.webhook_id)
            .where(c.state == "pending", c.next_at <= now, or_(c.lease_until.is_(None), c.lease_until < now))
            .where(webhooks.c.state == "on")
            .order_by(c.next_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=webhook_deliveries)
        )
        async with self.hooks.engine.begin() as connection:
            taken = (
                update(webhook_deliveries)
                .where(c.id == due.scalar_subquery())
                .values(lease_token=token, lease_until=now + LEASE)
                .returning(webhook_deliveries)
            )
            row = (await connection.execute(taken)).one_or_none()
            if row is None:
                return None
            hook = hook_of((await connection.execute(select(webhooks).where(webhooks.c.id == row.webhook_id))).one())
        return Due(row.id, row.event, row.body, row.ticket_id, row.attempts, token, hook)

    async def deliver(self, due: Due) -> None:
        """Send it, and note what came of it."""
        status, error = await self._send(due)
        self.reached("webhook_sent")
        sent = not error
        gone = status == HTTPStatus.GONE  # the receiver says: never again
        attempts = due.attempts + 1
        dead = not sent and (gone or attempts >= TRIES)
        c, now = webhook_deliveries.c, self.now()
        values = {
            "state": "sent" if sent else "dead" if dead else "pending",
            "attempts": attempts,
            "next_at": now if sent or dead else now + FIRST_WAIT * 2 ** (attempts - 1),
            "lease_token": None,
            "lease_until": None,
            "status": status,
            "error": error,
        }
        async with self.hooks.engine.begin() as connection:
            ours = (c.id == due.id) & (c.lease_token == due.token)
            if not (await connection.execute(update(webhook_deliveries).where(ours).values(values))).rowcount:
                return  # it took too long, and somebody else has it now
            if sent:
                await connection.execute(update(webhooks).where(webhooks.c.id == due.hook.id).values(failures=0))
            elif dead:
                await self._count(connection, due, error, at_once=gone)
        _log.info("webhook.tried", webhook=due.hook.id, delivery=due.id, status=status, state=values["state"])

    async def _count(self, connection: AsyncConnection, due: Due, error: str, *, at_once: bool) -> None:
        one_more = (
            update(webhooks)
            .where(webhooks.c.id == due.hook.id, webhooks.c.state == "on")
            .values(failures=webhooks.c.failures + 1)
            .returning(webhooks.c.failures)
        )
        failures = (await connection.execute(one_more)).scalar_one_or_none()
        if failures is None or (failures < GIVEN_UP and not at_once):
            return
        off = update(webhooks).where(webhooks.c.id == due.hook.id).values(state="failed", why=error)
        await connection.execute(off)
        await self.tell_owner(connection, due.hook, error, ticket_id=due.ticket_id)

    async def _send(self, due: Due) -> tuple[int | None, str]:
        """HTTP status and what was wrong; no status where nobody answered."""
        timestamp = str(int(self.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "xiaoer-webhook/1",
            "X-Xiaoer-Delivery": due.id,
            "X-Xiaoer-Event": due.event,
            "X-Xiaoer-Timestamp": timestamp,
            "X-Xiaoer-Signature": sign(self.hooks.secret_of(due.hook), timestamp, due.body),
        }
        try:
            self._check(URL(due.hook.url))
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            async with self.session.post(
                due.hook.url, data=due.body.encode(), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                fine = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
                return response.status, "" if fine else f"HTTP {response.status}"
        except MayNotBeFetched as error:
            return None, str(error)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return None, type(error).__name__

    def _check(self, url: URL) -> None:
        try:
            bare = ip_address(url.host or "")
        except ValueError:
            return
        if not self.is_allowed(bare):
            raise MayNotBeFetched(f"{url.host} is in a private network")


def sign(secret: str, timestamp: str, body: str) -> str:
    """`v1=` and the hex HMAC-SHA256 of "timestamp.body" under the webhook's secret."""
    return f"v1={hmac.new(secret.encode(), f'{timestamp}.{body}'.encode(), hashlib.sha256).hexdigest()}"
