"""What does the library look like at one moment, ready to be searched from any thread?"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from heapq import merge

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import FEATURES, LEXICAL, Candidates, Corpus, Query, candidates, query_of
from knowledge_base.ranker import DEFAULT_LEXICAL, Ranker
from knowledge_base.script import Script, fingerprint

KEPT = 2_048  # queries
AT_ONCE = 32  # queries under way: each is asked by spelling first, then with its vector
_NO_TAGS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom is it said? at: aware, in the shop's time zone (validity counts in the shop's days).

    region, tags, scene: what is known of the customer; empty where nothing is.
    """

    channel: str
    at: datetime
    region: str = ""
    tags: frozenset[str] = _NO_TAGS
    scene: str = ""

    def may_hear(self, script: Script) -> bool:
        """Whether the script may be said to her now."""
        return script.serves(channel=self.channel, at=self.at, region=self.region, tags=self.tags, scene=self.scene)


@dataclass(frozen=True, slots=True)
class Passage:
    """A script that may answer. probability: of being right. features: why, by the names of `FEATURES`."""

    script_id: str
    title: str
    question: str
    answer: str
    probability: float
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rankers:
    """One for queries with a vector, one for queries that are not encoded."""

    full: Ranker = field(default_factory=Ranker)
    lexical: Ranker = field(default_factory=lambda: Ranker(DEFAULT_LEXICAL))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Immutable; replaced as a whole when the library changes. prints: fingerprint of each live script by its id.

    What was found for the last `KEPT` queries is remembered (some 3 KB each): customers keep asking the same.
    """

    revision: str
    corpus: Corpus | None = None
    rankers: Rankers = field(default_factory=Rankers)
    prints: Mapping[str, str] = field(default_factory=dict)
    _ranked: Callable[[str, bytes | None], tuple[Candidates, list[tuple[int, float]]]] = field(init=False, repr=False)
    _read: Callable[[str], Query] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ranked", lru_cache(KEPT)(self._rank))
        if self.corpus is not None:
            object.__setattr__(self, "_read", lru_cache(AT_ONCE)(partial(query_of, self.corpus)))

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The live scripts, by id."""
        if self.corpus is None:
            return ()
        parts = [segment.live for segment in self.corpus.segments]
        return parts[0] if len(parts) == 1 else tuple(merge(*parts, key=_id_of))

    def script(self, script_id: str) -> Script | None:
        """The live script of this id."""
        for segment in self.corpus.segments if self.corpus else ():
            place = bisect_left(segment.ids, script_id)
            if place < len(segment.ids) and segment.ids[place] == script_id and not segment.dropped[place]:
                return segment.scripts[place]
        return None

    def search(
        self,
        query: str,
        vector: NDArray[np.float32] | None,
        audience: Audience,
        limit: int = 10,
        *,
        at_least: float = 0.0,
    ) -> list[Passage]:
        """The scripts that may be said to this audience, most probable first; vector: the query's, [dim].

        Without a vector only spelling and sound are compared, with probabilities of their own. None where none at all
        is as probable as `at_least`.
        """
        if self.corpus is None:
            return []
        found, ranking = self._ranked(query, None if vector is None else vector.astype(np.float32).tobytes())
        passages: list[Passage] = []
        if ranking and ranking[0][1] < at_least:
            return passages
        for place, probability in ranking:
            if len(passages) == limit:
                break
            if passage := self._passage(audience, found, place, probability):
                passages.append(passage)
        return passages

    def _rank(self, query: str, vector: bytes | None) -> tuple[Candidates, list[tuple[int, float]]]:
        """What may answer the query, and its places with their probabilities, best first."""
        assert self.corpus is not None  # noqa: S101 - asked only where there is something to search
        meant = None if vector is None else np.frombuffer(vector, np.float32)
        found = candidates(self.corpus, self._read(query), meant)
        ranker = self.rankers.lexical if vector is None else self.rankers.full
        probabilities = ranker.probabilities(found.features)
        order = (-probabilities).argsort(kind="stable")
        return found, list(zip(order.tolist(), probabilities[order].tolist(), strict=True))

    def _passage(self, audience: Audience, found: Candidates, place: int, probability: float) -> Passage | None:
        """The candidate at this place as a passage; None where it may not be said to this audience."""
        assert self.corpus is not None  # noqa: S101 - only a corpus finds candidates
        segment, position = self.corpus.segments[found.segments[place]], found.scripts[place]
        script = segment.scripts[position]
        if segment.bound[position] and not audience.may_hear(script):
            return None
        row = found.features[place].tolist()
        return Passage(
            script_id=script.id,
            title=script.title,
            question=segment.variants.texts[found.matched[place]],
            answer=script.answer(audience.channel),
            probability=probability,
            features=dict(zip(FEATURES if len(row) == len(FEATURES) else LEXICAL, row, strict=True)),
        )


def revision_of(scripts: Sequence[Script], questions_each: int | None = None) -> str:
    """Fingerprint of the live ones, in whatever order they come."""
    live = sorted((script for script in scripts if script.state == "live"), key=_id_of)
    return revision_from(((script.id, fingerprint(script)) for script in live), questions_each)


def revision_from(prints: Iterable[tuple[str, str]], questions_each: int | None = None) -> str:
    """The same, of pairs of id and fingerprint sorted by id."""
    lines = "".join([f"{script_id}\0{print_of_it}\n" for script_id, print_of_it in prints])
    digest = hashlib.sha256(lines.encode()).hexdigest()[:32]
    return digest if questions_each is None else f"{digest}/{questions_each}"


def _id_of(script: Script) -> str:
    return script.id
