"""How do sessions add up to a report's figures, one after the other and without being kept?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from statistics import median
from typing import Any

from sqlalchemy import Row

from archive.analysis.analyzers.sentiment import label
from archive.analysis.report_values import BUCKETS, AgentShown, Day, Moods, Times, WordCount

FELT = 0.5  # from which a signal is clearly felt
CHANGED = 0.2  # of [-1, 1]: what moves less than this ended as it began


@dataclass(slots=True)
class Mean:
    """A mean that grows."""

    total: float = 0.0
    n: int = 0

    def add(self, value: float | None) -> None:
        """One more; None counts for nothing."""
        if value is not None:
            self.total += value
            self.n += 1

    @property
    def value(self) -> float | None:
        """The mean, None of nothing."""
        return self.total / self.n if self.n else None


@dataclass(slots=True)
class SessionSums:
    """Sums over the rows of sessions."""

    zone: tzinfo
    sessions: int = 0
    untimed: int = 0
    unanswered: int = 0
    people: set[tuple[str, str]] = field(default_factory=set)
    first: list[float] = field(default_factory=list)
    person: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    signals: Counter[str] = field(default_factory=Counter)
    trends: Counter[str] = field(default_factory=Counter)
    satisfaction: Mean = field(default_factory=Mean)
    per_day: Counter[date] = field(default_factory=Counter)
    of_agent: dict[str, list[Row[Any]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Row[Any]) -> None:
        """One session of archive_sessions."""
        self.sessions += 1
        self.untimed += not row.timed
        self.unanswered += row.unanswered
        self.people.add((row.account, row.customer or row.room))
        for times, value in (
            (self.first, row.first_response_s),
            (self.person, row.person_response_s),
            (self.slowest, row.slowest_response_s),
        ):
            if value is not None:
                times.append(value)
        self.signals.update(name for name in SIGNALS if (getattr(row, name) or 0.0) >= FELT)
        if row.mood_trend is not None:
            self.trends[
                "worse" if row.mood_trend < -CHANGED else "better" if row.mood_trend > CHANGED else "alike"
            ] += 1
        self.satisfaction.add(row.satisfaction)
        self.per_day[row.started_at.astimezone(self.zone).date()] += 1
        if row.agent:
            self.of_agent[row.agent].append(row)

    def agents(self, findings: Counter[str]) -> list[AgentShown]:
        """What each person did, who served most first."""
        shown = [
            AgentShown(
                agent,
                len(rows),
                _median(row.first_response_s for row in rows),
                _mean(row.mood_last for row in rows),
                _mean(row.satisfaction for row in rows),
                findings[agent],
            )
            for agent, rows in self.of_agent.items()
        ]
        return sorted(shown, key=lambda each: (-each.sessions, each.agent))


SIGNALS = ("urgency", "complaint", "churn", "purchase")


@dataclass(slots=True)
class WordSums:
    """Sums over keywords, by day too."""

    counts: Counter[str] = field(default_factory=Counter)
    moods: dict[str, Mean] = field(default_factory=lambda: defaultdict(Mean))
    sessions: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    daily: dict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, words: Iterable[str], day: date, session_id: int, mood: float | None) -> None:
        """The keywords of one utterance."""
        for word in set(words):
            self.counts[word] += 1
            self.daily[word][day] += 1
            self.sessions[word].add(session_id)
            self.moods[word].add(mood)

    def most(self, n: int) -> list[WordCount]:
        """The words that most sessions spoke of."""
        ranked = sorted(self.counts, key=lambda word: (-len(self.sessions[word]), -self.counts[word], word))
        return [
            WordCount(word, self.counts[word], len(self.sessions[word]), self.moods[word].value) for word in ranked[:n]
        ]


@dataclass(slots=True)
class UtteranceSums:
    """Sums over utterances."""

    zone: tzinfo
    voices: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    mood: Mean = field(default_factory=Mean)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    per_day: Counter[date] = field(default_factory=Counter)
    mood_of_day: dict[date, Mean] = field(default_factory=lambda: defaultdict(Mean))

    def add(self, voice: str, at: datetime, mood: float | None, *, timed: bool) -> None:
        """One utterance."""
        local = at.astimezone(self.zone)
        self.voices[voice] += 1
        self.per_day[local.date()] += 1
        if timed and voice == "customer":
            self.hours[local.hour] += 1
        if mood is not None:
            self.labels[label(mood)] += 1
            self.mood.add(mood)
            self.mood_of_day[local.date()].add(mood)

    def days(self, sessions: Counter[date]) -> list[Day]:
        """Each day on which something was said."""
        every = sorted({*self.per_day, *sessions})
        return [Day(day, sessions[day], self.per_day[day], self.mood_of_day[day].value) for day in every]

    def moods(self, trends: Counter[str]) -> Moods:
        """How customers felt."""
        return Moods(dict(self.labels), trends["better"], trends["alike"], trends["worse"], self.mood.value)


def times_of(seconds: Sequence[float]) -> Times:
    """How long something took."""
    ordered = sorted(seconds)
    buckets = [0] * (len(BUCKETS) + 1)
    for each in ordered:
        buckets[next((place for place, most in enumerate(BUCKETS) if each <= most), len(BUCKETS))] += 1
    p90 = ordered[min(int(0.9 * len(ordered)), len(ordered) - 1)] if ordered else None
    return Times(len(ordered), median(ordered) if ordered else None, p90, tuple(buckets))


def _median(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return median(known) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    mean = Mean()
    for each in values:
        mean.add(each)
    return mean.value
