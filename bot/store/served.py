"""What do we know of sessions beside their words: which script was said, who gave up, what came of it, and where?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Table, select, tuple_

from archive.analysis import Answered, DueSession, HandedOver, ServiceFacts
from bot.learning import UseKind
from bot.profiles import home_of
from bot.store.tables import customers, outbox, turns
from bot.store.uses import script_uses
from handoff import Place

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

HANDED_OVER = "handed_over"
BOT = "bot"


async def facts_of(
    connection: AsyncConnection,
    sessions: Sequence[DueSession],
    *,
    tickets: Table,
    stage_of: Callable[[str], str],
) -> Mapping[int, ServiceFacts]:
    """What is known of each session, by its id. stage_of: the stage of a script, "" where it is gone.

    The region is that of her last ticket in this conversation that has one, else her profile's; kept as a trail.
    """
    conversations = sorted({each.conversation_id for each in sessions if each.conversation_id is not None})
    said = await _said(connection, conversations, stage_of)
    handed_over = await _handed_over(connection, conversations)
    outcomes = await _outcomes(connection, conversations, tickets)
    regions = await _regions(connection, conversations, tickets)
    homes = await _homes(connection, {(each.account, each.customer) for each in sessions if each.customer})
    found = {}
    for each in sessions:
        talk = each.conversation_id or 0
        region = regions.get(talk) or homes.get((each.account, each.customer), ())
        facts = ServiceFacts(said.get(talk, {}), tuple(handed_over.get(talk, ())), outcomes.get(talk, ""))
        found[each.id] = replace(facts, region=Place.of(region).trail)
    return found


async def _said(
    connection: AsyncConnection, conversations: Sequence[int], stage_of: Callable[[str], str]
) -> dict[int, dict[str, Answered]]:
    """The script of each message that was sent, by the message's id in the archive's source."""
    query = (
        select(outbox.c.conversation_id, outbox.c.msgid, script_uses.c.script_id)
        .join(script_uses, script_uses.c.about_turn_id == outbox.c.turn_id)
        .where(
            outbox.c.conversation_id.in_(conversations),
            outbox.c.speaker == BOT,
            script_uses.c.kind == UseKind.SHOWN.value,
        )
    )
    found: dict[int, dict[str, Answered]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.conversation_id, {})[row.msgid] = Answered(row.script_id, stage_of(row.script_id))
    return found


async def _handed_over(connection: AsyncConnection, conversations: Sequence[int]) -> dict[int, list[HandedOver]]:
    query = (
        select(turns.c.conversation_id, turns.c.created_at, turns.c.reason)
        .where(turns.c.conversation_id.in_(conversations), turns.c.decision == HANDED_OVER)
        .order_by(turns.c.id)
    )
    found: dict[int, list[HandedOver]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.conversation_id, []).append(HandedOver(row.created_at, row.reason))
    return found


async def _outcomes(connection: AsyncConnection, conversations: Sequence[int], tickets: Table) -> dict[int, str]:
    """What the last ticket of each came to."""
    query = (
        select(tickets.c.conversation_id, tickets.c.outcome)
        .where(tickets.c.conversation_id.in_(conversations), tickets.c.outcome.is_not(None))
        .order_by(tickets.c.id)
    )
    return {row.conversation_id: row.outcome for row in await connection.execute(query)}


async def _regions(
    connection: AsyncConnection, conversations: Sequence[int], tickets: Table
) -> dict[int, Sequence[str]]:
    query = (
        select(tickets.c.conversation_id, tickets.c.region)
        .where(tickets.c.conversation_id.in_(conversations), tickets.c.region != "")
        .order_by(tickets.c.id)
    )
    return {row.conversation_id: row.region.split("/") for row in await connection.execute(query)}


async def _homes(connection: AsyncConnection, of: Collection[tuple[str, str]]) -> dict[tuple[str, str], Sequence[str]]:
    c = customers.c
    query = select(c.account, c.customer, c.profile).where(tuple_(c.account, c.customer).in_(sorted(of)))
    rows = (await connection.execute(query)).all() if of else ()
    return {(row.account, row.customer): home_of(row.profile) for row in rows if row.profile}
