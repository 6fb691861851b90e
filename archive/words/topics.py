"""What do customers ask about: which topics, growing how fast, in what mood, and how well served?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

import numpy as np

from archive.words.alike import Encode, Likeness, groups, likeness
from archive.words.asked import Asked, asked
from archive.words.continuity import Known, carried_on
from archive.words.goods import Goods
from archive.words.keywords import Keywords
from archive.words.naming import Phrases, counted, name_of, spelled
from archive.words.questions import Question, Topic

REPRESENTATIVES = 3


@dataclass(frozen=True, slots=True)
class Span:
    """The window [since, until] and the one before it, equally long."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it is in the window or the one before."""
        return self.since - (self.until - self.since) <= at <= self.until


def topics(
    questions: Sequence[Question],
    encode: Encode | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    dictionary: Sequence[str] = (),
    previous: Sequence[Known] = (),
    customers: int = 3,
    most: int = 30,
) -> list[Topic]:
    """Group the questions, the most asked topic first; the same topics for the same questions in any order.

    Args:
        questions: all messages of customers; greetings, thanks and cards are left out here.
        encode: texts to rows, [n, dim] float32; called once, with the distinct questions. None: by words alone.
        since: where the window begins; the middle of the questions' time by default.
        until: where it ends; the last question by default.
        dictionary: the shop's goods, series and services.
        previous: the topics of the run before, for ids and names to stay.
        customers: topics that fewer different customers asked about are left out.
        most: how many topics are wanted.
    """
    span = _span(questions, since, until)
    goods = Goods(dictionary)
    told = [
        (each, said)
        for each in sorted(questions, key=lambda one: (one.at, one.id))
        if span is not None and span.holds(each.at) and (said := asked(each.text, goods)) is not None
    ]
    if span is None or not told:
        return []
    found = _grouped(told, encode, Keywords(dictionary), span, customers)
    found.sort(key=lambda topic: (-topic.asked, -topic.customers, topic.questions))
    return carried_on(found[:most], previous)


def _span(questions: Sequence[Question], since: datetime | None, until: datetime | None) -> Span | None:
    if not questions:
        return None
    last = until or max(each.at for each in questions)
    first = min(each.at for each in questions)
    return Span(since or first + (last - first) / 2, last)


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The distinct questions: who asked each, how alike they are, their phrases."""

    asking: Sequence[Sequence[Question]]
    alike: Likeness
    phrases: Phrases

    def asked_by(self, members: Sequence[int]) -> list[Question]:
        """Everybody's questions of the group."""
        return [question for row in members for question in self.asking[row]]


def _grouped(
    told: Sequence[tuple[Question, Asked]], encode: Encode | None, keywords: Keywords, span: Span, customers: int
) -> list[Topic]:
    asking: dict[str, list[Question]] = {}
    said: dict[str, Asked] = {}
    for question, each in told:
        asking.setdefault(each.text, []).append(question)
        said[each.text] = each
    corpus = _Corpus(
        asking=list(asking.values()),
        alike=likeness(list(said.values()), encode),
        phrases=counted([frozenset(keywords.phrases(text)) for text in asking]),
    )
    made = (_topic(members, corpus, span) for members in _by_subject(groups(corpus.alike), corpus))
    return [topic for topic in made if topic is not None and topic.customers >= customers]


def _by_subject(found: Sequence[Sequence[int]], corpus: _Corpus) -> list[list[int]]:
    """The groups that have a subject; those with the same one together."""
    subjects: dict[str, list[int]] = {}
    for members in found:
        named = name_of(members, corpus.phrases)
        if named:
            subjects.setdefault(named[0], []).extend(members)
    return [sorted(members) for members in subjects.values()]


def _topic(members: Sequence[int], corpus: _Corpus, span: Span) -> Topic | None:
    """None where the group has no subject, or nobody asked in the window."""
    every = corpus.asked_by(members)
    now = [question for question in every if question.at >= span.since]
    named = name_of(members, corpus.phrases)
    if not named or not now:
        return None
    times = np.array([len(corpus.asking[row]) for row in members], np.float64)
    central = corpus.alike.between(members, members) @ times / times.sum()
    moods = [question.mood for question in now if question.mood is not None]
    waits = [question.wait_s for question in now if question.wait_s is not None]
    before = len(every) - len(now)
    return Topic(
        id="",
        name=spelled(named),
        phrases=named,
        questions=tuple(sorted(question.id for question in every)),
        representatives=_representatives(members, central.tolist(), corpus),
        asked=len(now),
        before=before,
        growth=round((len(now) + 1) / (before + 1), 3),
        customers=len({question.customer or str(question.id) for question in every}),
        mood=round(fmean(moods), 3) if moods else None,
        without_script=round(sum(not question.has_script for question in now) / len(now), 3),
        unanswered=round(sum(not question.answered for question in now) / len(now), 3),
        wait_s=round(median(waits), 1) if waits else None,
        closeness=round(float(central.mean()), 3),
    )


def _representatives(members: Sequence[int], central: Sequence[float], corpus: _Corpus) -> tuple[int, ...]:
    """The most central ones, to two digits; among equals the shortest message, which says it with the least around."""
    shortest = [min(corpus.asking[row], key=lambda one: (len(one.text), one.id)) for row in members]
    ranked = sorted(
        zip(central, shortest, strict=True), key=lambda pair: (-round(pair[0], 2), len(pair[1].text), pair[1].id)
    )
    return tuple(question.id for _, question in ranked[:REPRESENTATIVES])
