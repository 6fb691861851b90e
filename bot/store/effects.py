"""How are effects written with the decision, claimed for delivery, and settled?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update

from bot.domain import Address, Speaker
from bot.store.engine import unsynced
from bot.store.tables import addresses, conversations, outbox
from bot.store.views import Budget, Effect, EffectKind, OutboxItem, StaleLease

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


STARTED = "started"  # what `error` holds while an unrepeatable call is under way

# Statements of the hot path, built once: building one costs more than running it.
_earlier = outbox.alias("earlier")
_BLOCKED = exists(
    select(_earlier.c.id).where(
        _earlier.c.address_id == outbox.c.address_id,
        _earlier.c.state == "pending",
        _earlier.c.ordered == 1,
        _earlier.c.id < outbox.c.id,
    )
)
ITEMS = (  # what `item_of` reads
    select(
        outbox,
        addresses.c.inbox,
        addresses.c.customer,
        conversations.c.owner,
        conversations.c.channel,
        conversations.c.session_state,
    )
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .outerjoin(conversations, conversations.c.id == outbox.c.conversation_id)
)
_NEXT = (
    ITEMS.where(
        outbox.c.state == "pending",
        outbox.c.next_at <= bindparam("p_at"),
        or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < bindparam("p_at")),
        or_(outbox.c.ordered == 0, ~_BLOCKED),
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=outbox)
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("p_id"))
    .values(lease_token=bindparam("p_token"), lease_until=bindparam("p_until"), attempts=outbox.c.attempts + 1)
)
_SPEND = (
    update(addresses)
    .where(
        addresses.c.id == bindparam("p_address"),
        addresses.c.sends_left > 0,
        addresses.c.window_ends_at > bindparam("p_at"),
    )
    .values(sends_left=addresses.c.sends_left - 1)
)
_SETTLE = update(outbox).where(  # what is set are the columns among its parameters
    outbox.c.id == bindparam("p_id"), outbox.c.lease_token == bindparam("p_token"), outbox.c.state == "pending"
)
_ADD = insert(outbox)


async def add_effects(
    connection: AsyncConnection,
    effects: Sequence[Effect],
    *,
    address_id: int,
    conversation_id: int | None,
    turn_id: int | None,
    now: datetime,
    account: str = "",
    inline_inbox_id: int | None = None,
) -> None:
    """Write effects in order; account: of `address_id`, looked up if it is not given.

    msgid is made here, once, so every try of one effect carries the same.
    """
    rows: list[dict[str, Any]] = [
        {
            "msgid": uuid.uuid4().hex,  # 32 characters of [0-9a-f]: within the 32 bytes of [W 94677]
            "kind": effect.kind.value,
            "address_id": effect.address_id or address_id,
            "account": "",
            "conversation_id": effect.conversation_id or conversation_id,
            "turn_id": turn_id,
            "speaker": effect.speaker.value,
            "payload": dict(effect.payload),
            "ordered": int(effect.ordered),
            "inline_inbox_id": inline_inbox_id if effect.inline else None,
            "state": "dropped" if effect.dropped else "inline" if effect.inline else "pending",
            "error": effect.dropped or None,
            "done_at": now if effect.dropped else None,
            "next_at": now + timedelta(seconds=effect.delay_s),
            "expires_at": effect.expires_at,
            "created_at": now,
        }
        for effect in effects
    ]
    if not rows:
        return
    accounts = {address_id: account} if account else {}
    if unknown := {row["address_id"] for row in rows} - accounts.keys():
        accounts |= await _accounts(connection, unknown)
    for row in rows:
        row["account"] = accounts[row["address_id"]]
    for row in rows:  # one statement each: insertion order is delivery order, on both databases
        await connection.execute(_ADD, row)


async def add_beside(
    connection: AsyncConnection,
    conversation_id: int,
    effects: Sequence[Effect],
    *,
    now: datetime,
    turn_id: int | None = None,
) -> None:
    """Write effects that no message of the customer's led to, in order, to the address of a conversation."""
    if not effects:
        return
    address = select(conversations.c.address_id).where(conversations.c.id == conversation_id)
    await add_effects(
        connection,
        effects,
        address_id=(await connection.execute(address)).scalar_one(),
        conversation_id=conversation_id,
        turn_id=turn_id,
        now=now,
    )


