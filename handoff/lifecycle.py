"""Which moves does a ticket's state allow?"""

from __future__ import annotations

from enum import StrEnum

from handoff.tickets import TicketState


class Move(StrEnum):
    """What can happen to a ticket's state."""

    ASSIGN = "assign"  # to an agent: from the queue, or from a colleague
    QUEUE = "queue"  # into a queue: back, or another team's
    PEND = "pend"  # its agent keeps it and waits for the customer
    RESUME = "resume"
    CLOSE = "close"
    REOPEN = "reopen"


def leads_to(move: Move) -> TicketState:
    """The state after a move."""
    match move:
        case Move.ASSIGN | Move.RESUME:
            return TicketState.ASSIGNED
        case Move.QUEUE | Move.REOPEN:
            return TicketState.OPEN
        case Move.PEND:
            return TicketState.PENDING
        case Move.CLOSE:
            return TicketState.CLOSED


def allowed_from(move: Move) -> frozenset[TicketState]:
    """The states in which a move may happen."""
    match move:
        case Move.ASSIGN | Move.QUEUE | Move.CLOSE:
            return frozenset({TicketState.OPEN, TicketState.ASSIGNED, TicketState.PENDING})
        case Move.PEND:
            return frozenset({TicketState.ASSIGNED, TicketState.PENDING})  # again: until another moment
        case Move.RESUME:
            return frozenset({TicketState.PENDING})
        case Move.REOPEN:
            return frozenset({TicketState.CLOSED})
