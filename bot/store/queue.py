"""Whose message is next? One address at a time, by a lease with a token, oldest first."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, bindparam, case, exists, func, or_, select, update

from bot.domain import Choice, MessageKind
from bot.profiles import home_of, position_of, tags_of
from bot.store.bubbles import MOST, Thought, Waiting, first_thought
from bot.store.engine import read_only, unsynced
from bot.store.holding import hold_until, waiting_at
from bot.store.serial import collected_from_json, inbound_from_json, owed_from_json, stretch_from_json
from bot.store.tables import addresses, as_kept, conversations, customers, inbox
from bot.store.views import NO_CONVERSATION, Bubble, Budget, Claimed, ConversationView, Lease, StaleLease

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

RECENT = 2  # utterances before the one to be understood
LEFT_FOR = timedelta(days=14)  # how long what a person promised is known to the conversations that follow

# Statements of the hot path, built once: building one costs more than running it.
_address, _message = addresses.c, inbox.c
_ME = _address.id == bindparam("p_address")
_NEXT = (
    select(_address.id)
    .where(
        _address.pending == 1,
        _address.ready_at <= bindparam("p_at"),
        or_(_address.lease_until.is_(None), _address.lease_until < bindparam("p_at")),
    )
    .order_by(_address.ready_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(addresses)
    .where(_address.id == _NEXT.scalar_subquery())
    .values(lease_token=bindparam("p_token"), lease_until=bindparam("p_until"), held=0)
    .returning(_address.id, _address.sends_left, _address.window_ends_at)
)
_HERE = _message.address_id == bindparam("p_address")
_HEAD = (
    select(_message.id)
    .where(_HERE, _message.state == "pending")
    .order_by(_message.sent_at, _message.id)
    .limit(1)
    .scalar_subquery()
)
_TAKE_HEAD = (
    update(inbox)
    .where(_message.id == _HEAD)
    .values(attempts=_message.attempts + 1)
    .returning(
        _message.id, _message.body, _message.attempts, _message.answerable, _message.received_at, _message.waits_until
    )
)
_COUNT = update(inbox).where(_message.id == bindparam("p_inbox")).values(attempts=_message.attempts + bindparam("p_by"))
_REST = update(addresses).where(_ME).values(pending=0, lease_token=None, lease_until=None)
_LET_GO = update(addresses).where(_ME).values(lease_token=None, lease_until=None)
_NEXT_DUE = select(func.min(_address.ready_at)).where(
    _address.pending == 1, _address.held == 1, _address.ready_at > bindparam("p_at")
)
_RELEASE = (
    update(addresses)
    .where(_ME, _address.lease_token == bindparam("p_token"))
    .values(lease_token=None, lease_until=None)
)
_MORE = exists(select(_message.id).where(_HERE, _message.state == "pending"))
_MARK_WAITING = (
    update(addresses).where(_ME).values(pending=case((_MORE, 1), else_=0), ready_at=bindparam("p_at"), held=0)
)
_RECENT = (
    select(_message.body)
    .where(_HERE, _message.state == "done")
    .order_by(_message.sent_at.desc(), _message.id.desc())
    .limit(RECENT)
)
_OPEN = (
    select(conversations, customers.c.profile)
    .select_from(addresses)
    .outerjoin(conversations, and_(conversations.c.address_id == _address.id, conversations.c.state == "open"))
    .outerjoin(customers, and_(customers.c.account == _address.account, customers.c.customer == _address.customer))
    .where(_ME)
)

_LAST = (
    select(conversations.c.promises, conversations.c.stretch, conversations.c.owed)
    .where(conversations.c.address_id == bindparam("p_address"))
    .order_by(conversations.c.id.desc())
    .limit(1)
)


class Queue:
    """Claims messages for a worker and gives them back when a try failed."""

    def __init__(self, engine: AsyncEngine, *, now: Callable[[], datetime], lease_s: float) -> None:
        self._engine = engine
        self._reader = read_only(engine)
        self._leases = unsynced(engine)
        self._now = now
        self._lease = timedelta(seconds=lease_s)

    async def claim(self) -> Claimed | None:
        """The oldest unanswered message of an address nobody serves, with the rest of its thought; or None."""
        now = as_kept(self._now())
        token = uuid.uuid4().hex
        lease = {"p_at": now, "p_token": token, "p_until": now + self._lease}
        async with self._leases.begin() as connection:
            while (address := (await connection.execute(_TAKE, lease)).one_or_none()) is not None:
                head = (await connection.execute(_TAKE_HEAD, {"p_address": address.id})).one_or_none()
                if head is None:  # a repeated delivery marked it though all of it is answered: it is put to rest
                    await connection.execute(_REST, {"p_address": address.id})
                    continue
                conversation = await load_open_conversation(connection, address.id, now)
                thought = await _thought(connection, address.id, head, conversation)
                if thought.until is not None and thought.until > now:
                    await _wait_for_the_rest(connection, address.id, head.id, thought.until)
                    continue
                for each in thought.messages[1:]:
                    await connection.execute(_COUNT, {"p_inbox": each.inbox_id, "p_by": 1})
                claimed = _claimed(address, token, head, thought, conversation)
                return await _with_recent(connection, claimed) if conversation.id else claimed
        return None

    async def next_due(self) -> datetime | None:
        """When the first of the addresses that are held back now may be claimed; None if none is."""
        async with self._reader.connect() as connection:
            due: datetime | None = (await connection.execute(_NEXT_DUE, {"p_at": self._now()})).scalar_one()
            return due

    async def refresh(self, claimed: Claimed) -> ConversationView:
        """The conversation as it is now, for a decision that must be made again."""
        async with self._reader.connect() as connection:
            return await load_open_conversation(connection, claimed.lease.address_id, self._now())

    async def give_back(self, claimed: Claimed, *, error: str, retry_at: datetime) -> None:
        """End the lease without a turn; the message is tried again at `retry_at`. Raises StaleLease."""
        async with self._engine.begin() as connection:
            await release(connection, claimed.lease)
            await connection.execute(update(inbox).where(inbox.c.id.in_(claimed.inbox_ids)).values(error=error))
            await connection.execute(
                update(addresses)
                .where(addresses.c.id == claimed.lease.address_id)
                .values(pending=1, ready_at=retry_at, held=0)
            )


async def release(connection: AsyncConnection, lease: Lease) -> None:
    """Give up the lease; first statement of every finalising transaction. Raises StaleLease."""
    released = await connection.execute(_RELEASE, {"p_address": lease.address_id, "p_token": lease.token})
    if released.rowcount != 1:
        raise StaleLease(f"address {lease.address_id}")


async def mark_waiting(connection: AsyncConnection, address_id: int, now: datetime) -> None:
    """Recompute whether the address has work. Call after `release`: its row lock keeps new messages out."""
    await connection.execute(_MARK_WAITING, {"p_address": address_id, "p_at": now})


async def _thought(
    connection: AsyncConnection, address_id: int, head: Row[Any], conversation: ConversationView
) -> Thought:
    """The message and what is read together with it. With a person each is shown to her as it comes."""
    alone = Waiting(head.id, inbound_from_json(head.body), head.received_at, head.waits_until)
    if head.waits_until is None or conversation.owner != "bot":
        return Thought((alone,), None)
    return first_thought(await waiting_at(connection, address_id, limit=MOST))


async def _wait_for_the_rest(connection: AsyncConnection, address_id: int, head_id: int, until: datetime) -> None:
    await connection.execute(_COUNT, {"p_inbox": head_id, "p_by": -1})  # this was no try
    await connection.execute(_LET_GO, {"p_address": address_id})
    await hold_until(connection, address_id, until)


def _claimed(
    address: Row[Any], token: str, head: Row[Any], thought: Thought, conversation: ConversationView
) -> Claimed:
    *earlier, last = thought.messages
    return Claimed(
        lease=Lease(address_id=address.id, token=token),
        inbox_id=last.inbox_id,
        message=last.message,
        answerable=bool(head.answerable),
        attempts=head.attempts,
        conversation=conversation,
        budget=Budget(sends_left=address.sends_left, ends_at=address.window_ends_at),
        position=position_of(last.message),
        earlier=tuple(Bubble(each.inbox_id, each.message) for each in earlier),
    )


async def _with_recent(connection: AsyncConnection, claimed: Claimed) -> Claimed:
    """With what the customer wrote before, oldest first, and where she said she is."""
    rows = await connection.execute(_RECENT, {"p_address": claimed.lease.address_id})
    said = [body for body in rows.scalars() if body.get("sender") == "customer"]
    texts = (str(body.get("text", "")) for body in reversed(said))
    positions = (position_of(inbound_from_json(body)) for body in said if body.get("kind") == MessageKind.LOCATION)
    position = claimed.position or next((each for each in positions if each is not None), None)
    return replace(claimed, recent=tuple(text for text in texts if text), position=position)


async def load_open_conversation(connection: AsyncConnection, address_id: int, now: datetime) -> ConversationView:
    """The open conversation of an address; else NO_CONVERSATION, with what the last one of late left."""
    row = (await connection.execute(_OPEN, {"p_address": address_id})).one()
    view = conversation_view(row) if row.id is not None else await _left(connection, address_id, now)
    return view if row.profile is None else replace(view, tags=tags_of(row.profile), region=home_of(row.profile))


async def _left(connection: AsyncConnection, address_id: int, now: datetime) -> ConversationView:
    last = (await connection.execute(_LAST, {"p_address": address_id})).one_or_none()
    if last is None:
        return NO_CONVERSATION
    stretch, left = stretch_from_json(last.stretch), replace(NO_CONVERSATION, owed=owed_from_json(last.owed))
    if stretch is None or stretch.ended_at < now - LEFT_FOR:
        return left
    return replace(left, promises=tuple(last.promises or ()), stretch=stretch)


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
        collected=collected_from_json(row.slots),
        stretch=stretch_from_json(row.stretch),
        owed=owed_from_json(row.owed),
    )
