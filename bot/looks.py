"""How far has an agent read a conversation? What came after that is unread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.dialect import insert_for
from bot.store.tables import desk_looks

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class Looks:
    """Remembers the newest entry that an agent saw."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    async def seen(self, connection: AsyncConnection, agent: str, conversations: Collection[int]) -> Mapping[int, int]:
        """By conversation, the id of the entry that she saw last, where she looked."""
        c = desk_looks.c
        query = select(c.conversation_id, c.entry).where(c.agent == agent, c.conversation_id.in_(list(conversations)))
        return {row.conversation_id: row.entry for row in await connection.execute(query)}

    async def look(self, agent: str, conversation_id: int, entry: int) -> int:
        """She sees it up to this entry now; up to which she had seen it before. Never goes back."""
        async with self.engine.connect() as connection:
            before = (await self.seen(connection, agent, [conversation_id])).get(conversation_id, 0)
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
