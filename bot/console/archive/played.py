"""How is what was played back shown: lines, findings, the curve of the mood, the facts?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.playback import Playback, Played, Session, marked
from bot.console.archive.found import lasted, mood_class, mood_text, span_text, speaker_of
from bot.console.catalogue import text, text_or
from bot.console.names import Names


@dataclass(frozen=True, slots=True)
class LineShown:
    """One utterance. number: from 1. findings: (id, rule, severity) of those it shows. mood: as the curve draws it."""

    number: int
    entry_id: int
    voice: str
    speaker: str
    clock: str
    moment: str
    words: str
    recalled: bool
    elsewhere: str
    mood: float | None
    mood_class: str
    mood_text: str
    question: bool
    findings: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A finding. value: what the rule measured, in words; at: the number of its first line, 0 where it is not shown."""

    id: int
    rule: str
    severity: str
    state: str
    state_text: str
    agent: str
    value: str
    at: int


def lines_of(played: Playback, names: Names) -> list[LineShown]:
    """The lines in order."""
    shown = marked(played.findings)
    return [
        _line(number, each, [(f.id, f.rule, f.severity) for f in shown.get(each.entry.id or 0, ())], names)
        for number, each in enumerate(played.lines, start=1)
    ]


def findings_of(played: Playback, names: Names) -> list[FindingShown]:
    """The findings in order, each with where it hangs."""
    places = {each.entry.id: number for number, each in enumerate(played.lines, start=1)}
    return [
        FindingShown(
            id=each.id,
            rule=each.rule,
            severity=each.severity,
            state=each.state,
            state_text=text(f"archive_states.{each.state}"),
            agent=names.agent(each.agent) if each.agent else "",
            value="" if each.value is None else _measured(each.value),
            at=next((places[id_] for id_ in each.entry_ids if id_ in places), 0),
        )
        for each in played.findings
    ]


def mood_curve(lines: Sequence[LineShown]) -> dict[str, object]:
    """What the picture draws: [number, mood] of each line with one, and what was said there."""
    told = [each for each in lines if each.mood is not None]
    return {
        "points": [[each.number, round(each.mood or 0.0, 3)] for each in told],
        "labels": [f"{each.clock} {each.words[:40]}" for each in told],
        "marks": [each.number for each in lines if each.findings],
        "last": len(lines),
        "name": text("archive_words.mood"),
        "good": text("archive_moods.good"),
        "bad": text("archive_moods.bad"),
    }


def facts_of(session: Session, names: Names) -> list[tuple[str, str]]:
    """(what, how much) of the session."""
    none = text("archive_words.unknown")
    rows = [
        ("agent", names.agent(session.agent) if session.agent else text("archive_words.bot_alone")),
        ("lasted", lasted(session)),
        (
            "messages",
            text(
                "archive_words.by_voice",
                all=session.messages,
                customer=session.customer_messages,
                bot=session.bot_messages,
                person=session.person_messages,
            ),
        ),
        ("first_response", span_text(session.first_response_s)),
        ("slowest_response", span_text(session.slowest_response_s)),
        ("person_response", span_text(session.person_response_s)),
        ("mood_first", mood_text(session.mood_first)),
        ("mood_last", mood_text(session.mood_last)),
        ("satisfaction", none if session.satisfaction is None else f"{session.satisfaction:.1f} / 5"),
        ("unanswered", text("archive_words.yes" if session.unanswered else "archive_words.no")),
        ("outcome", names.outcome(session.outcome) if session.outcome else none),
    ]
    return [(text(f"archive_facts.{name}"), value) for name, value in rows]


def _line(number: int, each: Played, findings: Sequence[tuple[int, str, str]], names: Names) -> LineShown:
    entry = each.entry
    return LineShown(
        number=number,
        entry_id=entry.id or 0,
        voice=entry.voice.value,
        speaker=speaker_of(entry, names),
        clock=names.clock(entry.at),
        moment=names.moment(entry.at),
        words=entry.text or text_or("media", entry.kind, text("archive_words.no_text")),
        recalled=entry.recalled,
        elsewhere=entry.account if each.elsewhere else "",
        mood=each.mood,
        mood_class=mood_class(each.mood),
        mood_text=mood_text(each.mood),
        question=each.question,
        findings=tuple(findings),
    )


def _measured(value: float) -> str:
    """A likeness is at most 1; everything else rules measure is seconds."""
    return f"{value:.0%}" if 0 <= value <= 1 else span_text(value)
