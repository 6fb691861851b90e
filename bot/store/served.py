"""What do we know of conversations beside their words: which script was said, who gave up, what came of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Table, select

from archive.analysis import Answered, HandedOver, ServiceFacts
from bot.learning import UseKind
from bot.store.tables import outbox, turns
from bot.store.uses import script_uses

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

HANDED_OVER = "handed_over"
BOT = "bot"


async def facts_of(
    connection: AsyncConnection, conversations: Sequence[int], *, tickets: Table, stage_of: Callable[[str], str]
) -> Mapping[int, ServiceFacts]:
    """What is known of each conversation, by its id. stage_of: the stage of a script, "" where it is gone."""
    said = await _said(connection, conversations, stage_of)
    handed_over = await _handed_over(connection, conversations)
    outcomes = await _outcomes(connection, conversations, tickets)
    return {
        each: ServiceFacts(said.get(each, {}), tuple(handed_over.get(each, ())), outcomes.get(each, ""))
        for each in conversations
    }


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
