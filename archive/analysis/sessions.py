"""Which of the things that were said belong together? One conversation, or what follows within the gap.

Pure, and the order of arrival does not matter: an entry that comes late and lies between two sessions makes them one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """With whom it was said: a customer, or a group ("" is then the customer)."""

    account: str
    customer: str
    room: str


def subject_of(account: str, customer: str, room: str) -> Subject:
    """In a group all that is said there belongs together, whoever said it."""
    return Subject(account, "", room) if room else Subject(account, customer, "")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a session of one subject lasts; id: None where it is new."""

    id: int | None
    conversation_id: int | None
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry that has no session yet."""

    entry_id: int
    conversation_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Grouping:
    """One session as it is now. span.id: None where it is to be made. absorbed: ids of sessions it takes in."""

    span: Span
    entry_ids: tuple[int, ...]
    absorbed: tuple[int, ...]


def group(spans: Sequence[Span], moments: Sequence[Moment], gap: timedelta) -> list[Grouping]:
    """The sessions of one subject that `moments` change or begin, given those that were there.

    What has a conversation goes by it alone, whatever the times; all else goes by the gap between two things said.
    """
    found: list[Grouping] = []
    for conversation_id in sorted({each.conversation_id for each in moments}, key=lambda each: (each is None, each)):
        there = [each for each in spans if each.conversation_id == conversation_id]
        new = [each for each in moments if each.conversation_id == conversation_id]
        found.extend(_chained(conversation_id, there, new, None if conversation_id is not None else gap))
    return found


def _chained(
    conversation_id: int | None, spans: Sequence[Span], moments: Sequence[Moment], gap: timedelta | None
) -> list[Grouping]:
    parts: list[tuple[datetime, datetime, Span | Moment]] = [
        *((each.started_at, each.ended_at, each) for each in spans),
        *((each.at, each.at, each) for each in moments),
    ]
    parts.sort(key=lambda part: (part[0], part[1]))
    chains: list[list[tuple[datetime, datetime, Span | Moment]]] = []
    until: datetime | None = None
    for part in parts:
        if until is None or (gap is not None and part[0] - until > gap):
            chains.append([])
            until = part[1]
        chains[-1].append(part)
        until = max(until, part[1])
    made = (_grouping(conversation_id, chain) for chain in chains)
    return [each for each in made if each.entry_ids]


def _grouping(conversation_id: int | None, chain: Sequence[tuple[datetime, datetime, Span | Moment]]) -> Grouping:
    known = sorted(each.id for _, _, each in chain if isinstance(each, Span) and each.id is not None)
    span = Span(
        known[0] if known else None,
        conversation_id,
        min(start for start, _, _ in chain),
        max(end for _, end, _ in chain),
    )
    entries = tuple(each.entry_id for _, _, each in chain if isinstance(each, Moment))
    return Grouping(span, entries, tuple(known[1:]))
