"""How do tests write a session down? One word a speaker, minutes from the first line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive.analysis.analyzers.questions import asks
from archive.analysis.lines import Line
from archive.entry import Voice

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # ten in the morning in the shop
VOICES = {"c": Voice.CUSTOMER, "b": Voice.BOT, "a": Voice.AGENT, "s": Voice.SERVICER, "x": Voice.SYSTEM}


def at(minute: float) -> datetime:
    """So many minutes after the first line."""
    return START + timedelta(minutes=minute)


def lines(*said: tuple[str, float, str]) -> tuple[Line, ...]:
    """(speaker, minute, text) of each line."""
    return tuple(
        Line(
            entry_id=id_,
            voice=VOICES[voice],
            who="chenjing" if voice == "a" else "",
            at=at(minute),
            text=text,
            question=voice == "c" and asks(text),
        )
        for id_, (voice, minute, text) in enumerate(said, start=1)
    )
