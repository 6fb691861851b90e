"""How does somebody like her console? What she set for herself, by person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from bot.access.tables import person_settings
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class Personal:
    """Reads and keeps it. now: UTC-aware."""

    engine: AsyncEngine
    now: Callable[[], datetime]

    async def hot_keys(self, person: str) -> Mapping[str, str]:
        """The keys that she chose, by action; what she did not choose is missing."""
        query = select(person_settings.c.hot_keys).where(person_settings.c.person == person)
        async with read_only(self.engine).connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or {}

    async def choose_hot_keys(self, person: str, keys: Mapping[str, str]) -> None:
        """These from now on, and no others."""
        c = person_settings.c
        values = {"hot_keys": dict(keys), "changed_at": self.now()}
        async with self.engine.begin() as connection:
            done = await connection.execute(update(person_settings).where(c.person == person).values(values))
            if not done.rowcount:
                await connection.execute(insert(person_settings).values(person=person, **values))
