"""Which tags should stand at the platform, and what do people's changes there mean for ours?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from archive.tagging import Customer, TagRules, TagState, TagStore, TagWatch

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

MEMBER = "member:"  # before the userid of who decided on a tag in WeCom's client
PLATFORM = "platform"  # who decided it at an official account: it does not tell


@dataclass(frozen=True, slots=True)
class Wanted:
    """Reads what rules and people want of a customer, and keeps what people decided at the platform."""

    store: TagStore
    watch: TagWatch

    async def of(self, connection: AsyncConnection, person: Customer, rules: TagRules) -> list[str]:
        """The tags that she wears and that the shop's rules name: what people pinned first, then the surest."""
        tags = [tag for tag in await self.store.of(connection, *person) if tag.state.is_worn]
        tags.sort(key=lambda tag: tag.state is not TagState.PINNED)
        return [tag.name for tag in tags if tag.name in rules.by_name]

    async def of_many(
        self, connection: AsyncConnection, people: Iterable[Customer], rules: TagRules
    ) -> dict[Customer, list[str]]:
        """The same for several customers."""
        return {person: await self.of(connection, person, rules) for person in people}

    async def decided(
        self,
        connection: AsyncConnection,
        person: Customer,
        *,
        given: Collection[str],
        taken: Collection[str],
        by: str,
        now: datetime,
    ) -> None:
        """Somebody gave or took tags of ours at the platform: that is a pin or a veto."""
        if given or taken:
            await self.watch.notice(connection, [person], now)
        for names, state in ((given, TagState.PINNED), (taken, TagState.VETOED)):
            for name in sorted(names):
                await self.store.decide(connection, person, name, state, by=by, now=now)
