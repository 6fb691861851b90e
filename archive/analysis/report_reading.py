"""What was said in a window and in the one before, read session by session, and what does it add up to?"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Table, func, select, true

from archive.analysis.finding_store import DISMISSED, KeptFinding
from archive.analysis.ground import AnalysisGround
from archive.analysis.judge_step import MOST_LINES
from archive.analysis.lines import Line, Wait, agents_of, waits
from archive.analysis.report_sums import SessionSums, UtteranceSums, WordSums, times_of
from archive.analysis.report_values import ArchiveReport, Quote, RuleFound, TopicShown, Totals
from archive.analysis.rules import Severity
from archive.analysis.sampling import sample
from archive.analysis.tables import AnalysisTables
from archive.entry import Entry, Voice
from archive.words import Encode, Question, Topic, bursts, keyness, new_words, topics, write_next

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

PAGE = 300  # sessions in memory at once
MOST_QUESTIONS = 6_000  # that topics are made of, the newest of the window; more only makes the same topics larger
MOST_TEXTS = 20_000  # that new words are looked for in
WORDS, TOPICS, QUOTES, UNWRITTEN = 40, 12, 3, 8
QUOTE_CHARS = 120
Which = Callable[["Table"], "ColumnElement[bool]"]
ORDER = [Severity.CRITICAL.value, Severity.MAJOR.value, Severity.MINOR.value]


def all_sessions(_: Table) -> ColumnElement[bool]:
    """Whatever was said."""
    return true()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a report needs of the rest of the product.

    mask: a text without what tells who she is. have_scripts: which of these texts an approved script answers.
    dictionary: the shop's words. tags: how many customers have each. zone: the shop's. encode: for topics, None: by
    their words alone. each: how many sessions of an agent and week are drawn for review.
    """

    mask: Callable[[str], str]
    have_scripts: Callable[[Sequence[str]], Sequence[bool]]
    dictionary: Sequence[str]
    tags: Sequence[tuple[str, int]]
    zone: tzinfo
    encode: Encode | None = None
    each: int = 3


@dataclass(slots=True)
class _Sums:
    sessions: SessionSums
    utterances: UtteranceSums
    words: WordSums = field(default_factory=WordSums)
    questions: list[Question] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    quotes: dict[int, Quote] = field(default_factory=dict)
    drawn: list[tuple[int, str, datetime]] = field(default_factory=list)


async def read_report(
    ground: AnalysisGround,
    tables: AnalysisTables,
    since: datetime,
    until: datetime,
    shown: Shown,
    *,
    which: Which = all_sessions,
) -> ArchiveReport:
    """The report on sessions that began in [since, until). which: only those."""
    sums, before = _sums(shown), _sums(shown)
    async with ground.readers.connect() as connection:
        found = [
            each for each in await ground.findings.find(connection, since=since, until=until) if each.state != DISMISSED
        ]
        found = await _found_in(connection, tables, found, which)
        anchors = {each.entry_ids[0] for each in found}
        async for rows in _pages(connection, tables, since, until, which):
            await _add(ground, connection, rows, sums, shown, quoted=anchors)
        async for rows in _pages(connection, tables, since - (until - since), since, which):
            await _add(ground, connection, rows, before, shown, quoted=set())
        waiting = await _waiting(ground, connection, since, until)
        failed = await ground.results.failures(connection)
        rules = await _rules(ground, connection, found, sums.quotes, shown)
    # what is reckoned of all of it takes seconds: whoever serves people meanwhile must not wait for it
    return await asyncio.to_thread(
        _report, (since, until), sums, before, shown, found, rules=rules, waiting=waiting, failed=failed
    )


async def _found_in(
    connection: AsyncConnection, tables: AnalysisTables, found: Sequence[KeptFinding], which: Which
) -> list[KeptFinding]:
    """The findings of these sessions."""
    s = tables.sessions
    if which is all_sessions:
        return list(found)
    ids = {each.session_id for each in found}
    theirs = set(await connection.scalars(select(s.c.id).where(s.c.id.in_(sorted(ids)), which(s))))
    return [each for each in found if each.session_id in theirs]


def _sums(shown: Shown) -> _Sums:
    return _Sums(SessionSums(shown.zone), UtteranceSums(shown.zone))


