"""What does a report on a window say? Values alone; whoever shows them brings the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from archive.analysis.sampling import Sampled
from archive.words import Burst, Key, NewWord, Topic


@dataclass(frozen=True, slots=True)
class Totals:
    """How much was said. voices: utterances by voice. untimed: sessions whose source knew no times."""

    sessions: int
    customers: int
    messages: int
    voices: Mapping[str, int]
    untimed: int
    waiting: int  # entries of the window that are not analysed yet


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the shop's. mood: mean of what customers wrote, None where no mood was read."""

    day: date
    sessions: int
    messages: int
    mood: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took, in seconds. n: how often it is known; the others are None for none."""

    n: int
    median: float | None
    p90: float | None
    buckets: tuple[int, ...]  # how many took at most each of `BUCKETS`, and longer than all of them


BUCKETS = (30.0, 60.0, 180.0, 600.0, 3600.0)  # seconds; people tell a minute from three, not 61 s from 65


@dataclass(frozen=True, slots=True)
class Moods:
    """utterances by label; sessions that ended better, alike or worse than they began; the mean, None for none."""

    labels: Mapping[str, int]
    better: int
    alike: int
    worse: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class WordCount:
    """A keyword. count: in how many utterances; sessions: of how many; mood: their mean, None where none was read."""

    text: str
    count: int
    sessions: int
    mood: float | None


@dataclass(frozen=True, slots=True)
class Quote:
    """An utterance as it may be shown: masked, and cut."""

    entry_id: int
    session_id: int
    voice: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class TopicShown:
    """A topic with what customers wrote. worst: in the worst mood. pain: its questions, each by how bad its mood is."""

    topic: Topic
    quotes: tuple[Quote, ...]
    worst: tuple[Quote, ...]
    pain: float


@dataclass(frozen=True, slots=True)
class RuleFound:
    """What a rule found. quotes: of a few findings, the anchor's words first. agents: findings by userid."""

    rule: str
    severity: str
    count: int
    sessions: int
    agents: Mapping[str, int]
    quotes: tuple[tuple[Quote, ...], ...]


@dataclass(frozen=True, slots=True)
class AgentShown:
    """A person's work. mood_last: how customers felt at the end, mean; satisfaction: predicted, mean."""

    agent: str
    sessions: int
    first_response_s: float | None
    mood_last: float | None
    satisfaction: float | None
    findings: int


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """A report on what was said in [since, until).

    comparable: whether anything was said in the window before. signals: sessions in which each was clearly felt.
    """

    since: datetime
    until: datetime
    totals: Totals
    comparable: bool
    days: Sequence[Day]
    hours: Sequence[int]
    moods: Moods
    signals: Mapping[str, int]
    first_response: Times
    person_response: Times
    slowest_response: Times
    unanswered: int
    satisfaction: float | None
    topics: Sequence[TopicShown]
    unwritten: Sequence[TopicShown]
    words: Sequence[WordCount]
    bursts: Sequence[Burst[str]]
    rising: Sequence[Key]
    new_words: Sequence[NewWord]
    tags: Sequence[tuple[str, int]]
    findings: Sequence[RuleFound]
    agents: Sequence[AgentShown]
    sampled: Sequence[Sampled]
    failed: Mapping[tuple[str, str], int]
