"""Where does all that an agent's pages show stand now? The same again: nothing was said, sent or moved since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.store.engine import read_only
from bot.store.tables import outbox
from bot.workbench import Workbench


@dataclass(slots=True)
class DeskCursor:
    """Reads it."""

    workbench: Workbench
    _reading: asyncio.Task[str] | None = None

    async def now(self) -> str:
        """As the database stands when this is called, or later."""
        bench = self.workbench
        async with read_only(bench.engine).connect() as connection:
            events, states = await bench.handover.desk.last_change(connection)
            entry = await bench.archive.newest(connection)
            effect = (await connection.execute(select(func.max(outbox.c.id)))).scalar_one() or 0
        return f"{entry}.{events}.{states}.{effect}"

    async def lately(self) -> str:
        """The same, or a little before: all pages that are woken at once ask the database once.

        Whoever comes back with one that is too old is told of news that she has seen; of none too few.
        """
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self.now())
        return await asyncio.shield(self._reading)
