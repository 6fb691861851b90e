"""What should be looked at in a script before it goes live? The findings of the library that name it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.studio.draft_mind import is_edited
from bot.studio.scripts import Scripts
from knowledge_base import Finding, lint

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(slots=True)
class Checks:
    """The findings of one state of the library are kept until it changes. encode: the shop's own texts to vectors."""

    scripts: Scripts
    encode: Encode | None
    now: Callable[[], datetime]
    _of: tuple[object, ...] = ()
    _found: tuple[Finding, ...] = ()
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def about(self, script_id: str) -> tuple[Finding, ...]:
        """Findings that name this script, errors first; edits stand for what they are to replace."""
        async with self._looking:
            scripts, edits = await self.scripts.everything()
            shown = tuple(edits[each.id].script if is_edited(each, edits) else each for each in scripts)
            today = self.now().date()
            if self._of != (shown, today):
                self._found = await asyncio.to_thread(lint, shown, today=today, encode=self.encode)
                self._of = (shown, today)
        return tuple(each for each in self._found if script_id in each.scripts)
