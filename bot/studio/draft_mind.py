"""How would we answer if every draft were approved? Another mind beside the one that serves, made when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.content.applying import ContentStore
from bot.content.minds import Minds
from bot.content.stored import Stored, read_stored
from bot.content.understanding import faq_examples
from bot.mind import Mind
from bot.store.content_drafts import drafted_files
from bot.store.engine import read_only
from handoff import Router
from knowledge_base import Edit, Edits, Script, fingerprint, is_written
from nlu import Understander, train

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(slots=True)
class DraftMind:
    """Keeps the newest; made anew when something that it was made from changes."""

    engine: AsyncEngine
    content: ContentStore
    edits: Edits
    minds: Minds
    _made_from: tuple[object, ...] = ()
    _mind: Mind | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> Mind:
        """The mind of the draft content. Raises NotReady, PackBroken where a drafted file cannot be read."""
        async with self._making:
            live = self.minds.current()
            async with read_only(self.engine).connect() as connection:
                edits = await self.edits.all(connection)
                drafted = await drafted_files(connection)
                revision = await self.content.revision(connection)
                marks = (revision, tuple(each.mark for each in edits), tuple(sorted(drafted.items())))
                made_from = (*marks, live.knowledge.revision, live.understander)
                if self._mind is not None and self._made_from == made_from:
                    return self._mind
                files = await self.content.files(connection)
                scripts = await self.content.scripts(connection)
            as_if_live = drafts_as_live(scripts, {each.script.id: each for each in edits})
            stored = await asyncio.to_thread(read_stored, {**files, **drafted})
            before = await asyncio.to_thread(read_stored, files) if drafted else stored
            self._mind = await beside(self.minds, live, stored, before, as_if_live)
            self._made_from = made_from
            return self._mind


async def beside(minds: Minds, live: Mind, stored: Stored, before: Stored, scripts: Sequence[Script]) -> Mind:
    """A mind of other content, which shares with the live one whatever is the same. before: what the live one is of."""
    now = {each.id: fingerprint(each) for each in live.knowledge.scripts}
    same_scripts = now == {each.id: fingerprint(each) for each in scripts if each.state == "live"}
    if same_scripts and stored.training == before.training:
        return replace(live, shop=stored.shop, router=Router(stored.shop.policy))
    knowledge = live.knowledge if same_scripts else await live.knowledge.beside(scripts)
    reader = await asyncio.to_thread(_taught, minds, stored, knowledge.scripts)
    return Mind(stored.shop, Router(stored.shop.policy), reader, knowledge)


def _taught(minds: Minds, stored: Stored, scripts: Sequence[Script]) -> Understander:
    """Seconds of CPU where intents are to be learned anew."""
    model = train(stored.training + faq_examples(scripts), minds.encoder)
    return minds.readers.understander(model, stored.training, scripts)


def drafts_as_live(scripts: Sequence[Script], edits: Mapping[str, Edit]) -> tuple[Script, ...]:
    """The library as it would be: edits in place of what they are to replace, drafts that have an answer live."""
    return tuple(_as_live(edits[each.id].script if is_edited(each, edits) else each) for each in scripts)


def is_edited(script: Script, edits: Mapping[str, Edit]) -> bool:
    """Whether an edit that has an answer stands beside it."""
    return script.state == "live" and script.id in edits and is_written(edits[script.id].script.answers)


def _as_live(script: Script) -> Script:
    drafted = script.state in ("draft", "review") and is_written(script.answers)
    return replace(script, state="live") if drafted else script
