"""What is an offer, and what became of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.tickets import Ticket


class OfferState(StrEnum):
    """OPEN is the only one that changes. DECLINED and EXPIRED are in vain: she let it pass."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # somebody else took it, it went elsewhere, or she stopped being ready


IN_VAIN: Final = (OfferState.DECLINED, OfferState.EXPIRED)


class OfferReason(StrEnum):
    """Why she came first."""

    LAST_AGENT = "last_agent"  # of this customer
    LEAST_LOADED = "least_loaded"  # among equals, who waited longest


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket offered to an agent until `expires_at`; it stays in its queue meanwhile.

    version: the conversation's, which tells this waiting from an earlier one. candidates: who could have had it, best
    first. exclusions: the others of the team, with what kept each from it.
    """

    id: int
    ticket_id: int
    conversation_id: int
    agent: str
    team: str
    channel: str
    version: int
    made_at: datetime
    expires_at: datetime
    state: OfferState
    ended_at: datetime | None
    candidates: tuple[str, ...]
    exclusions: Mapping[str, str]
    reason: OfferReason


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer was made."""

    offer: Offer
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Escalated:
    """Nobody takes it: the supervisors are to be called, once each time it waits in a queue."""

    ticket: Ticket
    supervisors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """An offer is over without its agent having taken the ticket, which still waits."""

    offer: Offer
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Declined:
    """She declined it; the ticket still waits, and is not offered to her again while it does."""

    offer: Offer
    ticket: Ticket
