"""How would an uploaded content pack answer? Another mind beside the one that serves; nothing is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.content.minds import Minds
from bot.content.stored import Stored, read_stored
from bot.mind import Mind
from bot.store.engine import read_only
from bot.store.trial_packs import keep_pack, kept_pack
from bot.studio.draft_mind import beside
from bot.studio.pack_upload import read_uploaded

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


class PackGone(Exception):  # noqa: N818 - reads as the fact it is
    """The pack that was uploaded is not kept any more: it must be uploaded again."""


@dataclass(slots=True)
class PackMind:
    """Takes packs, and keeps the mind of the one that was asked last. now: UTC-aware."""

    engine: AsyncEngine
    minds: Minds
    now: Callable[[], datetime]
    _made_from: tuple[object, ...] = ()
    _mind: Mind | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self, data: bytes, *, by: str) -> str:
        """Check a zip and keep it; gives the mark by which it is asked. Raises UploadRefused, PackBroken."""
        await asyncio.to_thread(read_uploaded, data)
        async with self.engine.begin() as connection:
            return await keep_pack(connection, data, at=self.now(), by=by)

    async def of(self, mark: str) -> Mind:
        """The mind of a pack. Raises PackGone, NotReady."""
        async with self._making:
            live = self.minds.current()
            made_from = (mark, live.knowledge.revision, live.understander)
            if self._mind is not None and self._made_from == made_from:
                return self._mind
            async with read_only(self.engine).connect() as connection:
                data = await kept_pack(connection, mark)
                files = await self.minds.store.files(connection)
            if data is None:
                raise PackGone
            pack = await asyncio.to_thread(read_uploaded, data)
            before = await asyncio.to_thread(read_stored, files)
            self._mind = await beside(self.minds, live, Stored(pack.shop, pack.training), before, pack.scripts)
            self._made_from = made_from
            return self._mind
