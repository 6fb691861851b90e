"""What passes between the desk and its callers? Tickets, their history, and where to move a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.facts import Verdict
from handoff.outcomes import Owner


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
    promised: the next step she was told to expect, "" if none.
    """

    asked: str = ""
    tried: tuple[str, ...] = ()
    collected: Mapping[str, str] = field(default_factory=dict)
    utterances: tuple[Utterance, ...] = ()
    promised: str = ""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A wish to hand a conversation over. expected_version: the conversation's, as the caller read it.

    by: who hands over ("bot", or the id of an agent). source: the scene she came from. region: province, city,
    district as far as known. facts: what the router looked at, as JSON. card: the customer as known now, as JSON.
    """

    conversation_id: int
    expected_version: int
    account: str
    channel: str
    customer: str
    verdict: Verdict
    summary: Summary
    by: str = "bot"
    source: str = ""
    region: tuple[str, ...] = ()
    facts: Mapping[str, object] | None = None
    card: Mapping[str, object] | None = None


class TicketState(StrEnum):
    """OPEN waits in its team's queue, ASSIGNED is with an agent, PENDING is too and waits for the customer."""

    OPEN = "open"
    ASSIGNED = "assigned"
    PENDING = "pending"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One hand-over, from the bot's giving up to the outcome. agent: who has it, or had it last once closed.

    skills: what an agent must be able to do. sla: name of its SLA policy, "" for the team's. queued_at: since when it
    waits, or waited last. released_by: who gave it back to the queue it waits in. first_response_at: a person's first
    words. merged_into: id of the ticket that goes on for it. told_position: what the customer was last told of her
    place in the queue. reopened: how many times.
    """

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
    type: str = "question"
    source: str = ""
    region: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    sla: str = ""
    facts: Mapping[str, object] | None = None
    card: Mapping[str, object] | None = None
    queued_at: datetime | None = None
    released_by: str | None = None
    first_response_at: datetime | None = None
    pending_until: datetime | None = None
    reopened: int = 0
    merged_into: int | None = None
    overflowed_at: datetime | None = None
    escalated_at: datetime | None = None
    told_position: int | None = None


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of a ticket's history.

    kind: opened | assigned | transferred | queued | returned | closed | offered | declined | expired | withdrawn |
    escalated | pended | resumed | prioritised | responded | told | noted | attached | linked | merged | reopened.
    detail["set"]: the columns that it changed, with their new values.
    """

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
        "promised": summary.promised,
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
        promised=str(kept.get("promised", "")),
    )
