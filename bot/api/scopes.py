"""What may a token do, and of what can a webhook tell? Two closed lists."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """One thing that a token may do. Give each program no more than it needs."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    CONVERSATIONS_READ = "conversations:read"
    SCRIPTS_READ = "scripts:read"
    QUEUES_READ = "queues:read"
    UNDERSTAND = "understand"


# Facts that a webhook can be told: its name, and the kinds of ticket events that it is (handoff.TicketEvent.kind).
EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "conversation.handed_over": ("opened",),
    "conversation.assigned": ("assigned", "accepted", "transferred"),
    "conversation.returned": ("returned",),
    "ticket.queued": ("queued",),
    "ticket.escalated": ("escalated",),
    "ticket.reopened": ("reopened",),
    "ticket.closed": ("closed",),
}
