"""Where does the archive keep what was said?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from archive.analysis import tables as analysis
from archive.analysis.tables import AnalysisTables
from archive.finance import tables as finance
from archive.finance.tables import FinanceTables

SUBJECT_CHARS = 176  # account (32), "/c/" or "/r/", customer or room (128), and room to spare


@dataclass(frozen=True, slots=True)
class ArchiveTables:
    """The archive's tables, bound to the MetaData they were defined in."""

    entries: Table
    keys: Table
    analysis: AnalysisTables
    finance: FinanceTables


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> ArchiveTables:
    """Define the archive's tables in `metadata`; the id and time types are the caller's."""
    return ArchiveTables(
        entries=_entries(metadata, id_type, instant),
        keys=_keys(metadata, id_type, instant),
        analysis=analysis.define_tables(metadata, id_type=id_type, instant=instant),
        finance=finance.define_tables(metadata, id_type=id_type, instant=instant),
    )


def _entries(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    table = Table(
        "archive_entries",
        metadata,
        Column("id", id_type, primary_key=True),
        # What redelivery repeats: the platform's message id, or our msgid for what we sent.
        Column("source", String(40), nullable=False),
        Column("source_id", String(128), nullable=False),
        Column("conversation_id", id_type),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("room", String(128), nullable=False, server_default=""),
        Column("voice", String(8), nullable=False),  # customer | bot | agent | servicer | system
        Column("who", String(128), nullable=False, server_default=""),
        Column("kind", String(32), nullable=False),
        Column("key_id", id_type, nullable=False),  # archive_keys.id of what sealed it
        Column("sealed", LargeBinary, nullable=False),  # AES-GCM of JSON {"text", "body"}
        Column("recalled", Integer, nullable=False, server_default=text("0")),
        Column("at", instant, nullable=False),
        Column("recorded_at", instant, nullable=False),
        Column("session_id", id_type),
        Column("fresh", SmallInteger, nullable=False, server_default=text("1")),  # 1: not yet analysed and indexed
        UniqueConstraint("source", "source_id"),
        Index(None, "conversation_id", "at", "id"),
        Index(None, "account", "customer", "at"),
        Index(None, "at", "id"),
        Index(None, "key_id"),
        Index(None, "session_id"),
    )
    waiting = text("fresh = 1")
    Index("ix_archive_entries_fresh", table.c.id, sqlite_where=waiting, postgresql_where=waiting)
    return table


def _keys(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    return Table(
        "archive_keys",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("subject", String(SUBJECT_CHARS), nullable=False),
        # 0: new texts are sealed with it; its own id: a newer one of the same subject took its place.
        Column("retired", id_type, nullable=False, server_default=text("0")),
        Column("kek", String(32), nullable=False),  # id of the ring's key under which it is wrapped
        Column("wrapped", LargeBinary, nullable=False),
        Column("created_at", instant, nullable=False),
        UniqueConstraint("subject", "retired"),
        Index(None, "kek", "id"),
    )
