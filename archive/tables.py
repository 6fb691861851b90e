"""Where does the archive keep what was said?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from archive.analysis import tables as analysis
from archive.analysis.tables import AnalysisTables
from archive.consent import tables as consent
from archive.consent.tables import ConsentTables
from archive.entry import place_of
from archive.finance import tables as finance
from archive.finance.tables import FinanceTables
from archive.reviews import tables as reviews
from archive.reviews.tables import ReviewTables
from archive.tagging import tables as tagging
from archive.tagging.tables import TaggingTables

# SQLite's full-text table over archive_tokens, kept by triggers; names no table of the MetaData
FULL_TEXT = "archive_search"
FULL_TEXT_DDL = (
    """CREATE VIRTUAL TABLE archive_search USING fts5
        (tokens, content='archive_tokens', content_rowid='entry_id', detail=none)""",
    """CREATE TRIGGER archive_tokens_added AFTER INSERT ON archive_tokens BEGIN
        INSERT INTO archive_search (rowid, tokens) VALUES (new.entry_id, new.tokens); END""",
    """CREATE TRIGGER archive_tokens_removed AFTER DELETE ON archive_tokens BEGIN
        INSERT INTO archive_search (archive_search, rowid, tokens) VALUES ('delete', old.entry_id, old.tokens); END""",
)
SUBJECT_CHARS = 176  # account (32), "/c/" or "/r/", customer or room (128), and room to spare


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with columns `key_id` and `sealed`. place: of a row, the associated data it was sealed with."""

    table: Table
    place: Callable[[Row[Any]], bytes]


@dataclass(frozen=True, slots=True)
class ArchiveTables:
    """The archive's tables, bound to the MetaData they were defined in.

    sealed: every table that holds sealed values; a new one is added here, or its values are lost when keys are rotated.
    of_entries: every table whose rows go with the entry that their `entry_id` names.
    """

    entries: Table
    keys: Table
    analysis: AnalysisTables
    tags: TaggingTables
    finance: FinanceTables
    consent: ConsentTables
    reviews: ReviewTables
    tokens: Table
    views: Table
    sealed: tuple[Sealed, ...]
    of_entries: tuple[Table, ...]


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> ArchiveTables:
    """Define the archive's tables in `metadata`; the id and time types are the caller's."""
    entries, tokens = _entries(metadata, id_type, instant), _tokens(metadata, id_type)
    found = analysis.define_tables(metadata, id_type=id_type, instant=instant)
    judged = reviews.define_tables(metadata, id_type=id_type, instant=instant)
    return ArchiveTables(
        entries=entries,
        keys=_keys(metadata, id_type, instant),
        analysis=found,
        tags=tagging.define_tables(metadata, id_type=id_type, instant=instant),
        consent=consent.define_tables(metadata, id_type=id_type, instant=instant),
        finance=finance.define_tables(metadata, id_type=id_type, instant=instant),
        reviews=judged,
        tokens=tokens,
        views=_views(metadata, id_type, instant),
        sealed=(
            Sealed(entries, lambda row: place_of(row.source, row.source_id)),
            Sealed(found.results, lambda row: analysis.place_of_mark(row.analyzer, row.entry_id)),
            Sealed(judged.events, lambda row: reviews.place_of_event(row.review_id, row.number)),
        ),
        of_entries=(tokens, found.results),
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


def _tokens(metadata: MetaData, id_type: TypeEngine[int]) -> Table:
    table = Table(
        "archive_tokens",
        metadata,
        Column("entry_id", id_type, primary_key=True, autoincrement=False),
        # PostgreSQL: numbers under a GIN index; SQLite: hexadecimal words under FTS5
        Column("tokens", Text().with_variant(ARRAY(Integer), "postgresql"), nullable=False),
    )
    Index("ix_archive_tokens_tokens", table.c.tokens, postgresql_using="gin").ddl_if(dialect="postgresql")
    for moment, statement in (
        *(("after_create", each) for each in FULL_TEXT_DDL),
        ("before_drop", f"DROP TABLE IF EXISTS {FULL_TEXT}"),
    ):
        ddl = DDL(statement)  # type: ignore[no-untyped-call] # SQLAlchemy leaves it so
        event.listen(table, moment, ddl.execute_if(dialect="sqlite"))
    return table


def _views(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """Who read unmasked words, and why: only grows."""
    return Table(
        "archive_views",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("at", instant, nullable=False),
        Column("who", String(128), nullable=False),
        Column("reason", String(512), nullable=False),
        Column("query", String(64), nullable=False),  # keyed digest of what was looked for
        Index(None, "at"),
    )
