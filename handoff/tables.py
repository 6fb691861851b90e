"""Where does handing over keep its truth? Its own tables, in the application's MetaData."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of this package. `conversations` belongs to the application and is not here."""

    teams: Table
    agents: Table
    agent_teams: Table
    agent_channels: Table
    agent_states: Table
    tickets: Table
    ticket_events: Table
    ticket_notes: Table
    ticket_mentions: Table
    ticket_attachments: Table
    ticket_links: Table
    offers: Table
    sla_clocks: Table
    ratings: Table
    assignment_log: Table


def define(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Tables:
    """Put the tables into `metadata` and return them; asked again, return those already there.

    instant_type: column type that takes and gives UTC-aware datetimes and sorts by time.
    id_type: column type of row ids and of references to conversations.
    """
    makers = {
        "teams": _teams,
        "agents": _agents,
        "agent_teams": _agent_teams,
        "agent_channels": _agent_channels,
        "agent_states": _agent_states,
        "tickets": _tickets,
        "ticket_events": _ticket_events,
        "ticket_notes": _ticket_notes,
        "ticket_mentions": _ticket_mentions,
        "ticket_attachments": _ticket_attachments,
        "ticket_links": _ticket_links,
        "offers": _offers,
        "sla_clocks": _sla_clocks,
        "ratings": _ratings,
        "assignment_log": _assignment_log,
    }
    known = metadata.tables
    return Tables(
        **{
            name: known[name] if name in known else make(metadata, instant_type, id_type)
            for name, make in makers.items()
        }
    )


def _teams(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    del instant_type, id_type
    return Table(
        "teams",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("name", String(128), nullable=False),
    )


def _agents(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    del id_type
    return Table(
        "agents",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("name", String(128), nullable=False),
        Column("capacity", Integer, nullable=False),
        Column("status", String(8), nullable=False, server_default="off"),  # ready | busy | wrapup | away | off
        Column("status_at", instant_type),  # since when; NULL: never changed
        Column("status_until", instant_type),  # wrapup: when she counts as ready again
        Column("lease_until", instant_type),  # presence; NULL: her status holds until she changes it
        Column("leaves_at", instant_type),  # she went off: when what she still has is taken from her
        # Open conversations she owns, and open offers to her. Move with the owner or the offer, in the same
        # transaction; never recounted.
        Column("active", Integer, nullable=False, server_default=text("0")),
        Column("offered", Integer, nullable=False, server_default=text("0")),
        Column("last_assigned_at", instant_type),  # fairness among equals: who waited longest comes first
        Column("skills", JSON),
        CheckConstraint("active >= 0", name="ck_agents_active_not_negative"),
    )


def _agent_teams(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    del instant_type, id_type
    return Table(
        "agent_teams",
        metadata,
        Column("agent_id", String(64), ForeignKey("agents.id"), primary_key=True),
        Column("team_id", String(64), ForeignKey("teams.id"), primary_key=True),
        Index(None, "team_id"),
    )


def _agent_channels(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """What she may have at a time on one channel; only where the pack limits it. active: conversations and offers."""
    del instant_type, id_type
    return Table(
        "agent_channels",
        metadata,
        Column("agent_id", String(64), ForeignKey("agents.id"), primary_key=True),
        Column("channel", String(20), primary_key=True),
        Column("capacity", Integer, nullable=False),
        Column("active", Integer, nullable=False, server_default=text("0")),
        CheckConstraint("active >= 0", name="ck_agent_channels_active_not_negative"),
    )


def _agent_states(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Append-only: each change of an agent's status, who or what changed it."""
    return Table(
        "agent_states",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("agent_id", String(64), nullable=False),
        Column("at", instant_type, nullable=False),
        Column("status", String(8), nullable=False),
        Column("by", String(64), nullable=False),  # her id | platform | shift | presence
        Index(None, "agent_id", "at"),
    )


def _tickets(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    return Table(
        "tickets",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("conversation_id", id_type, nullable=False),
        Column("account", String(32), nullable=False),
        Column("channel", String(20), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("team", String(64), nullable=False),  # the queue it waits in, and goes back to
        Column("priority", Integer, nullable=False),
        Column("reason", String(64), nullable=False),
        Column("rule", String(128), nullable=False),
        Column("signals", JSON, nullable=False),
        Column("summary", JSON, nullable=False),
        Column("type", String(24), nullable=False, server_default="question"),
        Column("source", String(256), nullable=False, server_default=""),  # the scene she came from
        Column("region", String(128), nullable=False, server_default=""),  # province/city/district
        Column("skills", JSON),  # what an agent must be able to do
        Column("sla", String(64), nullable=False, server_default=""),  # name of its SLA policy
        Column("facts", JSON),  # what the router knew, to try other rules on
        Column("card", JSON),  # the customer, as known when it was opened
        Column("state", String(8), nullable=False, server_default="open"),  # open | assigned | pending | closed
        Column("agent", String(64)),
        Column("outcome", String(64)),
        Column("opened_at", instant_type, nullable=False),
        Column("queued_at", instant_type),  # when it last came into a queue
        Column("released_by", String(64)),  # who gave it back then: it is not offered to her
        Column("assigned_at", instant_type),
        Column("first_response_at", instant_type),  # a person's first words
        Column("pending_until", instant_type),
        Column("closed_at", instant_type),
        Column("reopened", Integer, nullable=False, server_default=text("0")),
        Column("merged_into", id_type),
        Column("overflowed_at", instant_type),  # it waited too long and went to another team's queue
        Column("escalated_at", instant_type),  # the supervisor was called
        Column("told_position", Integer),  # what the customer was last told of her place in the queue
        Index(
            "uq_tickets_active",
            "conversation_id",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(None, "state", "team", "priority", "opened_at"),
        Index(  # what is open, longest waiting first: the board, page by page
            "ix_tickets_active_opened_at",
            "opened_at",
            "id",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(None, "agent", "state"),
        Index(None, "conversation_id"),
        Index(None, "account", "customer", "opened_at"),
        Index(None, "opened_at"),
        Index(None, "closed_at"),
    )


def _ticket_events(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Append-only: what happened to a ticket, who did it and why."""
    return Table(
        "ticket_events",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False),
        Column("at", instant_type, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("by", String(64), nullable=False),
        Column("cause", String(64), nullable=False),
        Column("detail", JSON, nullable=False),
        Index(None, "ticket_id", "id"),
    )


def _ticket_notes(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """What colleagues tell each other; the customer never sees it."""
    return Table(
        "ticket_notes",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False),
        Column("at", instant_type, nullable=False),
        Column("by", String(64), nullable=False),
        Column("text", Text, nullable=False),
        Index(None, "ticket_id", "id"),
    )


def _ticket_mentions(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Whom a note names, and whether she has looked."""
    return Table(
        "ticket_mentions",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False, index=True),
        Column("note_id", id_type, nullable=False),
        Column("person", String(128), nullable=False),
        Column("seen_at", instant_type),
        UniqueConstraint("note_id", "person"),
        Index(None, "person", "seen_at"),
    )


def _ticket_attachments(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Pictures and files that belong to a ticket; where they lie is the application's business."""
    return Table(
        "ticket_attachments",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False),
        Column("at", instant_type, nullable=False),
        Column("by", String(64), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("reference", String(512), nullable=False),
        Column("name", String(200), nullable=False, server_default=""),
        UniqueConstraint("ticket_id", "reference"),
    )


def _ticket_links(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Which tickets belong together; each pair stands in both directions."""
    return Table(
        "ticket_links",
        metadata,
        Column("ticket_id", id_type, primary_key=True, autoincrement=False),
        Column("other_id", id_type, primary_key=True, autoincrement=False),
        Column("kind", String(16), primary_key=True),  # related | duplicate | follow_up | merged
        Column("at", instant_type, nullable=False),
        Column("by", String(64), nullable=False),
    )


def _offers(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """A ticket offered to an agent until a moment; at most one open offer a conversation."""
    return Table(
        "offers",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False),
        Column("conversation_id", id_type, nullable=False),
        Column("agent", String(64), nullable=False),
        Column("team", String(64), nullable=False),
        Column("channel", String(20), nullable=False),
        Column("version", Integer, nullable=False),  # the conversation's: which waiting of the ticket it belongs to
        Column("made_at", instant_type, nullable=False),
        Column("expires_at", instant_type, nullable=False),
        # open | accepted | declined | expired | withdrawn
        Column("state", String(10), nullable=False, server_default="open"),
        Column("ended_at", instant_type),
        Column("candidates", JSON, nullable=False),
        Column("exclusions", JSON, nullable=False),
        Column("reason", String(64), nullable=False),  # last_agent | least_loaded
        Index(
            "uq_offers_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "state", "expires_at"),
        Index(None, "ticket_id"),
        Index(None, "agent", "state"),
        Index(None, "made_at"),
    )


def _sla_clocks(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """One promise about one ticket: how much business time it may take, how much it took, what was done about it."""
    return Table(
        "sla_clocks",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("ticket_id", id_type, nullable=False),
        Column("metric", String(16), nullable=False),  # first_response | next_response | resolution
        Column("cycle", Integer, nullable=False, server_default=text("0")),  # next_response: which of them
        Column("policy", String(64), nullable=False),
        Column("calendar", String(64), nullable=False),  # by which it counts, "" for the shop's
        Column("target_ms", BigInteger, nullable=False),  # of business time
        Column("spent_ms", BigInteger, nullable=False, server_default=text("0")),  # before running_since
        Column("started_at", instant_type, nullable=False),
        Column("running_since", instant_type),  # NULL: paused or ended
        Column("warns_at", instant_type),  # while it runs
        Column("due_at", instant_type),
        Column("next_at", instant_type),  # when something is to be done; NULL: nothing is
        Column("warned_at", instant_type),
        Column("breached_at", instant_type),
        Column("ended_at", instant_type),  # kept, or given up with its ticket
        Column("kept", Integer),  # 1: in time
        Column("steps", Integer, nullable=False, server_default=text("0")),  # escalation steps taken
        UniqueConstraint("ticket_id", "metric", "cycle"),
        Index(None, "next_at"),
        Index(  # what is promised now: of open tickets, however many there were
            "ix_sla_clocks_open",
            "ticket_id",
            "warns_at",
            "due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


def _ratings(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """What customers answered when they were asked whether they are satisfied."""
    return Table(
        "ratings",
        metadata,
        Column("ticket_id", id_type, primary_key=True, autoincrement=False),
        Column("conversation_id", id_type, nullable=False),
        Column("asked_at", instant_type, nullable=False),
        Column("rated_at", instant_type),
        Column("score", Integer),  # 1 (worst) – 5
        Index(None, "asked_at"),
    )


def _assignment_log(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Table:
    """Append-only: one row a change of owner. The constraint is the proof that no version had two writers."""
    return Table(
        "assignment_log",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("conversation_id", id_type, nullable=False),
        Column("version", Integer, nullable=False),
        Column("from_owner", String(8), nullable=False),
        Column("to_owner", String(8), nullable=False),
        Column("agent", String(64)),
        Column("team", String(64)),
        Column("cause", String(64), nullable=False),
        Column("candidates", JSON, nullable=False),
        Column("exclusions", JSON, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", instant_type, nullable=False),
        UniqueConstraint("conversation_id", "version"),
    )
