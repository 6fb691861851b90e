"""Which tags does a customer have at her next message? Ours beside those of her profile; people have the last word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.tagging import TagState, TagStore
from bot.store.engine import read_only

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class TagsOfCustomers:
    """Reads a customer's tags for the journey."""

    engine: AsyncEngine
    store: TagStore

    async def of(self, account: str, customer: str, profile: tuple[str, ...]) -> tuple[str, ...]:
        """Her tags, each once: the profile's first. What people forbade is not there, whoever says it."""
        async with read_only(self.engine).connect() as connection:
            standing = await self.store.standing(connection, account, customer)
        forbidden = {name for name, state in standing.items() if state is TagState.VETOED}
        worn = (name for name, state in standing.items() if state.is_worn)
        return tuple(name for name in dict.fromkeys((*profile, *worn)) if name not in forbidden)
