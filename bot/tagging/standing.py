"""Which tags does a customer have at her next message? Ours beside those of her profile; people have the last word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.tagging import Customer, Tag, TagRules, TagState, TagStore, joined
from bot.store.engine import read_only
from bot.store.persons import names_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


async def tags_of_person(
    connection: AsyncConnection, store: TagStore, customer: Customer, rules: TagRules
) -> list[Tag]:
    """All tags that she has, had or is not to have at any account that knows her, as one, the surest first."""
    found = await store.of_many(connection, await names_of(connection, customer))
    return joined((tag for tags in found.values() for tag in tags.values()), rules)


@dataclass(frozen=True, slots=True)
class TagsOfCustomers:
    """Reads a customer's tags for the journey. rules: those in force."""

    engine: AsyncEngine
    store: TagStore
    rules: Callable[[], TagRules]

    async def of(self, account: str, customer: str, profile: tuple[str, ...]) -> tuple[str, ...]:
        """Her tags at all accounts that know her, each once: the profile's first.

        What people forbade is not there, whoever says it.
        """
        async with read_only(self.engine).connect() as connection:
            tags = await tags_of_person(connection, self.store, (account, customer), self.rules())
        forbidden = {tag.name for tag in tags if tag.state is TagState.VETOED}
        worn = (tag.name for tag in tags if tag.state.is_worn)
        return tuple(name for name in dict.fromkeys((*profile, *worn)) if name not in forbidden)