async def _accounts(connection: AsyncConnection, ids: set[Any]) -> dict[Any, str]:
    found = await connection.execute(select(addresses.c.id, addresses.c.account).where(addresses.c.id.in_(ids)))
    return {row.id: row.account for row in found}


class Effects:
    """The outbox as a deliverer uses it; every settling write checks the lease's token."""

    def __init__(self, engine: AsyncEngine, *, lease_s: float) -> None:
        self._engine = engine
        self._leases = unsynced(engine)
        self._lease = timedelta(seconds=lease_s)

    async def claim(self, now: datetime) -> OutboxItem | None:
        """The next effect that is due and not behind an earlier one to the same address."""
        token = uuid.uuid4().hex
        async with self._leases.begin() as connection:
            row = (await connection.execute(_NEXT, {"p_at": now})).one_or_none()
            if row is None:
                return None
            await connection.execute(_TAKE, {"p_id": row.id, "p_token": token, "p_until": now + self._lease})
        return item_of(row, token=token)

    async def mark_started(self, item: OutboxItem) -> None:
        """Record that an unrepeatable call is about to leave. Raises StaleLease."""
        await self._settle(item, {"error": STARTED})

    async def postpone(self, item: OutboxItem, until: datetime, *, error: str, gives_way: bool = False) -> None:
        """Try again at `until`; gives_way: from now on later effects to this address overtake it. Raises StaleLease."""
        values = {"next_at": until, "error": error, "lease_token": None, "lease_until": None}
        await self._settle(item, values | ({"ordered": 0} if gives_way else {}))

    async def _settle(self, item: OutboxItem, values: dict[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await settle(connection, item, values)

    async def spend(self, item: OutboxItem, now: datetime, *, starts: bool) -> Budget | None:
        """Take one send from the address's budget; None if it was there, else the budget that is not enough.

        starts: record with it that an unrepeatable call is about to leave; then the commit waits for the disk.
        Raises StaleLease.
        """
        marks = {"spent": 1, **({"error": STARTED} if starts else {})}
        async with (self._engine if starts else self._leases).begin() as connection:
            taken = await connection.execute(_SPEND, {"p_address": item.address_id, "p_at": now})
            if taken.rowcount == 1:
                await settle(connection, item, marks)  # a later try of this effect is not counted again
                return None
            row = (
                await connection.execute(
                    select(addresses.c.sends_left, addresses.c.window_ends_at).where(addresses.c.id == item.address_id)
                )
            ).one()
        return Budget(sends_left=row.sends_left, ends_at=row.window_ends_at)


async def settle(connection: AsyncConnection, item: OutboxItem, values: dict[str, Any]) -> None:
    """Write a claimed effect's outcome inside the caller's transaction. Raises StaleLease."""
    done = await connection.execute(_SETTLE, {"p_id": item.id, "p_token": item.token, **values})
    if done.rowcount != 1:
        raise StaleLease(f"outbox {item.id}")


def item_of(row: Row[Any], *, token: str = "") -> OutboxItem:
    """A row of ITEMS, in the try that now begins. token: of its lease, if it is leased."""
    return OutboxItem(
        id=row.id,
        msgid=row.msgid,
        kind=EffectKind(row.kind),
        address_id=row.address_id,
        address=Address(account=row.account, inbox=row.inbox, customer=row.customer),
        conversation_id=row.conversation_id,
        owner=row.owner or "",
        channel=row.channel or "",
        session_state=row.session_state,
        turn_id=row.turn_id,
        speaker=Speaker(row.speaker),
        payload=row.payload,
        attempts=row.attempts + 1,
        # a lease that ran out while "started" was recorded: the call may or may not have left
        interrupted=row.lease_token is not None and row.error == STARTED,
        spent=bool(row.spent),
        expires_at=row.expires_at,
        token=token,
    )
