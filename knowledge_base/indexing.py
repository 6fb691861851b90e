"""How does a library become searchable, as a whole and after a small change?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
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
    if not _has_room(before):
        return None
    live = {script.id: script for script in scripts if script.state == "live"}
    known = {script.id: script for script in before.scripts}
    fresh = [script for name, script in live.items() if name not in known or script != known[name]]
    return _on_top(workshop, before, fresh, known.keys() - live.keys())


def updated(workshop: Workshop, before: Snapshot, scripts: Sequence[Script]) -> Snapshot | None:
    """The same where every script that may differ from before is given, and no other."""
    fresh = [script for script in scripts if script.state == "live" and script != before.script(script.id)]
    gone = {script.id for script in scripts if script.state != "live"} & before.prints.keys()
    if not fresh and not gone:
        return before
    return _on_top(workshop, before, fresh, gone) if _has_room(before) else None


def is_partial(snapshot: Snapshot) -> bool:
    """Whether only some questions of each script are indexed."""
    return snapshot.corpus is not None and snapshot.corpus.segments[0].answers is None


def _has_room(snapshot: Snapshot) -> bool:
    """Whether the library is large enough to be in two parts."""
    return snapshot.corpus is not None and len(snapshot.prints) >= REBUILD_BELOW and not is_partial(snapshot)


def _on_top(workshop: Workshop, before: Snapshot, fresh: Sequence[Script], gone: AbstractSet[str]) -> Snapshot | None:
    """The large part with what is no longer so dropped, and beside it a small part of all that changed since."""
    assert before.corpus is not None  # noqa: S101 - it has room
    base, *others = before.corpus.segments
    renewed = {script.id for script in fresh}
    prints = {name: mark for name, mark in before.prints.items() if name not in gone}
    prints |= {script.id: fingerprint(script) for script in fresh}
    kept = [script for part in others for script in part.live if script.id not in gone and script.id not in renewed]
    small = tuple(sorted([*fresh, *kept], key=_id_of))
    dropped = base.dropped.copy()
    dropped[[place for name in (*renewed, *gone) if (place := _place(base.scripts, name)) is not None]] = True
    if len(small) + int(dropped.sum()) > max(REBUILD_BELOW, len(prints) // 2):
        return None
    segments = [replace(base, dropped=dropped)]
    if small:
        known_vectors = _vectors_of(before.corpus, {script.id for script in small})
        reuse = lambda texts: _encoded(workshop, texts, known_vectors)  # noqa: E731 - given twice
        space = before.corpus.space
        segments.append(build_segment(small, questions=reuse, answers=reuse, space=lambda _: space, like=base)[0])
    ordered = dict(sorted(prints.items()))
    return Snapshot(
        revision_from(ordered.items()), Corpus(tuple(segments), before.corpus.space), before.rankers, ordered
    )


def _place(scripts: Sequence[Script], script_id: str) -> int | None:
    place = bisect_left(scripts, script_id, key=_id_of)
    return place if place < len(scripts) and scripts[place].id == script_id else None


def _id_of(script: Script) -> str:
    return script.id


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
    asked = (workshop.encode_asked or workshop.encode)([each.query for each in judged]) if judged else None
    wrong = _rows(workshop.open("negatives", negatives)) if negatives else np.empty((0, 0), np.float32)
    fitted: list[Ranker] = []
    for own, others, default, vectors in zip(
        own_lessons(corpus),
        negative_lessons(corpus, negatives, wrong),
        (DEFAULT_WEIGHTS, DEFAULT_LEXICAL),
        (asked, None),
        strict=True,
    ):
        people = feedback_lessons(corpus, judged, vectors, own=len(own))
        fitted.append(fit([*own, *others, *people], default))
    return Rankers(*fitted)


def _rows(index: VectorIndex) -> Vectors:
    return index.vectors(np.arange(len(index)))


def _vectors_of(corpus: Corpus, names: AbstractSet[str]) -> dict[str, NDArray[np.float32]]:
    """The stored vectors of the questions of these scripts: a script that changed mostly keeps its questions."""
    found: dict[str, NDArray[np.float32]] = {}
    for segment in corpus.segments:
        for place in (_place(segment.scripts, name) for name in names):
            if place is not None:
                positions = np.arange(segment.variants.first[place], segment.variants.first[place + 1])
                texts = (segment.variants.texts[position] for position in positions)
                found |= dict(zip(texts, segment.vectors.vectors(positions), strict=True))
    return found


def _encoded(workshop: Workshop, texts: Sequence[str], known: dict[str, NDArray[np.float32]]) -> VectorIndex:
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        known |= dict(zip(missing, workshop.encode(missing), strict=True))
    return VectorIndex.build(np.stack([known[text] for text in texts]))
