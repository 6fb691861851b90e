"""What became of a wish to move a conversation?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handoff.offers import Offer
    from handoff.tickets import Ticket


class Owner(StrEnum):
    """Who has the conversation."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class Refusal(StrEnum):
    """Why the desk left everything as it was; also why an agent was not offered a ticket."""

    VERSION_CHANGED = "version_changed"  # the caller's picture is old: read again
    NOT_WAITING = "not_waiting"  # the bot or another agent has it
    ALREADY_YOURS = "already_yours"
    NOT_YOURS = "not_yours"  # another agent, the queue or the bot has it
    NOT_OFFERED = "not_offered"  # no open offer to her: it ended, or was another's
    PASSED = "passed"  # she let this ticket pass since it waits; never refuses a claim
    AGENT_FULL = "agent_full"  # what is offered to her counts
    CHANNEL_FULL = "channel_full"
    AGENT_NOT_READY = "agent_not_ready"  # status is not ready, or the presence lease ran out
    LACKS_SKILL = "lacks_skill"
    NOT_IN_TEAM = "not_in_team"
    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_CONVERSATION = "unknown_conversation"
    UNKNOWN_TICKET = "unknown_ticket"
    TICKET_STATE = "ticket_state"  # the ticket's state does not allow it
    OTHER_CUSTOMER = "other_customer"  # the conversation is another customer's than the ticket
    CLOSED = "closed"
    SERVED_IN_CLIENT = "served_in_client"  # the agent answers in the platform's own client: nobody can beside her
    NOT_SERVED = "not_served"  # no agent has it: there is nobody to be beside


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. owner, agent, version: how the conversation stands now (None if unknown)."""

    reason: Refusal
    owner: Owner | None = None
    agent: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The agent has the conversation, whose version is now `version`. offer: the one that ended with it."""

    ticket: Ticket
    version: int
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The conversation waits in the queue of `ticket.team`. offer: the one that was withdrawn for it."""

    ticket: Ticket
    version: int
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """The bot serves again; the ticket is closed with its outcome. offer: the one that was withdrawn for it."""

    ticket: Ticket
    version: int
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over; `ticket` is the one that ended with it, if any. offer: the one withdrawn for it."""

    ticket: Ticket | None
    version: int
    offer: Offer | None = None
