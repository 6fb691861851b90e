"""How does a customer feel now, as far as what she said last was read?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import ColumnElement, exists, select

from archive.analysis.tables import AnalysisTables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

# sentiment in [-1, 1] from which on it counts: one clear word of displeasure, or of pleasure
NEGATIVE: Final = -0.3
POSITIVE: Final = 0.3

Mood = Literal["negative", "positive"]


def feels(tables: AnalysisTables, conversation_id: ColumnElement[Any], mood: Mood) -> ColumnElement[bool]:
    """The condition that a conversation's customer felt so at the end of what was read of it."""
    s = tables.sessions.c
    felt = s.mood_last <= NEGATIVE if mood == "negative" else s.mood_last >= POSITIVE
    return exists(select(s.id).where(s.conversation_id == conversation_id, felt))


async def last_moods(
    connection: AsyncConnection, tables: AnalysisTables, conversations: Collection[int]
) -> Mapping[int, float]:
    """By conversation, in [-1, 1], where it is known."""
    s = tables.sessions.c
    query = select(s.conversation_id, s.mood_last).where(
        s.conversation_id.in_(list(conversations)), s.mood_last.is_not(None)
    )
    rows = await connection.execute(query.order_by(s.id))
    return {row.conversation_id: row.mood_last for row in rows}
