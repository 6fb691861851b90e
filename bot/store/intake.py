"""How does a verified message become durable before it is acknowledged, once, and cheaply?

Concurrent requests share one transaction (group commit): whoever arrives while a transaction is
being written joins the next one, so the cost of a commit is divided by the load.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, case, select

from bot.domain import Address, ArchiveBell, Doorbell, Inbound
from bot.store.bubbles import Patience, no_patience
from bot.store.dialect import insert_in
from bot.store.holding import Place, hold
from bot.store.serial import inbound_to_json
from bot.store.tables import addresses, inbox, kf_cursors

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MAX_BATCH = 256  # deliveries a transaction; bounds the statement size on both databases


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of one delivery: its inbox ids in order, and how many rows were new."""

    inbox_ids: tuple[int, ...]
    new: int


@dataclass(slots=True)
class _Waiting:
    inbound: Sequence[Inbound]
    doorbells: Sequence[Doorbell | ArchiveBell]
    done: asyncio.Future[Accepted]


RingArchive = Callable[["AsyncConnection", str], Awaitable[None]]


async def nobody_reads(connection: AsyncConnection, account: str) -> None:
    """Where no session archive is read, its bell means nothing."""
    del connection, account


class Intake:
    """The only writer of `inbox` for callbacks. One instance a process."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        now: Callable[[], datetime],
        patience: Patience = no_patience,
        ring_archive: RingArchive = nobody_reads,
    ) -> None:
        """ring_archive: notes in the same transaction that an account's session archive has news."""
        self._engine = engine
        self._ring_archive = ring_archive
        self._now = now
        self._patience = patience
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def accept(self, inbound: Sequence[Inbound], doorbells: Sequence[Doorbell | ArchiveBell] = ()) -> Accepted:
        """Store messages and doorbells durably. Returning means committed; raising means nothing is stored."""
        if not inbound and not doorbells:
            return Accepted((), 0)
        done: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(inbound, doorbells, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="intake")
        return await done

    async def aclose(self) -> None:
        """Wait for the transaction in progress."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            try:
                results = await self._write(batch)
            except BaseException as error:  # every waiter must hear of it, cancellation included
                for waiting in batch:
                    if not waiting.done.done():
                        waiting.done.set_exception(
                            error if isinstance(error, Exception) else ConnectionAbortedError("shutting down")
                        )
                if not isinstance(error, Exception):
                    raise
                continue
            for waiting, result in zip(batch, results, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(result)

    async def _write(self, batch: Sequence[_Waiting]) -> list[Accepted]:
        now = self._now()
        messages = [message for waiting in batch for message in waiting.inbound]
        bells = [bell for waiting in batch for bell in waiting.doorbells]
        async with self._engine.begin() as connection:
            for account in sorted({bell.account for bell in bells if isinstance(bell, ArchiveBell)}):
                await self._ring_archive(connection, account)
            await _ring(
                connection, [bell for bell in bells if isinstance(bell, Doorbell)], now=now
            )  # cursors before addresses, as store_page locks them
            ids, new = await store_messages(connection, messages, now=now, patience=self._patience)
        return [
            Accepted(
                inbox_ids=tuple(ids[message.address.account, message.message_id] for message in waiting.inbound),
                new=sum((message.address.account, message.message_id) in new for message in waiting.inbound),
            )
            for waiting in batch
        ]


async def store_messages(
    connection: AsyncConnection,
    messages: Sequence[Inbound],
    *,
    now: datetime,
    patience: Patience = no_patience,
    answerable: Callable[[Inbound], bool] = lambda _: True,
) -> tuple[dict[tuple[str, str], int], set[tuple[str, str]]]:
    """Insert what is not there yet. Returns the inbox id of every message, and which keys were new.

    The address row is locked first (its upsert), so two transactions that add to one address commit
    one after the other and a worker that finishes with it cannot miss a message. patience: which messages wait for
    the rest of their thought.
    """
    if not messages:
        return {}, set()
    where = await _touch_addresses(connection, {message.address for message in messages}, now=now)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for message in messages:
        rows.setdefault(
            (message.address.account, message.message_id),
            {
                "account": message.address.account,
                "message_id": message.message_id,
                "address_id": where[message.address].id,
                "body": inbound_to_json(message),
                "sent_at": message.sent_at,
                "received_at": now,
                "answerable": int(answerable(message)),
            },
        )
    # rows as parameters, not as VALUES: the statement is compiled once, not for every number of rows
    stored = await connection.execute(_insert_messages(connection.dialect.name), list(rows.values()))
    ids = {(row.account, row.message_id): row.id for row in stored}
    new = set(ids)
    for account in {key[0] for key in rows.keys() - new}:
        known = select(inbox.c.id, inbox.c.message_id).where(
            inbox.c.account == account,
            inbox.c.message_id.in_([key[1] for key in rows.keys() - new if key[0] == account]),
        )
        ids.update({(account, row.message_id): row.id for row in await connection.execute(known)})
    fresh = {ids[key]: message for message in messages if (key := (message.address.account, message.message_id)) in new}
    whole = {id_ for id_, message in fresh.items() if not answerable(message)}
    await hold(connection, fresh, whole, places=where, patience=patience, now=now)
    return ids, new


async def _touch_addresses(connection: AsyncConnection, wanted: set[Address], *, now: datetime) -> dict[Address, Place]:
    """Create or mark addresses as having work; in one order everywhere, so that nobody deadlocks."""
    ordered = sorted(wanted, key=lambda address: (address.account, address.inbox, address.customer))
    values = [
        {"account": a.account, "inbox": a.inbox, "customer": a.customer, "pending": 1, "ready_at": now} for a in ordered
    ]
    upsert = _upsert_addresses(connection.dialect.name)
    return {
        Address(account=row.account, inbox=row.inbox, customer=row.customer): Place(row.id, held=bool(row.held))
        for row in await connection.execute(upsert, values)
    }


async def _ring(connection: AsyncConnection, bells: Sequence[Doorbell], *, now: datetime) -> None:
    """Mark each open_kfid as having news; the last token wins."""
    last = {(bell.account, bell.open_kfid): bell.token for bell in bells}
    if not last:
        return
    values = [
        {"account": account, "open_kfid": kfid, "token": token, "token_at": now, "rings": 1, "ready_at": now}
        for (account, kfid), token in sorted(last.items())
    ]
    await connection.execute(_upsert_cursors(connection.dialect.name), values)


# Statements of the hot path, built once a dialect: building one costs more than running it.


@cache
def _insert_messages(dialect: str) -> Executable:
    insert = insert_in(dialect, inbox).on_conflict_do_nothing()
    return insert.returning(inbox.c.id, inbox.c.account, inbox.c.message_id)


@cache
def _upsert_addresses(dialect: str) -> Executable:
    insert = insert_in(dialect, addresses)
    upsert = insert.on_conflict_do_update(
        index_elements=["account", "inbox", "customer"],
        set_={
            "pending": 1,
            # an address that is backing off after a failure keeps its time; an idle one is due now
            "ready_at": case((addresses.c.pending == 1, addresses.c.ready_at), else_=insert.excluded.ready_at),
        },
    )
    return upsert.returning(
        addresses.c.id, addresses.c.account, addresses.c.inbox, addresses.c.customer, addresses.c.held
    )


@cache
def _upsert_cursors(dialect: str) -> Executable:
    insert = insert_in(dialect, kf_cursors)
    return insert.on_conflict_do_update(
        index_elements=["account", "open_kfid"],
        set_={
            "rings": kf_cursors.c.rings + 1,
            "token": insert.excluded.token,
            "token_at": insert.excluded.token_at,
            "ready_at": insert.excluded.ready_at,
        },
    )
