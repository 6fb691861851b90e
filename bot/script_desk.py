"""Which approved words can an agent take? Found by a few letters, or suggested for what the customer asked last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.channels.text import for_understanding
from bot.domain import ChannelKind
from bot.insight import Question
from bot.mind import Mind
from knowledge_base import Finder

FOUND: Final = 6  # scripts that a search shows
SUGGESTED: Final = 3
WORTH: Final = 0.05  # probability from which on a suggestion helps more than it disturbs


@dataclass(frozen=True, slots=True)
class Words:
    """Approved words. path: where the script stands in the tree."""

    script: str
    title: str
    path: tuple[str, ...]
    text: str


@dataclass(slots=True)
class ScriptDesk:
    """Searches the live scripts of the mind in force; the index by letters is kept for its revision."""

    mind: Callable[[], Mind]
    now: Callable[[], datetime]
    _finder: Finder | None = None
    _revision: str = ""
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, typed: str, channel: ChannelKind) -> Sequence[Words]:
        """By text, pinyin or first letters, the best first."""
        finder = await self._index()
        at = self.now().astimezone(self.mind().shop.timezone)
        able = [each for each in finder.find(typed, limit=FOUND * 2) if each.valid_on(at.date())]
        return [Words(each.id, each.title, each.category, each.answer(channel.value)) for each in able[:FOUND]]

    async def suggest(
        self, asked: str, channel: ChannelKind, *, recent: Sequence[str] = (), tags: Sequence[str] = ()
    ) -> Sequence[Words]:
        """For a question of hers, by the same search that answers customers. recent: what she wrote before."""
        text = for_understanding(asked)
        if not text:
            return ()
        mind = self.mind()
        question = Question(
            text=text, words=asked, channel=channel, at=self.now(), recent=tuple(recent), tags=tuple(tags)
        )
        found = await mind.suggest(question, SUGGESTED)
        return [Words(each.script_id, each.title, (), each.answer) for each in found if each.probability >= WORTH]

    async def _index(self) -> Finder:
        knowledge = self.mind().knowledge
        async with self._building:
            if self._finder is None or self._revision != knowledge.revision:
                revision, scripts = knowledge.revision, knowledge.scripts
                self._finder = await asyncio.to_thread(Finder, scripts, self._finder)
                self._revision = revision
            return self._finder
