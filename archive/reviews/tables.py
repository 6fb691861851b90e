"""Where are reviews kept? Figures in the open; whatever somebody wrote about a conversation sealed with its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class ReviewTables:
    """The tables of reviews."""

    reviews: Table
    events: Table


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> ReviewTables:
    """Define them in `metadata`; the id and time types are the caller's."""
    return ReviewTables(
        reviews=_reviews(metadata, id_type, instant),
        events=_events(metadata, id_type, instant),
    )


def _reviews(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """One person's look at another's work in a session. `anchor`: the first entry; sessions may merge, entries stay."""
    return Table(
        "archive_reviews",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("anchor", id_type, nullable=False),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("room", String(128), nullable=False, server_default=""),
        Column("agent", String(128), nullable=False),  # who is reviewed
        Column("reviewer", String(128), nullable=False),
        Column("sheet", String(64), nullable=False),
        Column("state", String(10), nullable=False),  # assigned | scored | appealed | settled
        Column("revision", Integer, nullable=False),  # the number of its newest event
        Column("marks", JSON),  # points by node, null: does not apply
        Column("outcome", JSON),  # {"passed", "fatal", "weights", "automatic"}: see Outcome
        Column("total", Float),
        Column("passed", Integer),
        Column("assigned_at", instant, nullable=False),
        Column("scored_at", instant),
        Column("changed_at", instant, nullable=False),
        UniqueConstraint("anchor", "agent", "reviewer"),
        Index(None, "account", "customer"),
        Index(None, "agent", "id"),
        Index(None, "reviewer", "state", "id"),
        Index(None, "state", "id"),
    )


def _events(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """What happened to a review, in order: only grows."""
    return Table(
        "archive_review_events",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("review_id", id_type, nullable=False),
        Column("number", Integer, nullable=False),  # 1, 2, …: two who act at once cannot both be next
        Column("at", instant, nullable=False),
        Column("by", String(128), nullable=False),
        Column("kind", String(10), nullable=False),  # assigned | scored | appealed | settled
        Column("marks", JSON),
        Column("total", Float),
        Column("key_id", id_type),  # archive_keys.id of what sealed the words; NULL: there are none
        Column("sealed", LargeBinary),  # AES-GCM of JSON {"note", "comments": [{"entry", "text"}]}
        UniqueConstraint("review_id", "number"),
        Index(
            "ix_archive_review_events_key_id",
            "key_id",
            sqlite_where=text("key_id IS NOT NULL"),
            postgresql_where=text("key_id IS NOT NULL"),
        ),
    )


def place_of_event(review_id: int, number: int) -> bytes:
    """The associated data of an event's sealed words: they open as this event's only."""
    return f"archive review\0{review_id}\0{number}".encode()
