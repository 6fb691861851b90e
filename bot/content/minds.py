"""Which generation of content do we answer from? The newest that is ready; a change never stops the answering."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.content.applying import ContentStore
from bot.content.pack import INTENTS_FOLDER, read_shop
from bot.content.problems import PackBroken, PackProblem
from bot.content.shop import Shop
from bot.mind import Mind
from bot.store.engine import read_only
from handoff import Router
from knowledge_base import KnowledgeBase, Script
from nlu import (
    AsyncEncoder,
    Example,
    IntentModel,
    RememberingEncoder,
    TrainingData,
    Understander,
    load_current,
    load_or_train,
    train,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

FAQ = "faq"  # the intent of everything the scripts answer; steering intents are told apart from it
FAQ_QUESTIONS = 3  # of each script, as examples of it
QUICK_QUESTIONS = 2  # of each script, for the first answers of a first start
QUICK_EXAMPLES = 12  # of each intent, likewise
_log = structlog.get_logger()


class NotReady(Exception):  # noqa: N818 - reads as the fact it is
    """No content is loaded yet."""


@dataclass(slots=True)
class Minds:
    """Holds the current Mind and replaces it when the content in the database changes."""

    engine: AsyncEngine
    store: ContentStore
    encoder: RememberingEncoder
    shared_encoder: AsyncEncoder
    knowledge: KnowledgeBase
    folder: Path
    _mind: Mind | None = None
    _revision: str = ""
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
        model = await asyncio.to_thread(load_current, self._model_file, training + _faq(scripts), self.encoder)
        if model is None:
            await self.knowledge.refresh(scripts, questions_each=QUICK_QUESTIONS)
            some = training.thinned(QUICK_EXAMPLES) + _faq(scripts, each=1)
            model = await asyncio.to_thread(train, some, self.encoder)
            self._replace(shop, model, revision="")
            _log.info("mind.quick_start", scripts=len(scripts))
            return
        await self.knowledge.refresh(scripts)
        self._replace(shop, model, revision)

    async def refresh(self) -> None:
        """Take over new content if there is any; the old mind answers until the new one is ready."""
        async with self._building:
            async with read_only(self.engine).connect() as connection:
                if await self.store.revision(connection) == self._revision:
                    return
            revision, files, scripts = await self._read()
            if not files:
                return
            shop, training = await asyncio.to_thread(self._parse, files)
            everything = training + _faq(scripts)
            model = await asyncio.to_thread(load_or_train, self._model_file, everything, self.encoder)
            await self.knowledge.refresh(scripts)
            await asyncio.to_thread(self.encoder.save)
            self._replace(shop, model, revision)

    def _replace(self, shop: Shop, model: IntentModel, revision: str) -> None:
        understander = Understander(self.shared_encoder, model)
        self._mind = Mind(shop, Router(shop.policy), understander, self.knowledge)
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


def _faq(scripts: Sequence[Script], *, each: int = FAQ_QUESTIONS) -> TrainingData:
    """What the scripts answer, as examples of one intent."""
    live = (script for script in scripts if script.state == "live")
    return TrainingData(tuple(Example(question, FAQ) for script in live for question in script.questions[:each]))
