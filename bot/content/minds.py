"""Which generation of content do we answer from? The newest that is ready; a change never stops the answering."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.channels.text import for_understanding
from bot.content.applying import ContentStore, Revision
from bot.content.stored import Stored, read_stored
from bot.content.understanding import Readers, faq_examples, learned_from
from bot.mind import Mind
from bot.store.engine import read_only
from bot.store.lessons import MayTeach, feedback
from handoff import Router
from knowledge_base import KnowledgeBase, Script
from nlu import RememberingEncoder, Understander, load_current, load_or_train, train

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

QUICK_QUESTIONS = 2  # of each script, for the first answers of a first start
QUICK_EXAMPLES = 12  # of each intent, likewise
LISTEN_AGAIN = timedelta(hours=6)  # between two looks at what customers' reactions teach
LISTEN_TO = timedelta(days=90)
QUIET_S = 3.0  # without a change, before what changed is learned: a burst of edits is learned once
LONGEST_BURST = 10  # times that long; who edits all day is learned from too
TRY_AGAIN = timedelta(seconds=15)  # after learning failed, doubled each time
MOST_DOUBLINGS = 6
_log = structlog.get_logger()


class NotReady(Exception):  # noqa: N818 - reads as the fact it is
    """No content is loaded yet."""


@dataclass(slots=True)
class Minds:
    """Holds the current Mind and replaces it when the content in the database changes.

    What changed is taken over in two steps: first it can be found, then it is learned from, beside the answering.
    may_teach: from whose words the search may learn. now: the time, UTC-aware. sleep: how to wait for so many seconds.
    """

    engine: AsyncEngine
    store: ContentStore
    encoder: RememberingEncoder
    readers: Readers
    knowledge: KnowledgeBase
    folder: Path
    may_teach: MayTeach
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _mind: Mind | None = None
    _known: Revision | None = None  # what is searched; None until it is the whole library
    _stored: Stored | None = None  # the newest
    _read_by: Stored | None = None  # what the mind's understander learned from
    _lessons: int = 0  # how often what is learned from changed
    _learned: int = -1  # at which of these the mind's understander was built
    _listened_at: datetime | None = None
    _failures: int = 0
    _try_at: datetime | None = None
    _following: asyncio.Lock = field(default_factory=asyncio.Lock)
    _learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _beside: asyncio.Task[None] | None = None

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
        async with self._one_moment() as connection:
            revision = await self.store.revision(connection)
            files = await self.store.files(connection)
            scripts = await self.store.scripts(connection)
        if not files:
            return
        stored = await asyncio.to_thread(read_stored, files)
        model = await asyncio.to_thread(
            load_current, self._model_file, stored.training + faq_examples(scripts), self.encoder
        )
        quick = model is None
        if model is None:
            await self.knowledge.refresh(scripts, questions_each=QUICK_QUESTIONS)
            some = stored.training.thinned(QUICK_EXAMPLES) + faq_examples(scripts, each=1)
            model = await asyncio.to_thread(train, some, self.encoder)
            _log.info("mind.quick_start", scripts=len(scripts))
        else:
            await self.knowledge.refresh(scripts)
            self._known, self._learned = revision, self._lessons
        reader = await asyncio.to_thread(self.readers.understander, model, stored.training, scripts, quick=quick)
        self._stored = stored
        self._think_with(stored, reader)

    async def follow(self) -> None:
        """Take over what changed: scripts can be found when this ends, what they teach is learned beside it.

        Raises whatever reading or indexing it raises; all stays as it was then, and the next call tries again.
        """
        async with self._following:
            await self._take_over()
        if self._has_to_learn() and (self._beside is None or self._beside.done()):
            self._beside = asyncio.create_task(self._learn_beside())

    async def refresh(self) -> None:
        """Take over what changed and learn it now. Raises whatever either raises."""
        async with self._following:
            await self._take_over()
        await self._learn()

    async def settled(self) -> None:
        """Wait until nothing is being learned or indexed beside the answering."""
        if self._beside is not None:
            await asyncio.gather(self._beside, return_exceptions=True)
        await self.knowledge.settled()

    async def aclose(self) -> None:
        """Learn nothing more; let what is being indexed or encoded end."""
        if self._beside is not None:
            self._beside.cancel()
        await self.settled()
        await self.readers.answers.aclose()

    # ── taking over ──────────────────────────────────────────────────────────────────────────

    async def _take_over(self) -> None:
        known = self._known
        async with self._one_moment() as connection:
            revision = await self.store.revision(connection)
            if revision == known:
                return
            files = None if known and known.files == revision.files else await self.store.files(connection)
            # numbers that go back are those of another database, e.g. a restored one: nothing known counts
            since = known.change if known and known.change <= revision.change else None
            scripts = await self.store.scripts(connection, since=since)
        if files is not None and not files:
            return
        if since is None:
            await self.knowledge.refresh(scripts)
            self._lessons += 1
        else:
            teaches = await asyncio.to_thread(self._teach, scripts)
            await self.knowledge.update(scripts)
            self._lessons += teaches
        del scripts  # what is live of them is the knowledge's now
        self._known = Revision(revision.change, known.files if known else "")
        if files is not None:
            self._take_shop(await asyncio.to_thread(read_stored, files))
            self._known = revision
        _log.info("content.taken_over", change=revision.change, all=since is None, files=files is not None)

    def _teach(self, scripts: Sequence[Script]) -> bool:
        """Whether there is something to learn from how these scripts differ from those searched now."""
        return any(learned_from(self.knowledge.script(script.id)) != learned_from(script) for script in scripts)

    def _take_shop(self, stored: Stored) -> None:
        """Answer as this shop does: at once where its intents are those we know, else when they are learned."""
        if self._stored is None or stored.training != self._stored.training:
            self._lessons += 1
        self._stored = stored
        if self._mind is not None and self._read_by is not None and stored.training == self._read_by.training:
            self._think_with(stored, self._mind.understander)

    def _think_with(self, stored: Stored, reader: Understander) -> None:
        self._mind = Mind(stored.shop, Router(stored.shop.policy), reader, self.knowledge)
        self._read_by = stored

    @contextlib.asynccontextmanager
    async def _one_moment(self) -> AsyncIterator[AsyncConnection]:
        """What is read of the database here belongs together, whoever commits meanwhile."""
        async with read_only(self.engine).connect() as connection:
            if connection.dialect.name == "postgresql":
                await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection

    # ── learning ─────────────────────────────────────────────────────────────────────────────

    def _has_to_learn(self) -> bool:
        if self._stored is None or (self._try_at is not None and self.now() < self._try_at):
            return False
        return self._learned != self._lessons or self._has_to_listen()

    def _has_to_listen(self) -> bool:
        return self._listened_at is None or self.now() - self._listened_at >= LISTEN_AGAIN

    async def _learn_beside(self) -> None:
        """Learn whenever a burst of edits is over. A failure is told, and tried again at a later `follow`."""
        while self._has_to_learn():
            await self._quiet()
            try:
                await self._learn()
            except Exception as error:  # noqa: BLE001 - whatever it is: the mind before answers, new scripts are found
                self._try_at = self.now() + TRY_AGAIN * 2 ** min(self._failures, MOST_DOUBLINGS)
                self._failures += 1
                _log.error("mind.not_learned", error=type(error).__name__, failures=self._failures)

    async def _quiet(self) -> None:
        for _ in range(LONGEST_BURST):
            seen = self._lessons
            await self.sleep(QUIET_S)
            if self._lessons == seen:
                return

    async def _learn(self) -> None:
        async with self._learning:
            if self._stored is not None and self._learned != self._lessons:
                await self._understand_anew(self._stored)
            if self._has_to_listen():
                await self._listen()
            self._failures, self._try_at = 0, None

    async def _understand_anew(self, stored: Stored) -> None:
        lessons = self._lessons
        reader = await asyncio.to_thread(self._taught, stored)
        newest = self._stored
        self._think_with(newest if newest and newest.training == stored.training else stored, reader)
        self._learned = lessons
        _log.info("mind.learned", lessons=lessons)

    def _taught(self, stored: Stored) -> Understander:
        """Who reads for the shop as it is now: seconds of CPU, a minute where intents are to be learned anew."""
        scripts = self.knowledge.scripts
        everything = stored.training + faq_examples(scripts)
        model = load_or_train(self._model_file, everything, self.encoder)
        reader = self.readers.understander(model, stored.training, scripts)
        self.encoder.save()
        return reader

    async def _listen(self) -> None:
        """Let the search know how customers took what it found."""
        now = self.now()
        async with read_only(self.engine).connect() as connection:
            judged = await feedback(connection, now - LISTEN_TO, self.may_teach)
        await self.knowledge.learn([replace(each, query=for_understanding(each.query)) for each in judged])
        self._listened_at = now

    @property
    def _model_file(self) -> Path:
        return self.folder / "intents.npz"
