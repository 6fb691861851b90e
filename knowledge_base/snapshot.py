"""What does the library look like at one moment, ready to be searched from any thread?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import FEATURES, Corpus, candidates
from knowledge_base.lexical import LexicalIndex
from knowledge_base.ranker import Ranker, fit
from knowledge_base.script import Script, fingerprint
from knowledge_base.variants import spread
from knowledge_base.vector_index import Encode, open_index

_MEAN_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Audience:
    """To whom is it said? at: aware, in the shop's time zone (validity counts in the shop's days)."""

    channel: str
    at: datetime


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
class Snapshot:
    """Immutable; replaced as a whole when the library changes."""

    revision: str
    scripts: tuple[Script, ...] = ()
    corpus: Corpus | None = None
    ranker: Ranker = field(default_factory=Ranker)

    def search(self, query: str, vector: NDArray[np.float32], audience: Audience, limit: int = 10) -> list[Passage]:
        """The scripts that may be said to this audience, most probable first; vector: the query's, [dim]."""
        if self.corpus is None:
            return []
        found = candidates(self.corpus, query, vector)
        probabilities = self.ranker.probabilities(found.features)
        passages: list[Passage] = []
        day = audience.at.date()
        for place in np.argsort(-probabilities, kind="stable"):
            script = self.scripts[found.scripts[place]]
            if len(passages) == limit or not script.valid_on(day):
                continue
            passages.append(
                Passage(
                    script_id=script.id,
                    title=script.title,
                    question=self.corpus.variants.texts[found.matched[place]],
                    answer=script.answer(audience.channel),
                    probability=float(probabilities[place]),
                    features=dict(zip(FEATURES, map(float, found.features[place]), strict=True)),
                )
            )
        return passages


def revision_of(scripts: Sequence[Script], questions_each: int | None = None) -> str:
    """Fingerprint of the live ones; of all their questions it equals `Library.revision` of the same set."""
    digest = hashlib.sha256()
    for script in sorted((script for script in scripts if script.state == "live"), key=lambda script: script.id):
        digest.update(f"{script.id}\0{fingerprint(script)}\n".encode())
    return digest.hexdigest()[:32] if questions_each is None else f"{digest.hexdigest()[:32]}/{questions_each}"


def build_snapshot(
    scripts: Sequence[Script],
    *,
    encode: Encode,
    encoder: str,
    folder: Path | None,
    negatives: Sequence[str],
    questions_each: int | None = None,
) -> Snapshot:
    """Index the live scripts and fit the ranker: seconds of CPU when texts are new, so never on the event loop.

    encoder: fingerprint of what `encode` runs. folder: where vectors are kept, None for nowhere.
    negatives: utterances that no script answers. questions_each: index only the first so many of each script.
    """
    revision = revision_of(scripts, questions_each)
    live = tuple(sorted((script for script in scripts if script.state == "live"), key=lambda script: script.id))
    if not live:
        return Snapshot(revision)
    if questions_each is not None:
        live = tuple(replace(script, questions=script.questions[:questions_each]) for script in live)
    variants = spread(live)
    vectors = open_index(folder and folder / "questions", variants.texts, encode, encoder, keep=questions_each is None)
    sample = np.unique(np.linspace(0, len(variants) - 1, min(len(variants), _MEAN_SAMPLE)).astype(np.int64))
    mean = vectors.vectors(sample).mean(axis=0)
    corpus = Corpus(variants, vectors, LexicalIndex(variants.texts), mean)
    wrong = tuple(dict.fromkeys(negatives))
    if wrong:
        stored = open_index(folder and folder / "negatives", wrong, encode, encoder)
        wrong_vectors = stored.vectors(np.arange(len(wrong)))
    else:
        wrong_vectors = np.empty((0, len(mean)), dtype=np.float32)
    return Snapshot(revision, live, corpus, fit(corpus, wrong, wrong_vectors))
