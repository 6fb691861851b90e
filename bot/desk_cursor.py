"""Where does all that an agent's pages show stand now? The same again: nothing was said, sent or moved since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.store.engine import read_only
from bot.store.tables import outbox
from bot.workbench import Workbench


@dataclass(frozen=True, slots=True)
class DeskCursor:
    """Reads it."""

    workbench: Workbench

    async def now(self) -> str:
        """As the database stands when this is called, or later."""
        bench = self.workbench
        async with read_only(bench.engine).connect() as connection:
            events, states = await bench.handover.desk.last_change(connection)
            entry = await bench.archive.newest(connection)
            effect = (await connection.execute(select(func.max(outbox.c.id)))).scalar_one() or 0
        return f"{entry}.{events}.{states}.{effect}"
