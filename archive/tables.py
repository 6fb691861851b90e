"""Where does the archive keep what was said?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text
from sqlalchemy.types import TypeEngine

from archive.finance.tables import FinanceTables
from archive.finance.tables import define_tables as define_finance


@dataclass(frozen=True, slots=True)
class ArchiveTables:
    """The archive's tables, bound to the MetaData they were defined in."""

    entries: Table
    finance: FinanceTables


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> ArchiveTables:
    """Define the archive's tables in `metadata`; the id and time types are the caller's."""
    entries = Table(
        "archive_entries",
        metadata,
        Column("id", id_type, primary_key=True),
        # What redelivery repeats: the platform's message id, or our msgid for what we sent.
        Column("source", String(40), nullable=False),
        Column("source_id", String(128), nullable=False),
        Column("conversation_id", id_type),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("voice", String(8), nullable=False),  # customer | bot | agent | servicer | system
        Column("who", String(128), nullable=False, server_default=""),
        Column("kind", String(16), nullable=False),
        Column("text", Text, nullable=False, server_default=""),
        Column("body", JSON),
        Column("recalled", Integer, nullable=False, server_default=text("0")),
        Column("at", instant, nullable=False),
        UniqueConstraint("source", "source_id"),
        Index(None, "conversation_id", "at", "id"),
        Index(None, "account", "customer", "at"),
    )
    return ArchiveTables(
        entries=entries,
        finance=define_finance(metadata, id_type=id_type, instant=instant),
    )
