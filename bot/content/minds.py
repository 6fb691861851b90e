"""Which generation of content do we answer from? The newest that is ready; a change never stops the answering."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.channels.text import for_understanding
from bot.content.applying import ContentStore
from bot.content.pack import INTENTS_FOLDER, read_shop
from bot.content.problems import PackBroken, PackProblem
from bot.content.shop import Shop
from bot.content.understanding import Readers, faq_examples
from bot.mind import Mind
from bot.store.engine import read_only
from bot.store.lessons import feedback
from handoff import Router
from knowledge_base import KnowledgeBase, Script
from nlu import (
    RememberingEncoder,
    TrainingData,
    Understander,
    load_current,
    load_or_train,
    train,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

QUICK_QUESTIONS = 2  # of each script, for the first answers of a first start
QUICK_EXAMPLES = 12  # of each intent, likewise
LEARN_AGAIN = timedelta(hours=6)  # between two looks at what customers' reactions teach
LEARN_FROM = timedelta(days=90)
_log = structlog.get_logger()


class NotReady(Exception):  # noqa: N818 - reads as the fact it is
    """No content is loaded yet."""


@dataclass(slots=True)
class Minds:
    """Holds the current Mind and replaces it when the content in the database changes."""

    engine: AsyncEngine
    store: ContentStore
    encoder: RememberingEncoder
    readers: Readers
    knowledge: KnowledgeBase
    folder: Path
    now: Callable[[], datetime]
    _mind: Mind | None = None
    _revision: str = ""
    _learned_at: datetime | None = None
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    def current(self) -> Mind:
        """The mind to answer with. Raises NotReady before `start`."""
        if self._mind is None:
            raise NotReady("no content is loaded yet; apply a pack with: xiaoer content apply DIR")
        return self._mind

    @property
    def is_ready(self) -> bool:
        """Whether there is a mind to answer with."""
        return self._mind is not None

    async def start(self) -> None:
        """Be ready soon: from kept vectors where they fit, else from the first questions of each script."""
        revision, files, scripts = await self._read()
        if not files:
            return
        shop, training = await asyncio.to_thread(self._parse, files)
        model = await asyncio.to_thread(load_current, self._model_file, training + faq_examples(scripts), self.encoder)
        if model is None:
            await self.knowledge.refresh(scripts, questions_each=QUICK_QUESTIONS)
            some = training.thinned(QUICK_EXAMPLES) + faq_examples(scripts, each=1)
            model = await asyncio.to_thread(train, some, self.encoder)
            reader = await asyncio.to_thread(self.readers.understander, model, training, scripts, quick=True)
            self._replace(shop, reader, revision="")
            _log.info("mind.quick_start", scripts=len(scripts))
            return
        await self.knowledge.refresh(scripts)
        reader = await asyncio.to_thread(self.readers.understander, model, training, scripts)
        self._replace(shop, reader, revision)

    async def refresh(self) -> None:
        """Take over new content and new lessons if there are any; the old mind answers until the new one is ready."""
        async with self._building:
            async with read_only(self.engine).connect() as connection:
                changed = await self.store.revision(connection) != self._revision
            if changed:
                await self._take_over()
            if self._learned_at is None or self.now() - self._learned_at >= LEARN_AGAIN:
                await self._learn()

    async def aclose(self) -> None:
        """Let what is being indexed or encoded end."""
        await self.knowledge.settled()
        await self.readers.answers.aclose()

    async def _take_over(self) -> None:
        revision, files, scripts = await self._read()
        if not files:
            return
        shop, training = await asyncio.to_thread(self._parse, files)
        await self.knowledge.refresh(scripts)  # first: what changed can be found before all is learned
        everything = training + faq_examples(scripts)
        model = await asyncio.to_thread(load_or_train, self._model_file, everything, self.encoder)
        reader = await asyncio.to_thread(self.readers.understander, model, training, scripts)
        await asyncio.to_thread(self.encoder.save)
        self._replace(shop, reader, revision)

    async def _learn(self) -> None:
        """Let the search know how customers took what it found."""
        now = self.now()
        async with read_only(self.engine).connect() as connection:
            judged = await feedback(connection, now - LEARN_FROM)
            scripts = await self.store.scripts(connection)
        await self.knowledge.refresh(
            scripts, feedback=[replace(each, query=for_understanding(each.query)) for each in judged]
        )
        self._learned_at = now

    def _replace(self, shop: Shop, reader: Understander, revision: str) -> None:
        self._mind = Mind(shop, Router(shop.policy), reader, self.knowledge)
        self._revision = revision

    async def _read(self) -> tuple[str, Mapping[str, str], Sequence[Script]]:
        async with read_only(self.engine).connect() as connection:
            return (
                await self.store.revision(connection),
                await self.store.files(connection),
                await self.store.scripts(connection),
            )

    def _parse(self, files: Mapping[str, str]) -> tuple[Shop, TrainingData]:
        """Read the stored files as the pack they came from. Raises PackBroken if they were tampered with."""
        room = Path(tempfile.mkdtemp(prefix="xiaoer-content-"))
        try:
            (room / INTENTS_FOLDER).mkdir()
            for name, text in files.items():
                target = room / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            problems: list[PackProblem] = []
            shop, training = read_shop(room, problems)
        finally:
            shutil.rmtree(room)
        if shop is None or training is None or problems:
            raise PackBroken(problems)
        return shop, training

    @property
    def _model_file(self) -> Path:
        return self.folder / "intents.npz"
