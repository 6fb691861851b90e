"""Under which names does the bot know a customer, and how does it forget them once nothing serves her any more?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, null, or_, select, update

from archive.consent import PurgeStep, Serving, Target
from bot.forgetting.words import GONE, addresses_of, closed_talks
from bot.store.tables import addresses, conversations, customers, inbox, outbox
from handoff import Tables, forget_tickets

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def serving(connection: AsyncConnection, target: Target) -> Serving:
    """What serves her now. Her addresses are locked: no message of hers comes in until this transaction ends."""
    held = await connection.scalars(addresses_of(target).order_by(addresses.c.id).with_for_update())
    ids = list(held)
    if not ids:
        return Serving()
    talks = await connection.scalars(
        select(conversations.c.id).where(conversations.c.address_id.in_(ids), conversations.c.state == "open")
    )
    waiting = or_(
        exists().where(inbox.c.address_id.in_(ids), inbox.c.state == "pending"),
        exists().where(outbox.c.address_id.in_(ids), outbox.c.state.in_(["pending", "inline"])),
    )
    busy = (await connection.execute(select(waiting))).scalar_one()
    return Serving(frozenset(talks), bool(busy))


@dataclass(frozen=True, slots=True)
class Identity:
    """Removes who she is."""

    handoff: Tables

    def steps(self) -> tuple[PurgeStep, ...]:
        """In order: what the others are found by goes last."""
        return (PurgeStep(self._tickets), PurgeStep(_conversations), PurgeStep(_profile), PurgeStep(_addresses))

    async def _tickets(
        self, connection: AsyncConnection, target: Target, serving: Serving, limit: int
    ) -> Mapping[str, int]:
        return await forget_tickets(
            connection, self.handoff, target.account, target.customer,
            spared=serving.conversations, pseudonym=await _pseudonym(connection, target), limit=limit,
        )  # fmt: skip


async def _conversations(
    connection: AsyncConnection, target: Target, serving: Serving, limit: int
) -> Mapping[str, int]:
    c = conversations.c
    some = closed_talks(target, serving).where(c.customer == target.customer).limit(limit)
    blank = {
        "customer": await _pseudonym(connection, target), "scene": "", "choices": null(), "slots": null(),
        "promises": null(), "stretch": null(),
    }  # fmt: skip
    emptied = await connection.execute(update(conversations).where(c.id.in_(some)).values(blank))
    return {"conversations": emptied.rowcount}


async def _profile(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    del limit
    if not serving.is_over:
        return {}
    hers = and_(customers.c.account == target.account, customers.c.customer == target.customer)
    return {"profiles": (await connection.execute(delete(customers).where(hers))).rowcount}


async def _addresses(connection: AsyncConnection, target: Target, serving: Serving, limit: int) -> Mapping[str, int]:
    del limit
    if not serving.is_over:
        return {}
    ids = list(await connection.scalars(addresses_of(target)))
    for id_ in ids:
        await connection.execute(update(addresses).where(addresses.c.id == id_).values(customer=f"{GONE}{id_}"))
    return {"addresses": len(ids)}


async def _pseudonym(connection: AsyncConnection, target: Target) -> str:
    """The same for all that is left of her: counts still know that it was one customer."""
    first = select(func.min(addresses.c.id)).where(addresses.c.id.in_(addresses_of(target)))
    return f"{GONE}{(await connection.execute(first)).scalar_one() or ''}"
