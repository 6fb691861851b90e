"""What have we approved to say about it?"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge_base.script import Script
from knowledge_base.snapshot import Audience, Passage, Snapshot, build_snapshot, revision_of
from knowledge_base.vector_index import Encode

_log = structlog.get_logger(__name__)


class KnowledgeBase:
    """The searchable library: one immutable snapshot, swapped without stopping."""

    def __init__(
        self, *, encode: Encode, encoder: str, negatives: Sequence[str] = (), folder: Path | None = None
    ) -> None:
        """Start empty; `refresh` fills it.

        Args:
            encode: texts to L2-normalised rows, [n, dim] float32; called in a worker thread.
            encoder: fingerprint of what `encode` runs.
            negatives: utterances no script of any shop answers, for calibration.
            folder: where vectors are kept between starts; None keeps nothing.
        """
        self._encode = encode
        self._encoder = encoder
        self._negatives = tuple(negatives)
        self._folder = folder
        self._snapshot = Snapshot(revision_of(()))
        self._building = asyncio.Lock()

    @property
    def revision(self) -> str:
        """Of the snapshot being searched; compare with `Library.revision`."""
        return self._snapshot.revision

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The live scripts being searched, by id."""
        return self._snapshot.scripts

    async def refresh(self, scripts: Sequence[Script], *, questions_each: int | None = None) -> bool:
        """Search these scripts from now on; False where that is already so. Searches go on meanwhile.

        questions_each: index only the first so many questions of each script. A first start may do that before the
            whole, which costs some 8 ms of CPU a text that has no kept vector; `revision` then is not the library's.

        Raises whatever `encode` raises; the old snapshot stays then.
        """
        async with self._building:
            if revision_of(scripts, questions_each) == self._snapshot.revision:
                return False
            snapshot = await asyncio.to_thread(
                build_snapshot,
                scripts,
                encode=self._encode,
                encoder=self._encoder,
                folder=self._folder,
                negatives=self._negatives,
                questions_each=questions_each,
            )
            self._snapshot = snapshot
        _log.info("knowledge_base_swapped", revision=snapshot.revision, scripts=len(snapshot.scripts))
        return True

    def search(self, query: str, vector: NDArray[np.float32], audience: Audience, limit: int = 10) -> list[Passage]:
        """The scripts most probably right, best first; at most `limit`, none for a query without words.

        Args:
            query: what the customer wrote.
            vector: the query's, [dim], from the encoder whose fingerprint was given.
            audience: channel and moment; scripts not valid then are left out.
            limit: how many at most.
        """
        return self._snapshot.search(query, vector, audience, limit)

    def script(self, script_id: str) -> Script | None:
        """The live script of this id."""
        scripts = self._snapshot.scripts  # by id
        place = bisect_left(scripts, script_id, key=lambda script: script.id)
        return scripts[place] if place < len(scripts) and scripts[place].id == script_id else None

    def passage(self, script_id: str, audience: Audience) -> Passage | None:
        """What the script of this id says to this audience, chosen and not searched for: probability 1."""
        script = self.script(script_id)
        if script is None or not script.valid_on(audience.at.date()):
            return None
        return Passage(
            script_id=script.id,
            title=script.title,
            question=script.questions[0],
            answer=script.answer(audience.channel),
            probability=1.0,
            features={},
        )
