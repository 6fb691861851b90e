"""What have we approved to say about it?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge_base.indexing import Workshop, changed, is_partial, is_scattered, updated, whole
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
        """Of the snapshot being searched: `revision_of` the live scripts in it."""
        return self._snapshot.revision

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The live scripts being searched, by id."""
        return self._snapshot.scripts

    @property
    def vectors(self) -> VectorIndex | None:
        """Of the questions of the main part; None where nothing is searched."""
        return self._snapshot.corpus.segments[0].vectors if self._snapshot.corpus else None

    async def refresh(self, scripts: Sequence[Script], *, questions_each: int | None = None) -> bool:
        """Search these scripts from now on; False where that is already so. Searches go on meanwhile.

        questions_each: index only the first so many questions of each script. A first start may do that before the
            whole, which costs some 8 ms of CPU a text that has no kept vector; `revision` then is not the library's.

        Raises whatever `encode` raises; the old snapshot stays then.
        """
        async with self._building:
            return self._swap(await asyncio.to_thread(self._next, self._snapshot, scripts, questions_each))

    async def update(self, scripts: Sequence[Script]) -> bool:
        """Search these scripts, whatever state they are in now, instead of their versions before; others stay.

        In a large library only they are indexed (well under a second at 100,000 scripts); once what changed has
        grown, all of it is indexed anew in the background. False where nothing changes.

        Raises:
            ValueError: only some questions of each script are indexed; `refresh` with all of them first.

        And whatever `encode` raises; the old snapshot stays then.
        """
        async with self._building:
            return self._swap(await asyncio.to_thread(self._updated, self._snapshot, scripts))

    async def learn(self, feedback: Sequence[Judged]) -> bool:
        """Fit the probabilities to what people judged too, oldest first; False where that is already so.

        All is indexed anew for it, beside searches and updates: seconds in a large library. Raises as `update` does.
        """
        learned = tuple(feedback)
        if learned == self._feedback:
            return False
        await self._index_anew(learned)
        return True

    async def beside(self, scripts: Sequence[Script]) -> KnowledgeBase:
        """Another library of these scripts, which learned what this one did and keeps nothing on disk.

        Raises whatever `encode` raises.
        """
        other = copy(self)
        other._workshop = replace(self._workshop, folder=None)  # noqa: SLF001 - one of ours
        other._building, other._gathering = asyncio.Lock(), None  # noqa: SLF001
        await other.refresh(scripts)
        return other

    async def settled(self) -> None:
        """Wait until nothing is being indexed in the background."""
        if self._gathering is not None:
            await asyncio.gather(self._gathering, return_exceptions=True)

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        audience: Audience,
        limit: int = 10,
        *,
        at_least: float = 0.0,
    ) -> list[Passage]:
        """The scripts most probably right, best first; at most `limit`, none for a query without words.

        Args:
            query: what the customer wrote.
            vector: the query's, [dim], from the encoder whose fingerprint was given; None compares spelling and sound
                alone, with probabilities of their own: where they are high the encoder can be spared.
            audience: to whom and when; scripts that may not be said to her then are left out.
            limit: how many at most.
            at_least: none is wanted where no script of all is as probable.
        """
        return self._snapshot.search(query, vector, audience, limit, at_least=at_least)

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

    def _next(self, before: Snapshot, scripts: Sequence[Script], questions_each: int | None) -> Snapshot:
        """The snapshot of these scripts: the one before where it is theirs."""
        if questions_each is None and (after := changed(self._workshop, before, scripts)) is not None:
            return before if after.revision == before.revision else after
        if revision_of(scripts, questions_each) == before.revision:
            return before
        return whole(self._workshop, scripts, questions_each=questions_each, feedback=self._feedback)

    def _updated(self, before: Snapshot, scripts: Sequence[Script]) -> Snapshot:
        """The snapshot before with these scripts as they are now."""
        _require_all_of(before)
        if (after := updated(self._workshop, before, scripts)) is not None:
            return after
        now = {script.id: script for script in (*before.scripts, *scripts)}
        return whole(self._workshop, tuple(now.values()), feedback=self._feedback)

    def _swap(self, after: Snapshot) -> bool:
        """Search this one from now on; False where it is the one being searched."""
        if after is self._snapshot:
            return False
        self._snapshot = after
        _log.info("knowledge_base_swapped", revision=after.revision, scripts=len(after.prints))
        if is_scattered(after) and (self._gathering is None or self._gathering.done()):
            self._gathering = asyncio.create_task(self._gather())
        return True

    async def _gather(self) -> None:
        """Put everything into one part again."""
        try:
            await self._index_anew(self._feedback)
        except Exception as error:  # noqa: BLE001 - whatever the encoder raises; the parts go on answering
            _log.warning("knowledge_base_not_gathered", error=type(error).__name__)

    async def _index_anew(self, feedback: tuple[Judged, ...]) -> None:
        """Index all of it; what changes meanwhile is put on top."""
        while True:
            before = self._snapshot
            anew = await asyncio.to_thread(self._anew, before, feedback)
            async with self._building:
                if self._snapshot is not before:
                    on_top = await asyncio.to_thread(self._caught_up, anew, self._snapshot)
                    if on_top is None:  # too much changed, or too little is there to be in two parts
                        continue
                    anew = on_top
                self._snapshot, self._feedback = anew, feedback
            _log.info("knowledge_base_gathered", revision=anew.revision)
            return

    def _anew(self, before: Snapshot, feedback: tuple[Judged, ...]) -> Snapshot:
        _require_all_of(before)
        return whole(self._workshop, before.scripts, feedback=feedback)

    def _caught_up(self, anew: Snapshot, now: Snapshot) -> Snapshot | None:
        return changed(self._workshop, anew, now.scripts)


def _require_all_of(snapshot: Snapshot) -> None:
    if is_partial(snapshot):
        raise ValueError("only some questions of each script are indexed; refresh with all of them first")
