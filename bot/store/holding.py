"""How does a new message hold its address back until the rest of the thought is here, or let it go?

Inside the transaction that stores the message. Nothing is looked up for whole messages at an address that is not held,
which is nearly every message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from bot.domain import Address, Inbound
from bot.store.bubbles import Patience, Waiting, first_thought, is_bubble, unfinished_before
from bot.store.serial import inbound_from_json
from bot.store.tables import addresses, conversations, inbox

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LOOK_AT = 64  # messages without a turn of one customer; more wait only where nobody works

# Built once: building a statement costs more than running it.
_WAITING = (
    select(inbox.c.id, inbox.c.body, inbox.c.received_at, inbox.c.waits_until)
    .where(inbox.c.address_id == bindparam("p_address"), inbox.c.state == "pending")
    .order_by(inbox.c.sent_at, inbox.c.id)
    .limit(bindparam("p_limit"))
)
_OWNER = select(conversations.c.owner).where(
    conversations.c.address_id == bindparam("p_address"), conversations.c.state == "open"
)
_WAIT = update(inbox).where(inbox.c.id == bindparam("p_inbox")).values(waits_until=bindparam("p_until"))
_HOLD = (
    update(addresses)
    .where(addresses.c.id == bindparam("p_address"))
    .values(ready_at=bindparam("p_at"), held=bindparam("p_held"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address. held: its messages wait for the rest of a thought."""

    id: int
    held: bool


async def hold(
    connection: AsyncConnection,
    fresh: Mapping[int, Inbound],
    whole: Collection[int],
    *,
    places: Mapping[Address, Place],
    patience: Patience,
    now: datetime,
) -> None:
    """Let new messages (by inbox id) wait that look unfinished, except those in `whole`."""
    by_address = sorted(fresh.items(), key=lambda each: places[each[1].address].id)
    for address, group in groupby(by_address, key=lambda each: each[1].address):
        arrived = dict(group)
        unsure = {
            id_: message
            for id_, message in arrived.items()
            if id_ not in whole and is_bubble(message) and (places[address].held or patience(message, (), now))
        }
        if unsure or places[address].held:
            waiting = await _let_wait(connection, places[address], unsure, patience, now)
            # where work was there already (due, under way, or backing off) the claim sees to it when that is done
            if places[address].held or {each.inbox_id for each in waiting} <= arrived.keys():
                await _hold_address(connection, places[address], waiting, now)


async def _let_wait(
    connection: AsyncConnection, place: Place, unsure: Mapping[int, Inbound], patience: Patience, now: datetime
) -> list[Waiting]:
    """All that waits at the address, new messages with the time they wait for more."""
    bot_serves = (await connection.execute(_OWNER, {"p_address": place.id})).scalar_one_or_none() in {None, "bot"}
    waiting: list[Waiting] = []
    for each in await waiting_at(connection, place.id, limit=LOOK_AT):
        until = each.waits_until
        if bot_serves and each.inbox_id in unsure:
            until = patience(each.message, unfinished_before(waiting), now)
        if until != each.waits_until:
            await connection.execute(_WAIT, {"p_inbox": each.inbox_id, "p_until": until})
        waiting.append(replace(each, waits_until=until))
    return waiting


async def _hold_address(connection: AsyncConnection, place: Place, waiting: list[Waiting], now: datetime) -> None:
    until = first_thought(waiting).until if waiting else None
    if until is not None and until > now:
        await hold_until(connection, place.id, until)
    elif place.held:
        await connection.execute(_HOLD, {"p_address": place.id, "p_at": now, "p_held": 0})


async def waiting_at(connection: AsyncConnection, address_id: int, *, limit: int) -> list[Waiting]:
    """The oldest messages of an address that have no turn, in order."""
    rows = await connection.execute(_WAITING, {"p_address": address_id, "p_limit": limit})
    return [Waiting(row.id, inbound_from_json(row.body), row.received_at, row.waits_until) for row in rows]


async def hold_until(connection: AsyncConnection, address_id: int, until: datetime) -> None:
    """Nobody claims the address before `until`, unless something comes that ends the wait."""
    await connection.execute(_HOLD, {"p_address": address_id, "p_at": until, "p_held": 1})
