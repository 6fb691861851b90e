"""What speaks for a script as the answer to a query? One row of features a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.grams import Runs, runs_of
from knowledge_base.lexical import MAX_QUERY, Matches
from knowledge_base.segment import Segment, all_said
from knowledge_base.space import Floats, Space
from knowledge_base.text import essence, normalise

LEXICAL = (
    "spelling_whole",  # best character TF-IDF cosine with a whole question
    "spelling",  # … with a question or a clause
    "sound",  # … with the syllables of a question or a clause
    "answer_spelling",  # share of the query's pairs of characters that the answer holds
    "held",  # share of the query's characters and pairs that the questions and the answer hold between them
    "exact",  # 1 where a question is written like the query
    "length",  # log of the query's characters, up to `_LONG`: short queries say less
    "spelling_margin",  # spelling less the best of the other candidates
)
FEATURES = (
    *LEXICAL,
    "meaning_whole",  # best cosine, within the space, with a whole question
    "meaning",  # … with a question or a clause of one
    "meaning_support",  # mean of the three best
    "answer_meaning",  # cosine with question and answer together
    "meaning_margin",  # meaning less the best of the other candidates
)
_MARGINS = tuple((FEATURES.index(of), FEATURES.index(f"{of}_margin")) for of in ("spelling", "meaning"))
_NEAREST = 64  # variants looked at on each side
_CANDIDATES = 12  # scripts taken by meaning and by spelling
_SOUNDING = 6  # scripts taken by sound
_ANSWER_POSTINGS = 4_000  # added up a query; answers are not sought by spelling, so longer lists are only looked up
_ANSWERING = 6  # scripts taken by question and answer together
_SUPPORT = 3
_LONG = 12  # characters of a query from which on more say no more
_NOTHING = -1.0  # below every cosine: a place without a variant


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything a query is compared with: the segments and the space their vectors are seen in."""

    segments: tuple[Segment, ...]
    space: Space


@dataclass(frozen=True, slots=True)
class Candidates:
    """segments, scripts: [n] where each is. features: [n, len(names)]. matched: [n] position of the best variant."""

    segments: NDArray[np.int64]
    scripts: NDArray[np.int64]
    features: Floats
    matched: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scripts)


@dataclass(frozen=True, slots=True)
class Spelled:
    """How a query fits one segment by its spelling. alike, heard: the nearest variants by spelling and by sound."""

    spelling: Matches
    sound: Matches
    answers: Matches
    held: Matches
    alike: NDArray[np.int64]
    heard: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Query:
    """What of a query needs no vector.

    plain: normalised. bare: the runs of what is left without what adds no meaning. spelled: by segment, none where
    nothing is written.
    """

    plain: str
    bare: Runs
    spelled: tuple[Spelled, ...]


def nothing(names: Sequence[str]) -> Candidates:
    """No candidate, of so many features."""
    none = np.empty(0, np.int64)
    return Candidates(none, none, np.empty((0, len(names)), np.float32), none)


def query_of(corpus: Corpus, text: str) -> Query:
    """Compare a text with all that is written; half the work of a search, and the same with a vector and without."""
    plain, bare = normalise(text), essence(text)
    written = runs_of(plain[:MAX_QUERY])
    said = written if bare == plain else runs_of(bare[:MAX_QUERY])
    if not plain:
        return Query(plain, said, ())
    heard = runs_of(plain[:MAX_QUERY], sound=True)
    return Query(plain, said, tuple(_spelled(segment, written, heard, said) for segment in corpus.segments))


def candidates(corpus: Corpus, query: Query, vector: Floats | None, *, without: int = -1) -> Candidates:
    """Collect the nearest scripts by meaning, spelling and sound and describe each by `FEATURES`.

    query: of this corpus. vector: None looks at spelling and sound alone; the features are `LEXICAL` then.
    without: number of a question of the first segment that is treated as if it were not there (leave-one-out).
    """
    names = LEXICAL if vector is None else FEATURES
    if not query.spelled or (vector is not None and not vector.any()):
        return nothing(names)
    inside = None if vector is None else corpus.space.query(vector)
    found = [
        _described(corpus, number, query, inside, without if number == 0 else -1)
        for number in range(len(corpus.segments))
    ]
    found = [each for each in found if len(each)]
    if not found:
        return nothing(names)
    features = with_margins(np.concatenate([each.features for each in found]))
    return Candidates(
        np.concatenate([each.segments for each in found]),
        np.concatenate([each.scripts for each in found]),
        features,
        np.concatenate([each.matched for each in found]),
    )


def with_margins(features: Floats) -> Floats:
    """Fill in by how much each candidate is ahead of the others; they depend on who the others are."""
    for of, ahead in _MARGINS:
        if ahead < features.shape[1]:
            features[:, ahead] = _margin(features[:, of])
    return features


def _spelled(segment: Segment, written: Runs, heard: Runs, bare: Runs) -> Spelled:
    spelling, sound = segment.spelling.match(written), segment.sound.match(heard)
    answers = segment.answer_spelling.match(bare, budget=_ANSWER_POSTINGS)
    held = segment.held.match(bare, budget=_ANSWER_POSTINGS)
    return Spelled(spelling, sound, answers, held, spelling.best(_NEAREST), sound.best(_NEAREST))


