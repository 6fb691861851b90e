"""Where does all that an agent's pages show stand now? The same again: nothing was said, sent or moved since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.store.engine import read_only
from bot.store.tables import outbox
from bot.workbench import Workbench

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Stand:
    """The last entry, ticket event, status and effect that are there, by id."""

    entry: int
    event: int
    state: int
    effect: int

    def written(self) -> str:
        """As it goes through a browser."""
        return f"{self.entry}.{self.event}.{self.state}.{self.effect}"


@dataclass(frozen=True, slots=True)
class DeskCursor:
    """Reads it."""

    workbench: Workbench

    async def now(self) -> Stand:
        """As the database stands when this is called, or later."""
        async with read_only(self.workbench.engine).connect() as connection:
            return await self.of(connection)

    async def of(self, connection: AsyncConnection) -> Stand:
        """The same, read before other things."""
        event, state = await self.workbench.handover.desk.last_change(connection)
        entry = await self.workbench.archive.newest(connection)
        effect = (await connection.execute(select(func.max(outbox.c.id)))).scalar_one() or 0
        return Stand(entry, event, state, effect)
