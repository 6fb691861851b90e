"""How does a transcript look? Bubbles: who said what when, what was taken back, what did not arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archive import Entry, Voice
from bot.console.catalogue import TEXTS, text, text_or
from bot.console.names import Names
from bot.console.why import Why, why
from bot.shown_media import kinds_of
from bot.store.turns import SENT
from bot.thread_reasons import TurnReason
from handoff import Note, Rating, TicketEvent


@dataclass(frozen=True, slots=True)
class FileView:
    """A picture, voice, video or file that can be shown. name: what stands for it where it cannot."""

    kind: str
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One utterance.

    key: stays the same over reloads. voice: customer | bot | agent | servicer | system | note | whisper.
    text: "" where there is only media. media: "[图片]" or "". state: "" for what was said, else pending | inline |
    dead | uncertain | dropped, with state_text and, for the first two of the last three, advice. anchor: by which it is
    linked to on the page, "" where it cannot be. files: what `media` stands for. why: where the bot decided it.
    first_unread: what follows was not seen yet.
    """

    key: str
    voice: str
    name: str
    text: str
    media: str
    clock: str
    moment: str
    recalled: bool = False
    state: str = ""
    state_text: str = ""
    advice: str = ""
    anchor: str = ""
    files: tuple[FileView, ...] = ()
    why: Why | None = None
    first_unread: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What belongs between and to the utterances of a thread.

    files_of: the ticket's path under which files are served, "" where they are not. read: the entry that was seen last,
    0 where nothing was. rating: the customer's, of the ticket, None where she was not asked.
    """

    files_of: str = ""
    notes: Sequence[Note] = ()
    events: Sequence[TicketEvent] = ()
    reasons: Mapping[str, TurnReason] = field(default_factory=dict)
    rating: Rating | None = None
    read: int = 0


_NOTHING_AROUND = Around()


def said(entries: Iterable[Entry], names: Names, customer: str, around: Around = _NOTHING_AROUND) -> tuple[Bubble, ...]:
    """The transcript in its order, with notes and what happened to the ticket at their time."""
    shown, news = [], around.read > 0
    for entry in entries:
        if entry.text or _media(entry):
            first = news and entry.voice is Voice.CUSTOMER and (entry.id or 0) > around.read
            news = news and not first
            shown.append((entry.at, _spoken(entry, names, customer, around, first_unread=first)))
    shown.extend((note.at, _noted(note, names)) for note in around.notes)
    shown.extend((each.at, _happened(each, names)) for each in around.events if each.kind in TEXTS["thread_events"])
    if (rated := around.rating) is not None and rated.rated_at is not None:
        shown.append((rated.rated_at, _rated(rated, rated.rated_at, names)))
    return tuple(bubble for _, bubble in sorted(shown, key=lambda each: each[0]))


def _spoken(entry: Entry, names: Names, customer: str, around: Around, *, first_unread: bool) -> Bubble:
    reason = around.reasons.get(entry.source_id) if entry.source == SENT else None
    return Bubble(
        key=f"{entry.source}-{entry.source_id}",
        voice=entry.voice.value,
        name=_speaker(entry, names, customer),
        text="" if entry.kind == "media" else entry.text,
        media=_media(entry),
        clock=names.clock(entry.at),
        moment=names.moment(entry.at),
        recalled=entry.recalled,
        anchor=anchor(entry.id) if entry.id is not None else "",
        files=_files(entry, around),
        why=why(reason, names) if reason is not None else None,
        first_unread=first_unread,
    )


def _noted(note: Note, names: Names) -> Bubble:
    """A note for colleagues; one that was whispered says to whom."""
    by, to = names.agent(note.by), note.whispered_to
    return Bubble(
        key=f"note-{note.id}",
        voice="whisper" if to else "note",
        name=text("whispers.by", by=by, to=names.agent(to)) if to else by,
        text=note.text,
        media="",
        clock=names.clock(note.at),
        moment=names.moment(note.at),
    )


def _rated(rating: Rating, at: datetime, names: Names) -> Bubble:
    words = text("rating.given", score=names.score(rating))
    return _system(f"rated-{rating.ticket_id}", words, at, names)


def _happened(event: TicketEvent, names: Names) -> Bubble:
    return _system(f"event-{event.id}", event_words("thread_events", event, names), event.at, names)


def _system(key: str, words: str, at: datetime, names: Names) -> Bubble:
    clock, moment = names.clock(at), names.moment(at)
    return Bubble(key=key, voice="system", name="", text=words, media="", clock=clock, moment=moment)


def event_words(section: str, event: TicketEvent, names: Names) -> str:
    """What happened, as a section of the catalogue says it: of its kind and cause together, or of its kind."""
    detail, known = event.detail, TEXTS[section]
    kind = f"{event.kind}_{event.cause}" if f"{event.kind}_{event.cause}" in known else event.kind
    return text(
        f"{section}.{kind if kind in known else 'other'}",
        by=names.agent(event.by),
        agent=names.agent(str(detail.get("agent") or "")),
        team=names.team(str(detail.get("team") or "")),
        kind=kind,
    )


def _files(entry: Entry, around: Around) -> tuple[FileView, ...]:
    if not around.files_of or entry.id is None or entry.recalled:
        return ()
    return tuple(
        FileView(kind, f"{around.files_of}/media/{entry.id}/{place}", text_or("media", kind, text("media.file")))
        for place, kind in enumerate(kinds_of(entry))
    )


def anchor(entry_id: int) -> str:
    """Where a message stands on the page."""
    return f"m{entry_id}"


def unsaid(unsent: Iterable[Mapping[str, str]], names: Names) -> tuple[Bubble, ...]:
    """What we wanted to say and could not, or have not yet said."""
    return tuple(
        Bubble(
            key=f"unsent-{number}-{each['state']}",
            voice="bot" if each["speaker"] == "bot" else "agent",
            name="",
            text=each["text"],
            media="" if each["text"] else text_or("media", each.get("media", ""), text("media.media")),
            clock="",
            moment=names.moment(names.now),
            state=each["state"],
            state_text=text(f"unsent.{each['state']}"),
            advice=each["advice"] or text_or("unsent", f"{each['state']}_advice", ""),
        )
        for number, each in enumerate(unsent)
    )


def _speaker(entry: Entry, names: Names, customer: str) -> str:
    if entry.voice is Voice.CUSTOMER:
        return customer
    if entry.who and entry.voice in {Voice.AGENT, Voice.SERVICER}:
        return names.agent(entry.who)
    return text(f"voices.{entry.voice.value}")


def _media(entry: Entry) -> str:
    """What stands for a part that is no text. Our own pictures and files say in their content what they are."""
    if entry.kind in {"text", "menu"} and entry.text:
        return ""
    content = entry.body.get("content")
    kind = content.get("media", entry.kind) if isinstance(content, Mapping) else entry.kind
    return text_or("media", str(kind), text("media.other"))
