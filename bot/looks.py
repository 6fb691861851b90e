"""How far has an agent read a conversation? What came after that is unread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Subquery, select

from bot.store.dialect import insert_for
from bot.store.engine import read_only
from bot.store.tables import desk_looks

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class Looks:
    """Remembers the newest entry that an agent saw."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    def of(self, agent: str) -> Subquery:
        """The entry that she saw last (`entry`), by `conversation_id`, where she looked."""
        c = desk_looks.c
        return select(c.conversation_id, c.entry).where(c.agent == agent).subquery()

    async def look(self, agent: str, conversation_id: int, entry: int) -> int:
        """She sees it up to this entry now; up to which she had seen it before. Never goes back."""
        c = desk_looks.c
        query = select(c.entry).where(c.agent == agent, c.conversation_id == conversation_id)
        async with read_only(self.engine).connect() as connection:
            before = int((await connection.execute(query)).scalar_one_or_none() or 0)
        if entry <= before:
            return before
        async with self.engine.begin() as connection:
            values = {"entry": entry, "at": self.now()}
            upsert = insert_for(connection, desk_looks).values(agent=agent, conversation_id=conversation_id, **values)
            newer = desk_looks.c.entry < entry
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["agent", "conversation_id"], set_=values, where=newer)
            )
        return before
