"""What have we approved to say about it?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge_base.indexing import Workshop, changed, is_scattered, whole
from knowledge_base.lessons import Judged
from knowledge_base.script import Script
from knowledge_base.snapshot import Audience, Passage, Snapshot, revision_of
from knowledge_base.vector_index import MEMORY_MB, Encode, VectorIndex

_log = structlog.get_logger(__name__)


class KnowledgeBase:
    """The searchable library: one immutable snapshot, swapped without stopping."""

    def __init__(
        self,
        *,
        encode: Encode,
        encoder: str,
        negatives: Sequence[str] = (),
        folder: Path | None = None,
        memory_mb: int = MEMORY_MB,
        encode_asked: Encode | None = None,
    ) -> None:
        """Start empty; `refresh` fills it.

        Args:
            encode: texts to L2-normalised rows, [n, dim] float32; called in a worker thread.
            encoder: fingerprint of what `encode` runs.
            negatives: utterances no script of any shop answers, for calibration.
            folder: where vectors are kept between starts; None keeps nothing.
            memory_mb: what the vectors may take; a large library is compressed until it fits.
            encode_asked: for what customers asked, where `encode` keeps what it is given; None takes `encode`.
        """
        self._workshop = Workshop(encode, encoder, tuple(dict.fromkeys(negatives)), folder, memory_mb, encode_asked)
        self._snapshot = Snapshot(revision_of(()))
        self._building = asyncio.Lock()
        self._gathering: asyncio.Task[None] | None = None
        self._feedback: tuple[Judged, ...] = ()

    @property
    def revision(self) -> str:
        """Of the snapshot being searched; compare with `Library.revision`."""
        return self._snapshot.revision

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The live scripts being searched, by id."""
        return self._snapshot.scripts

    @property
    def vectors(self) -> VectorIndex | None:
        """Of the questions of the main part; None where nothing is searched."""
        return self._snapshot.corpus.segments[0].vectors if self._snapshot.corpus else None

    async def refresh(
        self,
        scripts: Sequence[Script],
        *,
        questions_each: int | None = None,
        feedback: Sequence[Judged] | None = None,
    ) -> bool:
        """Search these scripts from now on; False where that is already so. Searches go on meanwhile.

        In a large library only what changed is indexed (under a second at 100,000 scripts); once that has grown, all
        of it is indexed anew in the background.

        questions_each: index only the first so many questions of each script. A first start may do that before the
            whole, which costs some 8 ms of CPU a text that has no kept vector; `revision` then is not the library's.
        feedback: what people judged, oldest first, for the probabilities; None leaves what was given before. It
            counts when all is indexed: now, where it differs from before.

        Raises whatever `encode` raises; the old snapshot stays then.
        """
        async with self._building:
            taught = feedback is not None and tuple(feedback) != self._feedback
            learned = tuple(feedback) if feedback is not None else self._feedback
            before = self._snapshot
            after = await asyncio.to_thread(self._next, before, scripts, questions_each, learned, taught=taught)
            if after is before:
                return False
            self._snapshot, self._feedback = after, learned
        _log.info("knowledge_base_swapped", revision=after.revision, scripts=len(after.prints))
        if is_scattered(after) and (self._gathering is None or self._gathering.done()):
            self._gathering = asyncio.create_task(self._gather())
        return True

    async def settled(self) -> None:
        """Wait until nothing is being indexed in the background."""
        if self._gathering is not None:
            await asyncio.gather(self._gathering, return_exceptions=True)

    def search(
        self, query: str, vector: NDArray[np.float32] | None, audience: Audience, limit: int = 10
    ) -> list[Passage]:
        """The scripts most probably right, best first; at most `limit`, none for a query without words.

        Args:
            query: what the customer wrote.
            vector: the query's, [dim], from the encoder whose fingerprint was given; None compares spelling and sound
                alone, with probabilities of their own: where they are high the encoder can be spared.
            audience: to whom and when; scripts that may not be said to her then are left out.
            limit: how many at most.
        """
        return self._snapshot.search(query, vector, audience, limit)

    def script(self, script_id: str) -> Script | None:
        """The live script of this id."""
        return self._snapshot.script(script_id)

    def passage(self, script_id: str, audience: Audience) -> Passage | None:
        """What the script of this id says to this audience, chosen and not searched for: probability 1."""
        script = self.script(script_id)
        if script is None or not audience.may_hear(script):
            return None
        return Passage(
            script_id=script.id,
            title=script.title,
            question=script.questions[0],
            answer=script.answer(audience.channel),
            probability=1.0,
            features={},
        )

    def _next(
        self,
        before: Snapshot,
        scripts: Sequence[Script],
        questions_each: int | None,
        feedback: tuple[Judged, ...],
        *,
        taught: bool,
    ) -> Snapshot:
        """The snapshot of these scripts: the one before where it is theirs."""
        if questions_each is None and not taught and (after := changed(self._workshop, before, scripts)) is not None:
            return before if after.revision == before.revision else after
        if not taught and revision_of(scripts, questions_each) == before.revision:
            return before
        return whole(self._workshop, scripts, questions_each=questions_each, feedback=feedback)

    async def _gather(self) -> None:
        """Index all of it anew; what changes meanwhile is put on top."""
        try:
            gathered = await asyncio.to_thread(whole, self._workshop, self._snapshot.scripts, feedback=self._feedback)
        except Exception as error:  # noqa: BLE001 - whatever the encoder raises; the parts go on answering
            _log.warning("knowledge_base_not_gathered", error=type(error).__name__)
            return
        async with self._building:
            now = await asyncio.to_thread(changed, self._workshop, gathered, self._snapshot.scripts)
            if now is not None and now.revision == self._snapshot.revision:
                self._snapshot = now
                _log.info("knowledge_base_gathered", revision=now.revision)
