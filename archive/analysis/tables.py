"""Where is kept what the analysis found? Nothing here quotes what was said: details are sealed, the rest is figures."""

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
class AnalysisTables:
    """The analysis' tables."""

    results: Table
    progress: Table
    sessions: Table
    findings: Table


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> AnalysisTables:
    """Define them in `metadata`; the id and time types are the caller's."""
    return AnalysisTables(
        results=_results(metadata, id_type),
        progress=_progress(metadata, id_type, instant),
        sessions=_sessions(metadata, id_type, instant),
        findings=_findings(metadata, id_type, instant),
    )


def _results(metadata: MetaData, id_type: TypeEngine[int]) -> Table:
    """What an analyzer said about an entry; one that raised on it leaves `failed`, the name of its error's class."""
    return Table(
        "archive_results",
        metadata,
        Column("entry_id", id_type, primary_key=True, autoincrement=False),
        Column("analyzer", String(32), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("score", Float),
        Column("label", String(32), nullable=False, server_default=""),
        Column("failed", String(64), nullable=False, server_default=""),
        Column("key_id", id_type),  # archive_keys.id of what sealed the detail; NULL: there is none
        Column("sealed", LargeBinary),
        Index(
            "ix_archive_results_failed",
            "analyzer",
            "failed",
            sqlite_where=text("failed <> ''"),
            postgresql_where=text("failed <> ''"),
        ),
    )


def _progress(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """How far an analyzer's version has read what was said before it came: from the newest id down to `upto`.

    The row named "" is the shift: whose turn it is to analyse.
    """
    return Table(
        "archive_progress",
        metadata,
        Column("analyzer", String(32), primary_key=True),
        Column("version", Integer, nullable=False),
        Column("upto", id_type, nullable=False),  # entries below it are still to be read; 0: none is
        Column("done", Integer, nullable=False, server_default=text("0")),
        Column("total", Integer, nullable=False, server_default=text("0")),
        Column("at", instant, nullable=False),
        Column("lease_token", String(32)),
        Column("lease_until", instant),
    )


def _sessions(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """What was said in one go, and the features of it."""
    return Table(
        "archive_sessions",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("room", String(128), nullable=False, server_default=""),
        Column("conversation_id", id_type),
        Column("started_at", instant, nullable=False),
        Column("ended_at", instant, nullable=False),
        Column("revision", Integer, nullable=False, server_default=text("1")),  # raised by each entry that joins
        Column("due_at", instant),  # when it is to be judged (again); NULL: nothing will change by itself
        Column("agent", String(128), nullable=False, server_default=""),
        Column("messages", Integer, nullable=False, server_default=text("0")),
        Column("customer_messages", Integer, nullable=False, server_default=text("0")),
        Column("bot_messages", Integer, nullable=False, server_default=text("0")),
        Column("person_messages", Integer, nullable=False, server_default=text("0")),
        Column("timed", Integer, nullable=False, server_default=text("1")),  # 0: imported without times
        Column("first_response_s", Float),
        Column("slowest_response_s", Float),
        Column("person_response_s", Float),
        Column("mood_first", Float),
        Column("mood_last", Float),
        Column("mood_trend", Float),
        Column("urgency", Float),
        Column("complaint", Float),
        Column("churn", Float),
        Column("purchase", Float),
        Column("unanswered", Integer, nullable=False, server_default=text("0")),
        Column("satisfaction", Float),
        Column("outcome", String(64), nullable=False, server_default=""),
        Column("region", String(160), nullable=False, server_default=""),  # see ServiceFacts; "": not known
        Index(None, "account", "customer", "room", "ended_at"),
        Index(None, "conversation_id"),
        Index(None, "started_at"),
        Index(
            "ix_archive_sessions_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )


def _findings(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """What a rule of the shop found in a session; `anchor` is the entry it hangs on, so that finding twice is once."""
    return Table(
        "archive_findings",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("session_id", id_type, nullable=False),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("rule", String(64), nullable=False),
        Column("severity", String(8), nullable=False),  # minor | major | critical
        Column("anchor", id_type, nullable=False),
        Column("entry_ids", JSON, nullable=False),
        Column("agent", String(128), nullable=False, server_default=""),
        Column("value", Float),  # seconds, likeness …: what the rule measured
        Column("at", instant, nullable=False),  # of the anchor
        Column("state", String(10), nullable=False, server_default="open"),  # open | confirmed | dismissed
        Column("found_at", instant, nullable=False),
        UniqueConstraint("session_id", "rule", "anchor"),
        Index(None, "at"),
        Index(None, "account", "customer"),
    )


def place_of_mark(analyzer: str, entry_id: int) -> bytes:
    """The associated data of a sealed detail: it opens as this analyzer's of this entry only."""
    return f"archive result\0{analyzer}\0{entry_id}".encode()
