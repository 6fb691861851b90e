"""Why did a turn come out as it did, and what followed from it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from bot.store.dead_letters import STATES, Letter, letters
from bot.store.tables import inbox, turns

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MOST_EFFECTS = 100


@dataclass(frozen=True, slots=True)
class ExplainedTurn:
    """One turn with its trace.

    explanation: as the journey wrote it (intent, ranking, passages, signals, rule…). until: when the next turn of the
    conversation began, None while there is none. body: the message as stored, {} for what a person said from here.
    effects: what the outbox holds of it, in the order it was decided. joined_into: the turn that answered, where this
    message was read together with a later one. bubbles: the turns of earlier messages that were read with this one.
    """

    id: int
    conversation_id: int | None
    author: str
    decision: str
    reason: str
    explanation: Mapping[str, Any]
    created_at: datetime
    until: datetime | None
    account: str
    message_id: str
    body: Mapping[str, Any]
    effects: tuple[Letter, ...]
    joined_into: int | None = None
    bubbles: tuple[int, ...] = ()


async def explain_turn(connection: AsyncConnection, turn_id: int) -> ExplainedTurn | None:
    """The turn with all that is known of it; None where there is no such turn."""
    query = (
        select(turns, inbox.c.account, inbox.c.message_id, inbox.c.body)
        .outerjoin(inbox, inbox.c.id == turns.c.inbox_id)
        .where(turns.c.id == turn_id)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    effects = await letters(connection, states=STATES, turn_id=turn_id, limit=MOST_EFFECTS)
    return ExplainedTurn(
        id=row.id,
        conversation_id=row.conversation_id,
        author=row.author,
        decision=row.decision,
        reason=row.reason,
        explanation=row.explanation or {},
        created_at=row.created_at,
        until=await _next_turn_at(connection, row.conversation_id, turn_id),
        account=row.account or "",
        message_id=row.message_id or "",
        body=row.body or {},
        effects=tuple(reversed(effects)),
        joined_into=row.joined_into,
        bubbles=await _joined(connection, turn_id),
    )


async def _joined(connection: AsyncConnection, turn_id: int) -> tuple[int, ...]:
    query = select(turns.c.id).where(turns.c.joined_into == turn_id).order_by(turns.c.id)
    return tuple((await connection.execute(query)).scalars())


async def newest_turn(connection: AsyncConnection) -> int | None:
    """The id of the latest turn."""
    newest: int | None = (await connection.execute(select(func.max(turns.c.id)))).scalar_one()
    return newest


async def _next_turn_at(connection: AsyncConnection, conversation_id: int | None, turn_id: int) -> datetime | None:
    if conversation_id is None:
        return None
    query = (
        select(turns.c.created_at)
        .where(turns.c.conversation_id == conversation_id, turns.c.id > turn_id)
        .order_by(turns.c.id)
        .limit(1)
    )
    return (await connection.execute(query)).scalar_one_or_none()
