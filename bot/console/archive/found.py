"""How is a session that was found shown in the list: who, when, how it felt, and the words that show it?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from archive import Entry
from archive.playback import Found, Session
from bot.console.catalogue import text, text_or
from bot.console.names import Names

EXCERPT: Final = 90  # characters shown of an utterance
_BEFORE: Final = 24  # of them before the word that was looked for
_BAD, _GOOD = -0.3, 0.3  # as the analysis calls moods negative and positive


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some of what was said. pieces: (text, whether it was looked for)."""

    speaker: str
    voice: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One line of the list. mood: a class name; lasted: in words."""

    id: int
    customer: str
    account: str
    agent: str
    began: str
    lasted: str
    messages: int
    mood: str
    mood_text: str
    unanswered: bool
    rules: tuple[tuple[str, str], ...]
    excerpts: tuple[Excerpt, ...]


def row_of(found: Found, wanted: str, names: Names) -> FoundRow:
    """The line. wanted: the words that were looked for."""
    session = found.session
    return FoundRow(
        id=session.id,
        customer=names.customer(session.account, session.customer or session.room),
        account=session.account,
        agent=names.agent(session.agent) if session.agent else text("archive_words.bot_alone"),
        began=names.moment(session.started_at),
        lasted=lasted(session),
        messages=session.messages,
        mood=mood_class(session.mood_last),
        mood_text=mood_text(session.mood_last),
        unanswered=session.unanswered,
        rules=found.rules,
        excerpts=tuple(_excerpt(each, wanted, names) for each in found.said),
    )


def speaker_of(entry: Entry, names: Names) -> str:
    """Who said it, in words."""
    if entry.who and entry.voice.value in {"agent", "servicer"}:
        return names.agent(entry.who)
    return text_or("voices", entry.voice.value)


def lasted(session: Session) -> str:
    """How long it took."""
    if not session.timed:
        return text("archive_words.untimed")
    return span_text((session.ended_at - session.started_at).total_seconds())


def span_text(seconds: float | None) -> str:
    """A duration as people say it."""
    if seconds is None:
        return text("archive_words.unknown")
    whole = timedelta(seconds=round(seconds))
    minutes, rest = divmod(whole.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if whole.days or hours:
        return text("archive_words.hours", hours=24 * whole.days + hours, minutes=minutes)
    return (
        text("archive_words.minutes", minutes=minutes, seconds=rest)
        if minutes
        else text("archive_words.seconds", seconds=rest)
    )


def mood_class(mood: float | None) -> str:
    """none, bad, even or good."""
    if mood is None:
        return "none"
    return "bad" if mood <= _BAD else "good" if mood >= _GOOD else "even"


def mood_text(mood: float | None) -> str:
    """不满 −0.62."""
    name = text(f"archive_moods.{mood_class(mood)}")
    return name if mood is None else f"{name} {mood:+z.2f}"


def _excerpt(entry: Entry, wanted: str, names: Names) -> Excerpt:
    words = " ".join(entry.text.split())
    pattern = _any_of(wanted.split())
    hit = pattern.search(words) if pattern else None
    start = max(0, hit.start() - _BEFORE) if hit and len(words) > EXCERPT else 0
    cut = words[start : start + EXCERPT]
    shown = f"{'…' if start else ''}{cut}{'…' if start + EXCERPT < len(words) else ''}"
    kind = "" if shown else text_or("media", entry.kind, text("archive_words.no_text"))
    return Excerpt(speaker_of(entry, names), entry.voice.value, tuple(_pieces(shown or kind, pattern)))


def _any_of(words: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None


def _pieces(shown: str, pattern: re.Pattern[str] | None) -> list[tuple[str, bool]]:
    if pattern is None:
        return [(shown, False)]
    pieces, last = list[tuple[str, bool]](), 0
    for hit in pattern.finditer(shown):
        pieces += [(shown[last : hit.start()], False), (hit[0], True)]
        last = hit.end()
    return [each for each in [*pieces, (shown[last:], False)] if each[0]]
