"""How does a library become searchable, as a whole and after a small change?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import Corpus
from knowledge_base.lessons import MAX_FEEDBACK, Judged, feedback_lessons, negative_lessons, own_lessons
from knowledge_base.ranker import DEFAULT_LEXICAL, DEFAULT_WEIGHTS, Ranker, fit
from knowledge_base.script import Script, fingerprint
from knowledge_base.segment import build_segment
from knowledge_base.snapshot import Rankers, Snapshot, revision_from
from knowledge_base.space import Space, fit_space
from knowledge_base.vector_files import open_index
from knowledge_base.vector_index import MEMORY_MB, Encode, VectorIndex, Vectors

REBUILD_BELOW = 3_000  # scripts; a small library is indexed anew within the second, so it is never in two parts
_SPACE_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Workshop:
    """What building takes. encode, encoder: the function and its fingerprint. negatives: utterances no script answers.

    encode_asked: the same for what customers asked, whose words nothing may keep; None takes `encode`.
    folder: where vectors are kept, None for nowhere. memory_mb: what the vectors may take.
    """

    encode: Encode
    encoder: str
    negatives: tuple[str, ...] = ()
    folder: Path | None = None
    memory_mb: int = MEMORY_MB
    encode_asked: Encode | None = None

    def open(self, name: str, texts: Sequence[str], *, keep: bool = True, sought: bool = True) -> VectorIndex:
        """The index of these texts, kept under this name."""
        folder = self.folder and self.folder / name
        return open_index(folder, texts, self.encode, self.encoder, keep=keep, memory_mb=self.memory_mb, sought=sought)


def build_snapshot(
    scripts: Sequence[Script],
    *,
    encode: Encode,
    encoder: str,
    folder: Path | None,
    negatives: Sequence[str],
    questions_each: int | None = None,
    feedback: Sequence[Judged] = (),
    memory_mb: int = MEMORY_MB,
) -> Snapshot:
    """Index the live scripts and fit the rankers: seconds of CPU when texts are new, so never on the event loop.

    encoder: fingerprint of what `encode` runs. folder: where vectors are kept, None for nowhere.
    negatives: utterances that no script answers. questions_each: index only the first so many of each script, and
    no answers. feedback: what people judged, oldest first. memory_mb: what the vectors may take.
    """
    workshop = Workshop(encode, encoder, tuple(dict.fromkeys(negatives)), folder, memory_mb)
    return whole(workshop, scripts, questions_each=questions_each, feedback=feedback)


def whole(
    workshop: Workshop,
    scripts: Sequence[Script],
    *,
    questions_each: int | None = None,
    feedback: Sequence[Judged] = (),
) -> Snapshot:
    """Index all of them."""
    live = tuple(sorted((script for script in scripts if script.state == "live"), key=lambda script: script.id))
    prints = {script.id: fingerprint(script) for script in live}
    revision = revision_from(prints.items(), questions_each)
    if not live:
        return Snapshot(revision)
    if questions_each is not None:
        live = tuple(replace(script, questions=script.questions[:questions_each]) for script in live)
    full = questions_each is None
    segment, space = build_segment(
        live,
        questions=lambda texts: workshop.open("questions", texts, keep=full),
        answers=(lambda texts: workshop.open("answers", texts, sought=False)) if full else None,
        space=_space_of,
    )
    corpus = Corpus((segment,), space)
    return Snapshot(revision, corpus, _rankers(workshop, corpus, feedback), prints)


def changed(workshop: Workshop, before: Snapshot, scripts: Sequence[Script]) -> Snapshot | None:
    """Index what differs from before, and only that; None where the library is better indexed as a whole."""
    if before.corpus is None or len(before.prints) < REBUILD_BELOW or before.corpus.segments[0].answers is None:
        return None
    live = {script.id: script for script in scripts if script.state == "live"}
    known = {script.id: script for segment in before.corpus.segments for script in segment.live}
    fresh = {name for name, script in live.items() if name not in known or script != known[name]}
    base = before.corpus.segments[0]
    kept = {script.id for segment in before.corpus.segments[1:] for script in segment.live} & live.keys()
    small = tuple(live[name] for name in sorted(fresh | kept))
    prints = {name: fingerprint(live[name]) if name in fresh else before.prints[name] for name in sorted(live)}
    elsewhere = {script.id for script in small}
    dropped = np.fromiter(
        (script.id not in live or script.id in elsewhere for script in base.scripts), np.bool_, len(base.scripts)
    )
    if len(small) + int(dropped.sum()) > max(REBUILD_BELOW, len(live) // 2):
        return None
    segments = [replace(base, dropped=dropped)]
    if small:
        known_vectors = _vectors_of(before.corpus, fresh | kept)
        reuse = lambda texts: _encoded(workshop, texts, known_vectors)  # noqa: E731 - given twice
        space = before.corpus.space
        segments.append(build_segment(small, questions=reuse, answers=reuse, space=lambda _: space, like=base)[0])
    revision = revision_from(prints.items())
    return Snapshot(revision, Corpus(tuple(segments), before.corpus.space), before.rankers, prints)


def is_scattered(snapshot: Snapshot) -> bool:
    """Whether the part that changed has grown enough to index all of it anew, in the background."""
    if snapshot.corpus is None or len(snapshot.corpus.segments) == 1:
        return False
    return len(snapshot.corpus.segments[1].scripts) > max(REBUILD_BELOW // 3, len(snapshot.prints) // 50)


def _space_of(vectors: VectorIndex) -> Space:
    sample = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), _SPACE_SAMPLE)).astype(np.int64))
    return fit_space(vectors.vectors(sample))


def _rankers(workshop: Workshop, corpus: Corpus, feedback: Sequence[Judged]) -> Rankers:
    negatives = workshop.negatives
    judged = tuple(feedback)[-MAX_FEEDBACK:]
    wrong = _rows(workshop.open("negatives", negatives)) if negatives else None
    asked = (workshop.encode_asked or workshop.encode)([each.query for each in judged]) if judged else None
    fitted: list[Ranker] = []
    for lexical, default in ((False, DEFAULT_WEIGHTS), (True, DEFAULT_LEXICAL)):
        own = list(own_lessons(corpus, lexical=lexical))
        others = negative_lessons(corpus, negatives, None if lexical else wrong)
        people = feedback_lessons(corpus, judged, None if lexical else asked, own=len(own))
        fitted.append(fit([*own, *others, *people], default))
    return Rankers(*fitted)


def _rows(index: VectorIndex) -> Vectors:
    return index.vectors(np.arange(len(index)))


def _vectors_of(corpus: Corpus, names: set[str]) -> dict[str, NDArray[np.float32]]:
    """The stored vectors of the questions of these scripts: a script that changed mostly keeps its questions."""
    found: dict[str, NDArray[np.float32]] = {}
    for segment in corpus.segments:
        for place, script in enumerate(segment.scripts):
            if script.id in names:
                positions = np.arange(segment.variants.first[place], segment.variants.first[place + 1])
                texts = (segment.variants.texts[position] for position in positions)
                found |= dict(zip(texts, segment.vectors.vectors(positions), strict=True))
    return found


def _encoded(workshop: Workshop, texts: Sequence[str], known: dict[str, NDArray[np.float32]]) -> VectorIndex:
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known |= dict(zip(missing, workshop.encode(missing), strict=True))
    return VectorIndex.build(np.stack([known[text] for text in texts]))