async def _pages(
    connection: AsyncConnection, tables: AnalysisTables, since: datetime, until: datetime, which: Which
) -> AsyncIterator[Sequence[Row[Any]]]:
    s, last = tables.sessions, 0
    while True:
        query = select(s).where(s.c.started_at >= since, s.c.started_at < until, s.c.id > last, which(s))
        rows = (await connection.execute(query.order_by(s.c.id).limit(PAGE))).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


async def _add(
    ground: AnalysisGround,
    connection: AsyncConnection,
    rows: Sequence[Row[Any]],
    sums: _Sums,
    shown: Shown,
    *,
    quoted: set[int],
) -> None:
    """Add a page of sessions with what was said in them."""
    ids = await ground.sessions.line_ids(connection, [row.id for row in rows], MOST_LINES)
    said: dict[int, list[Entry]] = defaultdict(list)
    for entry in await ground.archive.entries(connection, ids):
        if entry.session_id is not None and not entry.recalled:
            said[entry.session_id].append(entry)
    results = await ground.results.of(connection, ids, ("question", "sentiment", "keywords"))
    for row in rows:
        sums.sessions.add(row)
        entries = sorted(said[row.id], key=lambda each: (each.at, each.id or 0))
        lines = [_line(each, results) for each in entries]
        sums.drawn += [(row.id, agent, row.started_at) for agent in agents_of(lines) or ("",)]
        for entry, line in zip(entries, lines, strict=True):
            sums.utterances.add(entry.voice.value, entry.at, line.mood, timed=bool(row.timed))
            if line.entry_id in quoted:
                sums.quotes[line.entry_id] = _quote(entry, shown)
            words = results.get((line.entry_id, "keywords"))
            day = entry.at.astimezone(shown.zone).date()
            if words is not None:
                sums.words.add(_words_of(words.detail), day, row.id, line.mood)
            if entry.voice is Voice.CUSTOMER and len(sums.texts) < MOST_TEXTS:
                sums.texts.append(line.text)
        sums.questions += [each for wait in waits(lines) for each in _questions(wait, row)]
    if len(sums.questions) > 2 * MOST_QUESTIONS:
        sums.questions = _newest(sums.questions)


def _line(entry: Entry, results: Mapping[tuple[int, str], Any]) -> Line:
    id_ = entry.id or 0
    mood = results.get((id_, "sentiment"))
    return Line(
        id_, entry.voice, entry.who, entry.at, entry.text, (id_, "question") in results, mood.score if mood else None
    )


def _questions(wait: Wait, row: Row[Any]) -> list[Question]:
    answered = wait.reply is not None
    seconds = (wait.reply.at - wait.began).total_seconds() if wait.reply is not None and row.timed else None
    return [
        Question(
            id=line.entry_id,
            text=line.text,
            at=line.at,
            mood=line.mood,
            answered=answered,
            wait_s=seconds,
            customer=f"{row.account}/{row.customer or row.room}",
        )
        for line in wait.asked
        if line.question
    ]


def _newest(questions: Sequence[Question]) -> list[Question]:
    return sorted(questions, key=lambda each: (each.at, each.id))[-MOST_QUESTIONS:]


def _words_of(detail: Mapping[str, object]) -> list[str]:
    listed = detail.get("keywords")
    return [str(each[0]) for each in listed] if isinstance(listed, list) else []


def _quote(entry: Entry, shown: Shown) -> Quote:
    return Quote(entry.id or 0, entry.session_id or 0, entry.voice.value, entry.at, _shortened(entry.text, shown))


def _shortened(text: str, shown: Shown) -> str:
    """Masked before it is cut: half a telephone number would not be found."""
    masked = " ".join(shown.mask(text[: 10 * QUOTE_CHARS]).split())
    return masked if len(masked) <= QUOTE_CHARS else f"{masked[:QUOTE_CHARS]}…"


async def _waiting(ground: AnalysisGround, connection: AsyncConnection, since: datetime, until: datetime) -> int:
    e = ground.entries
    query = select(func.count()).where(e.c.fresh == 1, e.c.at >= since, e.c.at < until)
    return await connection.scalar(query) or 0


