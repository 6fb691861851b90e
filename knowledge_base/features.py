"""What speaks for a script as the answer to a query? One row of features a candidate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.grams import Runs, runs_of
from knowledge_base.lexical import MAX_QUERY, Matches
from knowledge_base.segment import Segment, all_said
from knowledge_base.space import Floats, Space
from knowledge_base.text import essence, normalise
from knowledge_base.variants import Variants

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
    said = written if bare == plain else runs_of(bare[:MAX_QUERY], longest=2)  # nothing longer is looked for in answers
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
    all_of_them = found[0] if len(found) == 1 else _together(found)
    with_margins(all_of_them.features)
    return all_of_them


def _together(found: Sequence[Candidates]) -> Candidates:
    return Candidates(
        np.concatenate([each.segments for each in found]),
        np.concatenate([each.scripts for each in found]),
        np.concatenate([each.features for each in found]),
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
    rows = _laid_out(variants, scripts, without)
    whole = rows.whole(variants)
    alike = spelled.spelling.at(rows.places)
    columns = [
        rows.most(np.where(whole, alike, 0)),
        rows.most(alike),
        rows.most(spelled.sound.at(rows.places)),
        spelled.answers.at(scripts),
        _held(segment, query.bare, spelled.held, scripts, rows),
        rows.most(whole & (variants.hashes[rows.places] == hash(query.plain))),
        np.full(len(scripts), math.log(min(len(query.plain), _LONG))),
        np.zeros(len(scripts)),
    ]
    scores = alike
    if vector is not None:
        products = segment.vectors.products(vector, rows.places)
        meaning = corpus.space.cosines(vector, products, segment.lengths[rows.places])
        columns += _meant(segment, vector, corpus.space, scripts, rows, meaning, whole)
        scores = meaning + alike
    features = np.array(columns, dtype=np.float32).T
    return Candidates(np.full(len(scripts), number), scripts, features, rows.places[rows.best(scores)])


def _held(segment: Segment, asked: Runs, held: Matches, scripts: NDArray[np.int64], rows: _Rows) -> Floats:
    """What the texts of each script hold of the query, [n]; a question left out takes along what it alone holds."""
    shares = held.at(scripts)
    for row in rows.shortened:
        script = segment.scripts[scripts[row]]
        left = [segment.variants.texts[place] for place in rows.of(row)]
        shares[row] = segment.held.share(asked, all_said(left, script))
    return shares


def _meant(  # noqa: PLR0917 - what has been found so far
    segment: Segment,
    vector: Floats,
    space: Space,
    scripts: NDArray[np.int64],
    rows: _Rows,
    meaning: Floats,
    whole: NDArray[np.bool_],
) -> list[NDArray[np.floating]]:
    """The columns that need the query's vector."""
    best = rows.most(meaning)
    answered = best
    if segment.answers is not None:
        products = segment.answers.products(vector, scripts)
        answered = space.cosines(vector, products, segment.answer_lengths[scripts])
    whole_best = rows.most(np.where(whole, meaning, _NOTHING))
    return [whole_best, best, rows.mean_of_best(meaning), answered, np.zeros(len(scripts))]


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


@dataclass(frozen=True, slots=True)
class _Rows:
    """The variants of some scripts one after the other: places [all of them], and how many each script has, [n].

    starts: where each script's begin among them. shortened: scripts of which a question is left out.
    """

    places: NDArray[np.int64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    shortened: Sequence[int] = ()

    def of(self, row: int) -> NDArray[np.int64]:
        """The variants of one script."""
        return self.places[self.starts[row] : self.starts[row] + self.sizes[row]]

    def whole(self, variants: Variants) -> NDArray[np.bool_]:
        """Which are whole questions; where a script has none left, all of its."""
        whole = variants.whole[self.places]
        if self.shortened:
            whole |= ~np.logical_or.reduceat(whole, self.starts).repeat(self.sizes)
        return whole

    def most(self, values: Floats) -> Floats:
        """The greatest value of each script, [n]."""
        return np.asarray(np.maximum.reduceat(values, self.starts))

    def best(self, values: Floats) -> NDArray[np.int64]:
        """Where, among all of them, the first of the greatest values of each script stands, [n]."""
        hits = np.flatnonzero(values == self.most(values).repeat(self.sizes))
        return np.asarray(hits[hits.searchsorted(self.starts)])

    def mean_of_best(self, values: Floats) -> Floats:
        """Of the `_SUPPORT` greatest values of each script, or of all where it has fewer, [n]."""
        laid = np.full((len(self.sizes), max(int(self.sizes.max()), _SUPPORT)), -np.inf, np.float32)
        laid[np.arange(laid.shape[1]) < self.sizes[:, None]] = values
        laid.sort(axis=1)
        ordered = laid[:, : -_SUPPORT - 1 : -1]
        there = ordered > _NOTHING
        return np.asarray(np.where(there, ordered, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _laid_out(variants: Variants, scripts: NDArray[np.int64], without: int) -> _Rows:
    """The variants of these scripts; every script has at least one left."""
    first = variants.first[scripts].astype(np.int64)
    sizes = variants.first[scripts + 1] - first
    starts = sizes.cumsum() - sizes
    places = (first - starts).repeat(sizes)
    places += np.arange(len(places))
    if without < 0:
        return _Rows(places, sizes, starts)
    kept = variants.question[places] != without
    left = np.add.reduceat(kept, starts, dtype=np.int64)
    return _Rows(places[kept], left, left.cumsum() - left, np.flatnonzero(left < sizes).tolist())


def _margin(scores: Floats) -> Floats:
    """Each score less the best of the others; less zero where there is no other."""
    if len(scores) == 1:
        return scores.copy()
    second, best = np.partition(scores, -2)[-2:]
    others = np.full_like(scores, best)
    others[np.argmax(scores)] = second
    return np.asarray(scores - others, dtype=np.float32)
