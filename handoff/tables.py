"""Where does handing over keep its truth? Its own tables, in the application's MetaData."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
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
    tickets: Table
    ticket_events: Table
    assignment_log: Table


def define(metadata: MetaData, instant_type: TypeEngine[datetime], id_type: TypeEngine[int]) -> Tables:
    """Put the tables into `metadata` and return them; asked again, return those already there.

    instant_type: column type that takes and gives UTC-aware datetimes and sorts by time.
    id_type: column type of row ids and of references to conversations.
    """
    if "tickets" in metadata.tables:
        known = metadata.tables
        return Tables(
            teams=known["teams"],
            agents=known["agents"],
            agent_teams=known["agent_teams"],
            tickets=known["tickets"],
            ticket_events=known["ticket_events"],
            assignment_log=known["assignment_log"],
        )
    return Tables(
        teams=_teams(metadata),
        agents=_agents(metadata, instant_type),
        agent_teams=_agent_teams(metadata),
        tickets=_tickets(metadata, instant_type, id_type),
        ticket_events=_ticket_events(metadata, instant_type, id_type),
        assignment_log=_assignment_log(metadata, instant_type, id_type),
    )


def _teams(metadata: MetaData) -> Table:
    return Table(
        "teams",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("name", String(128), nullable=False),
    )


def _agents(metadata: MetaData, instant_type: TypeEngine[datetime]) -> Table:
    return Table(
        "agents",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("name", String(128), nullable=False),
        Column("capacity", Integer, nullable=False),
        Column("status", String(8), nullable=False, server_default="off"),  # ready | busy | away | off
        Column("lease_until", instant_type),  # presence; NULL: her status holds until she changes it
        # Open conversations she owns. Moves with the owner, in the same transaction; never recounted.
        Column("active", Integer, nullable=False, server_default=text("0")),
        CheckConstraint("active >= 0", name="ck_agents_active_not_negative"),
    )


def _agent_teams(metadata: MetaData) -> Table:
    return Table(
        "agent_teams",
        metadata,
        Column("agent_id", String(64), ForeignKey("agents.id"), primary_key=True),
        Column("team_id", String(64), ForeignKey("teams.id"), primary_key=True),
        Index(None, "team_id"),
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
        Column("state", String(8), nullable=False, server_default="open"),  # open | assigned | closed
        Column("agent", String(64)),
        Column("outcome", String(64)),
        Column("opened_at", instant_type, nullable=False),
        Column("assigned_at", instant_type),
        Column("closed_at", instant_type),
        Index(
            "uq_tickets_active",
            "conversation_id",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(None, "state", "team", "priority", "opened_at"),
        Index(None, "agent", "state"),
        Index(None, "conversation_id"),
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
