"""Whose message is next? One address at a time, by a lease with a token, oldest first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Select, and_, exists, or_, select, update

from bot.domain import Choice
from bot.store.engine import read_only, unsynced
from bot.store.serial import inbound_from_json
from bot.store.tables import addresses, conversations, inbox
from bot.store.views import NO_CONVERSATION, Budget, Claimed, ConversationView, Lease, StaleLease

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

RECENT = 2  # utterances before the one to be understood


class Queue:
    """Claims messages for a worker and gives them back when a try failed."""

    def __init__(self, engine: AsyncEngine, *, now: Callable[[], datetime], lease_s: float) -> None:
        self._engine = engine
        self._reader = read_only(engine)
        self._leases = unsynced(engine)
        self._now = now
        self._lease = timedelta(seconds=lease_s)

    async def claim(self) -> Claimed | None:
        """The oldest unanswered message of an address nobody serves, or None."""
        now = self._now()
        token = uuid.uuid4().hex
        async with self._leases.begin() as connection:
            address = (await connection.execute(self._take(token, now))).one_or_none()
            if address is None:
                return None
            head = (await connection.execute(_head(address.id))).one_or_none()
            if head is None:
                await _rest(connection, address.id)
                return None
            await connection.execute(update(inbox).where(inbox.c.id == head.id).values(attempts=inbox.c.attempts + 1))
            conversation = await load_open_conversation(connection, address.id)
            recent = await _recent(connection, address.id) if conversation.id else ()
        return Claimed(
            lease=Lease(address_id=address.id, token=token),
            inbox_id=head.id,
            message=inbound_from_json(head.body),
            answerable=bool(head.answerable),
            attempts=head.attempts + 1,
            conversation=conversation,
            recent=recent,
            budget=Budget(sends_left=address.sends_left, ends_at=address.window_ends_at),
        )

    def _take(self, token: str, now: datetime) -> Any:
        free = or_(addresses.c.lease_until.is_(None), addresses.c.lease_until < now)
        next_one: Select[tuple[int]] = (
            select(addresses.c.id)
            .where(and_(addresses.c.pending == 1, addresses.c.ready_at <= now, free))
            .order_by(addresses.c.ready_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return (
            update(addresses)
            .where(addresses.c.id == next_one.scalar_subquery())
            .values(lease_token=token, lease_until=now + self._lease)
            .returning(addresses.c.id, addresses.c.sends_left, addresses.c.window_ends_at)
        )

    async def refresh(self, claimed: Claimed) -> ConversationView:
        """The conversation as it is now, for a decision that must be made again."""
        async with self._reader.connect() as connection:
            return await load_open_conversation(connection, claimed.lease.address_id)

    async def give_back(self, claimed: Claimed, *, error: str, retry_at: datetime) -> None:
        """End the lease without a turn; the message is tried again at `retry_at`. Raises StaleLease."""
        async with self._engine.begin() as connection:
            await release(connection, claimed.lease)
            await connection.execute(update(inbox).where(inbox.c.id == claimed.inbox_id).values(error=error))
            await connection.execute(
                update(addresses).where(addresses.c.id == claimed.lease.address_id).values(pending=1, ready_at=retry_at)
            )


async def release(connection: AsyncConnection, lease: Lease) -> None:
    """Give up the lease; first statement of every finalising transaction. Raises StaleLease."""
    released = await connection.execute(
        update(addresses)
        .where(addresses.c.id == lease.address_id, addresses.c.lease_token == lease.token)
        .values(lease_token=None, lease_until=None)
    )
    if released.rowcount != 1:
        raise StaleLease(f"address {lease.address_id}")


async def mark_waiting(connection: AsyncConnection, address_id: int, now: datetime) -> None:
    """Recompute whether the address has work. Call after `release`: its row lock keeps new messages out."""
    more = exists(select(inbox.c.id).where(inbox.c.address_id == address_id, inbox.c.state == "pending"))
    has_more = bool((await connection.execute(select(more))).scalar_one())
    await connection.execute(
        update(addresses).where(addresses.c.id == address_id).values(pending=int(has_more), ready_at=now)
    )


async def _rest(connection: AsyncConnection, address_id: int) -> None:
    await connection.execute(
        update(addresses).where(addresses.c.id == address_id).values(pending=0, lease_token=None, lease_until=None)
    )


def _head(address_id: int) -> Select[Any]:
    return (
        select(inbox.c.id, inbox.c.body, inbox.c.attempts, inbox.c.answerable)
        .where(inbox.c.address_id == address_id, inbox.c.state == "pending")
        .order_by(inbox.c.sent_at, inbox.c.id)
        .limit(1)
    )


async def _recent(connection: AsyncConnection, address_id: int) -> tuple[str, ...]:
    """What the customer wrote before, oldest first: a follow-up is understood with it."""
    rows = await connection.execute(
        select(inbox.c.body)
        .where(inbox.c.address_id == address_id, inbox.c.state == "done")
        .order_by(inbox.c.sent_at.desc(), inbox.c.id.desc())
        .limit(RECENT)
    )
    said = [str(body.get("text", "")) for body in rows.scalars() if body.get("sender") == "customer"]
    return tuple(text for text in reversed(said) if text)


async def load_open_conversation(connection: AsyncConnection, address_id: int) -> ConversationView:
    """The open conversation of an address, or NO_CONVERSATION."""
    row = (
        await connection.execute(
            select(conversations).where(conversations.c.address_id == address_id, conversations.c.state == "open")
        )
    ).one_or_none()
    return NO_CONVERSATION if row is None else conversation_view(row)


def conversation_view(row: Row[Any]) -> ConversationView:
    """A row of `conversations` as the decision sees it."""
    return ConversationView(
        id=row.id,
        version=row.version,
        owner=row.owner,
        team=row.team or "",
        agent=row.agent or "",
        ticket_id=row.ticket_id or 0,
        failures=row.failures,
        choices=tuple(Choice(id=item["id"], label=item["label"]) for item in row.choices or ()),
        scene=row.scene,
        promises=tuple(row.promises or ()),
        session_state=row.session_state,
    )
