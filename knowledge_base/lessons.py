"""From which examples does the ranker learn? The shop's own questions, what nobody sells, and what people judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import Candidates, Corpus, candidates, query_of, with_margins
from knowledge_base.ranker import Lesson
from knowledge_base.space import Floats
from knowledge_base.variants import Variants

MAX_QUERIES = 600  # leave-one-out queries; more cost time and change nothing in so few weights
MAX_FEEDBACK = 400  # judged queries, the newest
_MISSING = 0.3  # how much a question counts whose script is taken away: about so many have none in a young library
_FEEDBACK_SHARE = 1.0  # all judged queries together weigh at most as much as the shop's own questions …
_ONE_JUDGED = 1.0  # … and one never more than one of those


@dataclass(frozen=True, slots=True)
class Judged:
    """What use has shown: whether this script was right for what a customer wrote."""

    query: str
    script_id: str
    right: bool


class Kinds(NamedTuple):
    """The same lessons for both rankers: with vectors, and by spelling and sound alone. A text is compared once."""

    full: list[Lesson]
    lexical: list[Lesson]


def own_lessons(corpus: Corpus) -> Kinds:
    """Each question of the first segment asks while it is left out, so nothing else is needed to learn from.

    It asks a second time as if the library had no script for it: looking alike must not be taken for being right.
    """
    segment, kinds = corpus.segments[0], Kinds([], [])
    variants = segment.variants
    for position in questions_to_ask(variants).tolist():
        query = query_of(corpus, variants.texts[position])
        number, script = int(variants.question[position]), int(variants.script[position])
        for lessons, vector in zip(kinds, (segment.vectors.vectors(np.array([position]))[0], None), strict=True):
            found = candidates(corpus, query, vector, without=number)
            lessons.extend(both_ways(found.features, _place(found, 0, script)))
    return kinds


def both_ways(features: Floats, right: int | None) -> Iterator[Lesson]:
    """A question with its script there, and with its script missing."""
    yield Lesson(features, right=right)
    if right is not None and len(features) > 1:
        yield Lesson(with_margins(np.delete(features, right, axis=0)), weight=_MISSING)


def negative_lessons(corpus: Corpus, negatives: Sequence[str], vectors: NDArray[np.float32]) -> Kinds:
    """What no script answers must find none; vectors: [len(negatives), dim]."""
    kinds = Kinds([], [])
    for text, meant in zip(negatives, vectors, strict=True):
        query = query_of(corpus, text)
        for lessons, vector in zip(kinds, (meant, None), strict=True):
            lessons.append(Lesson(candidates(corpus, query, vector).features))
    return kinds


def feedback_lessons(
    corpus: Corpus, feedback: Sequence[Judged], vectors: NDArray[np.float32] | None, *, own: int
) -> Iterator[Lesson]:
    """What people judged. own: number of the shop's own lessons, which bounds the weight of these."""
    weight = min(_ONE_JUDGED, _FEEDBACK_SHARE * max(own, 1) / max(len(feedback), 1))
    for number, judged in enumerate(feedback):
        found = candidates(corpus, query_of(corpus, judged.query), None if vectors is None else vectors[number])
        place = _place_of(corpus, found, judged.script_id)
        if place is None:
            continue
        if judged.right:
            yield Lesson(found.features, right=place, weight=weight)
        else:
            yield Lesson(found.features, wrong=place, weight=weight)


def questions_to_ask(variants: Variants) -> NDArray[np.int64]:
    """Whole questions of scripts that keep another one when it is left out, evenly thinned to `MAX_QUERIES`."""
    wholes = np.flatnonzero(variants.whole)
    per_script = np.bincount(variants.script[wholes], minlength=len(variants.first) - 1)
    asking = wholes[per_script[variants.script[wholes]] > 1]
    if len(asking) <= MAX_QUERIES:
        return asking
    return asking[np.linspace(0, len(asking) - 1, MAX_QUERIES).astype(np.int64)]


def _place(found: Candidates, segment: int, script: int) -> int | None:
    places = np.flatnonzero((found.scripts == script) & (found.segments == segment))
    return int(places[0]) if len(places) else None


def _place_of(corpus: Corpus, found: Candidates, script_id: str) -> int | None:
    for place, (segment, script) in enumerate(zip(found.segments.tolist(), found.scripts.tolist(), strict=True)):
        if corpus.segments[segment].scripts[script].id == script_id:
            return place
    return None