def _described(corpus: Corpus, number: int, query: Query, vector: Floats | None, without: int) -> Candidates:
    """The candidates of one segment; their margins are still zero. vector: within the space."""
    segment, spelled = corpus.segments[number], query.spelled[number]
    variants = segment.variants
    scripts = _nearest(segment, spelled, vector, without)
    if not len(scripts):
        return nothing(FEATURES)
    positions, usable = _laid_out(segment, scripts, without)
    flat = positions[usable]
    alike = _filled(spelled.spelling.at(flat), usable, 0)
    heard = _filled(spelled.sound.at(flat), usable, 0)
    whole = usable & variants.whole[positions]
    whole |= usable & ~whole.any(axis=1, keepdims=True)
    columns = [
        np.where(whole, alike, 0).max(axis=1),
        alike.max(axis=1),
        heard.max(axis=1),
        spelled.answers.at(scripts),
        _held(segment, query.bare, spelled.held, scripts, positions, without),
        (whole & (variants.hashes[positions] == hash(query.plain))).any(axis=1),
        np.full(len(scripts), np.log(min(len(query.plain), _LONG))),
        np.zeros(len(scripts)),
    ]
    scores = alike
    if vector is not None:
        near = corpus.space.cosines(vector, segment.vectors.products(vector, flat), segment.lengths[flat])
        meaning = _filled(near, usable, _NOTHING)
        columns += _meant(segment, vector, corpus.space, scripts, meaning, whole)
        scores = meaning + alike
    matched = positions[np.arange(len(scripts)), np.where(usable, scores, 2 * _NOTHING).argmax(axis=1)]
    return Candidates(np.full(len(scripts), number), scripts, np.column_stack(columns).astype(np.float32), matched)


def _held(  # noqa: PLR0917 - what has been found so far
    segment: Segment, asked: Runs, held: Matches, scripts: NDArray[np.int64], positions: NDArray[np.int64], without: int
) -> Floats:
    """What the texts of each script hold of the query, [n]; a question left out takes along what it alone holds."""
    shares = held.at(scripts)
    if without < 0:
        return shares
    variants = segment.variants
    for row in np.flatnonzero((variants.question[positions] == without).any(axis=1)).tolist():
        first, end = variants.first[scripts[row]], variants.first[scripts[row] + 1]
        left = [variants.texts[place] for place in range(first, end) if variants.question[place] != without]
        shares[row] = segment.held.share(asked, all_said(left, segment.scripts[scripts[row]]))
    return shares


def _meant(  # noqa: PLR0917 - what has been found so far
    segment: Segment,
    vector: Floats,
    space: Space,
    scripts: NDArray[np.int64],
    meaning: Floats,
    whole: NDArray[np.bool_],
) -> list[NDArray[np.floating]]:
    """The columns that need the query's vector."""
    ordered = -np.sort(-meaning, axis=1)[:, :_SUPPORT]
    there = ordered > _NOTHING
    support = np.where(there, ordered, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    best = meaning.max(axis=1)
    answered = best
    if segment.answers is not None:
        products = segment.answers.products(vector, scripts)
        answered = space.cosines(vector, products, segment.answer_lengths[scripts])
    return [np.where(whole, meaning, _NOTHING).max(axis=1), best, support, answered, np.zeros(len(scripts))]


def _nearest(segment: Segment, spelled: Spelled, vector: Floats | None, without: int) -> NDArray[np.int64]:
    """Distinct scripts of the nearest variants, best first on each side, meaning before spelling before sound."""
    variants = segment.variants
    sides = [(spelled.alike, _CANDIDATES), (spelled.heard, _SOUNDING)]
    if vector is not None:
        sides.insert(0, (segment.vectors.search(vector, _NEAREST)[0], _CANDIDATES))
    chosen: dict[int, None] = {}
    for positions, count in sides:
        owners = variants.script[positions]
        usable = ~segment.dropped[owners]
        if without >= 0:
            usable &= variants.question[positions] != without
        chosen |= dict.fromkeys(list(dict.fromkeys(owners[usable].tolist()))[:count])
    if vector is not None and segment.answers and not segment.answers.is_store and without < 0:
        near = segment.answers.search(vector, _ANSWERING)[0]
        chosen |= dict.fromkeys(near[~segment.dropped[near]].tolist())
    return np.fromiter(chosen, np.int64, len(chosen))


def _laid_out(
    segment: Segment, scripts: NDArray[np.int64], without: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """A row of variants a script, [n, most], and which places hold one; every script has at least one left."""
    first = segment.variants.first
    starts, ends = first[scripts].astype(np.int64), first[scripts + 1]
    positions = starts[:, None] + np.arange(int((ends - starts).max()))
    usable = positions < ends[:, None]
    positions = np.where(usable, positions, starts[:, None])
    if without >= 0:
        usable &= segment.variants.question[positions] != without
    return positions, usable


def _filled(values: Floats, usable: NDArray[np.bool_], empty: float) -> Floats:
    row = np.full(usable.shape, empty, dtype=np.float32)
    row[usable] = values
    return row


def _margin(scores: Floats) -> Floats:
    """Each score less the best of the others; less zero where there is no other."""
    if len(scores) == 1:
        return scores.copy()
    second, best = np.partition(scores, -2)[-2:]
    others = np.full_like(scores, best)
    others[np.argmax(scores)] = second
    return np.asarray(scores - others, dtype=np.float32)
