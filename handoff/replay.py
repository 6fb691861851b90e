"""What does a ticket's history say it is now? The row, rebuilt from the events alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from handoff.tickets import TicketEvent

SET = "set"  # key of an event's detail: the columns it changed, with their new values as JSON


def as_json(value: object) -> object:
    """A column's value as an event keeps it: instants as ISO 8601, all else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


def replay(events: Iterable[TicketEvent]) -> Mapping[str, object]:
    """Fold a ticket's events, oldest first, into the columns of its row, each as `as_json` writes it."""
    row: dict[str, object] = {}
    for event in events:
        changed = event.detail.get(SET)
        row |= {str(name): value for name, value in changed.items()} if isinstance(changed, Mapping) else {}
    return row
