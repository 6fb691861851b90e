"""How does a transcript look? Bubbles: who said what when, what was taken back, what did not arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive import Entry, Voice
from bot.console.catalogue import text, text_or
from bot.console.names import Names
from handoff import Note


@dataclass(frozen=True, slots=True)
class Bubble:
    """One utterance. key: stays the same over reloads. voice: customer | bot | agent | servicer | system | whisper.

    text: "" where there is only media. media: "[图片]" or "". state: "" for what was said, else pending | inline |
    dead | uncertain | dropped, with state_text and, for the first two of the last three, advice. anchor: by which it is
    linked to on the page, "" where it cannot be.
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


def said(entries: Iterable[Entry], names: Names, customer: str, whispers: Iterable[Note] = ()) -> tuple[Bubble, ...]:
    """The transcript in its order, and between it what supervisors whispered; what has nothing to show is left out."""
    shown = [(entry.at, _spoken(entry, names, customer)) for entry in entries if entry.text or _media(entry)]
    told = [(note.at, _whispered(note, names)) for note in whispers]
    return tuple(bubble for _, bubble in sorted([*shown, *told], key=lambda each: each[0]))


def _spoken(entry: Entry, names: Names, customer: str) -> Bubble:
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
    )


def _whispered(note: Note, names: Names) -> Bubble:
    return Bubble(
        key=f"whisper-{note.id}",
        voice="whisper",
        name=text("whispers.by", by=names.agent(note.by), to=names.agent(note.whispered_to)),
        text=note.text,
        media="",
        clock=names.clock(note.at),
        moment=names.moment(note.at),
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
            media="" if each["text"] else text("media.media"),
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