async def _rules(
    ground: AnalysisGround,
    connection: AsyncConnection,
    found: Sequence[KeptFinding],
    quotes: dict[int, Quote],
    shown: Shown,
) -> list[RuleFound]:
    by_rule: dict[str, list[KeptFinding]] = defaultdict(list)
    for each in found:
        by_rule[each.rule].append(each)
    shown_ids = {id_ for each in by_rule.values() for one in each[:QUOTES] for id_ in one.entry_ids[:QUOTES]}
    for entry in await ground.archive.entries(connection, sorted(shown_ids - quotes.keys())):
        if entry.id is not None:
            quotes[entry.id] = _quote(entry, shown)
    made = [
        RuleFound(
            rule,
            each[0].severity,
            len(each),
            len({one.session_id for one in each}),
            dict(Counter(one.agent for one in each if one.agent)),
            tuple(tuple(quotes[id_] for id_ in one.entry_ids[:QUOTES] if id_ in quotes) for one in each[:QUOTES]),
        )
        for rule, each in by_rule.items()
    ]
    return sorted(made, key=lambda each: (ORDER.index(each.severity), -each.count, each.rule))


def _report(
    window: tuple[datetime, datetime],
    sums: _Sums,
    before: _Sums,
    shown: Shown,
    found: Sequence[KeptFinding],
    *,
    rules: Sequence[RuleFound],
    waiting: int,
    failed: Mapping[tuple[str, str], int],
) -> ArchiveReport:
    since, until = window
    sessions, utterances, words = sums.sessions, sums.utterances, sums.words
    questions = _with_scripts([*_newest(before.questions), *_newest(sums.questions)], shown)
    grouped = topics(
        list(questions.values()), shown.encode, since=since, until=until, dictionary=shown.dictionary, most=3 * TOPICS
    )
    quoted = Counter(each.agent for each in found if each.agent)
    volume = dict(utterances.per_day)
    return ArchiveReport(
        since=since,
        until=until,
        totals=Totals(
            sessions.sessions,
            len(sessions.people),
            sum(utterances.voices.values()),
            dict(utterances.voices),
            sessions.untimed,
            waiting,
        ),
        comparable=before.sessions.sessions > 0,
        days=utterances.days(sessions.per_day),
        hours=utterances.hours,
        moods=utterances.moods(sessions.trends),
        signals={name: sessions.signals[name] for name in ("urgency", "complaint", "churn", "purchase")},
        first_response=times_of(sessions.first),
        person_response=times_of(sessions.person),
        slowest_response=times_of(sessions.slowest),
        unanswered=sessions.unanswered,
        satisfaction=sessions.satisfaction.value,
        topics=[_topic(each, questions, shown) for each in grouped[:TOPICS]],
        unwritten=[_topic(each.topic, questions, shown) for each in write_next(grouped, most=UNWRITTEN)],
        words=words.most(WORDS),
        bursts=bursts(words.daily, volume)[:WORDS] if _is_comparable(volume) else [],
        rising=keyness(words.counts, before.words.counts)[:WORDS],
        new_words=new_words(sums.texts, known=frozenset(shown.dictionary), most=WORDS),
        tags=shown.tags,
        findings=rules,
        agents=sessions.agents(quoted),
        sampled=sample(sums.drawn, each=shown.each, zone=shown.zone),
        failed=failed,
    )


def _with_scripts(questions: Sequence[Question], shown: Shown) -> dict[int, Question]:
    """By id. Each wording is looked up once."""
    texts = sorted({each.text for each in questions})
    have = dict(zip(texts, shown.have_scripts(texts), strict=True))
    return {each.id: replace(each, has_script=have[each.text]) for each in questions}


def _is_comparable(volume: Mapping[date, int]) -> bool:
    """One day alone bursts beside nothing."""
    return len(volume) > 1


def _topic(topic: Topic, questions: Mapping[int, Question], shown: Shown) -> TopicShown:
    asked = [questions[id_] for id_ in topic.questions if id_ in questions]
    central = [questions[id_] for id_ in topic.representatives if id_ in questions]
    worst = sorted((each for each in asked if (each.mood or 0.0) < 0), key=lambda each: (each.mood, each.id))
    return TopicShown(
        topic,
        tuple(_question_quote(each, shown) for each in central),
        tuple(_question_quote(each, shown) for each in worst[:QUOTES]),
        round(sum(max(-(each.mood or 0.0), 0.0) for each in asked), 2),
    )


def _question_quote(question: Question, shown: Shown) -> Quote:
    return Quote(question.id, 0, Voice.CUSTOMER.value, question.at, _shortened(question.text, shown))
