"""What passes between the desk and its callers? Tickets, and what became of a wish to move a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.facts import Verdict


class Owner(StrEnum):
    """Who has the conversation."""

    BOT = "bot"
    QUEUE = "queue"
    AGENT = "agent"


class AgentStatus(StrEnum):
    """What an agent says of herself; only READY ones get conversations."""

    READY = "ready"
    BUSY = "busy"
    AWAY = "away"
    OFF = "off"


class Refusal(StrEnum):
    """Why the desk left everything as it was."""

    VERSION_CHANGED = "version_changed"  # the caller's picture is old: read again
    NOT_WAITING = "not_waiting"  # the bot or another agent has it
    ALREADY_YOURS = "already_yours"
    NOT_YOURS = "not_yours"  # another agent, the queue or the bot has it
    AGENT_FULL = "agent_full"
    AGENT_NOT_READY = "agent_not_ready"  # status is not ready, or the presence lease ran out
    NOT_IN_TEAM = "not_in_team"
    UNKNOWN_AGENT = "unknown_agent"
    UNKNOWN_TEAM = "unknown_team"
    UNKNOWN_CONVERSATION = "unknown_conversation"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said before the hand-over. author: customer | bot | agent."""

    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What an agent must know, so that the customer need not repeat herself.

    asked: the question in the customer's words. tried: titles of the scripts given or offered.
    collected: facts gathered, e.g. {"order_no": "…"}. utterances: the last ones, oldest first.
    """

    asked: str = ""
    tried: tuple[str, ...] = ()
    collected: Mapping[str, str] = field(default_factory=dict)
    utterances: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A wish to hand a conversation over. expected_version: the conversation's, as the caller read it.

    by: who hands over ("bot", or the id of an agent). facts: what the router knew, JSON-able; its "source" and
    "region" become the ticket's.
    """

    conversation_id: int
    expected_version: int
    account: str
    channel: str
    customer: str
    verdict: Verdict
    summary: Summary
    by: str = "bot"
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The scene she came from, "" if unknown."""
        return str(self.facts.get("source", ""))

    @property
    def region(self) -> str:
        """Province/city/district as far as known."""
        known = self.facts.get("region")
        return "/".join(map(str, known)) if isinstance(known, Sequence) else ""


class TicketState(StrEnum):
    """OPEN waits in its team's queue, ASSIGNED is with an agent."""

    OPEN = "open"
    ASSIGNED = "assigned"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One hand-over, from the bot's giving up to the outcome. agent: who has it, or had it last once closed."""

    id: int
    conversation_id: int
    account: str
    channel: str
    customer: str
    team: str
    priority: int
    reason: str
    rule: str
    signals: tuple[str, ...]
    summary: Summary
    state: TicketState
    agent: str | None
    outcome: str | None
    opened_at: datetime
    assigned_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of a ticket's history. kind: opened | assigned | transferred | queued | returned | closed."""

    id: int
    ticket_id: int
    at: datetime
    kind: str
    by: str
    cause: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One change of owner. version: the conversation's after it.

    candidates: agents who could have had it. exclusions: the other agents of the team, with the refusal each met.
    """

    conversation_id: int
    version: int
    from_owner: Owner
    to_owner: Owner
    agent: str | None
    team: str | None
    cause: str
    candidates: tuple[str, ...]
    exclusions: Mapping[str, str]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """An agent as the desk knows her. active: open conversations she owns. lease_until: None = no lease asked."""

    id: str
    name: str
    capacity: int
    status: AgentStatus
    lease_until: datetime | None
    active: int
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. owner, agent, version: how the conversation stands now (None if unknown)."""

    reason: Refusal
    owner: Owner | None = None
    agent: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The agent has the conversation, whose version is now `version`."""

    ticket: Ticket
    version: int


@dataclass(frozen=True, slots=True)
class Queued:
    """The conversation waits in the queue of `ticket.team`."""

    ticket: Ticket
    version: int


@dataclass(frozen=True, slots=True)
class Returned:
    """The bot serves again; the ticket is closed with its outcome."""

    ticket: Ticket
    version: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over; `ticket` is the one that ended with it, if any."""

    ticket: Ticket | None
    version: int


@dataclass(frozen=True, slots=True)
class ToAgent:
    """Transfer target: this agent, in the conversation's team or, with `team`, moving it there."""

    agent_id: str
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ToTeam:
    """Transfer target: the queue of this team."""

    team: str


SERVICER_VERDICT: Final = Verdict(hand_over=True, reason="servicer", signals=(), team="", priority=3, rule="")


def summary_to_json(summary: Summary) -> dict[str, object]:
    """The summary as kept in the ticket's row."""
    return {
        "asked": summary.asked,
        "tried": list(summary.tried),
        "collected": dict(summary.collected),
        "utterances": [
            {"author": one.author, "text": one.text, "at": one.at.isoformat()} for one in summary.utterances
        ],
    }


def summary_from_json(kept: Mapping[str, object]) -> Summary:
    """The summary from the ticket's row; what is not there is empty."""
    tried, collected, utterances = kept.get("tried"), kept.get("collected"), kept.get("utterances")
    return Summary(
        asked=str(kept.get("asked", "")),
        tried=tuple(map(str, tried)) if isinstance(tried, Sequence) else (),
        collected={str(key): str(value) for key, value in collected.items()} if isinstance(collected, Mapping) else {},
        utterances=tuple(
            Utterance(str(one["author"]), str(one["text"]), datetime.fromisoformat(str(one["at"])))
            for one in utterances
        )
        if isinstance(utterances, Sequence)
        else (),
    )
