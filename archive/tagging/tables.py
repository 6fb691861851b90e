"""Where are customers' tags kept? Names, figures and ids of messages; nothing that was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, String, Table, text
from sqlalchemy.types import TypeEngine

TAG_CHARS = 30  # of a tag's name: what WeCom takes (wechat-platform §4.5)


@dataclass(frozen=True, slots=True)
class TaggingTables:
    """The tables of tags."""

    tags: Table
    history: Table
    watch: Table


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> TaggingTables:
    """Define them in `metadata`; the id and time types are the caller's."""
    return TaggingTables(
        tags=_tags(metadata, instant), history=_history(metadata, id_type, instant), watch=_watch(metadata, instant)
    )


def _tags(metadata: MetaData, instant: TypeEngine[datetime]) -> Table:
    """A tag that a customer has, had, or is not to have."""
    return Table(
        "archive_tags",
        metadata,
        Column("account", String(32), primary_key=True),
        Column("customer", String(128), primary_key=True),
        Column("tag", String(TAG_CHARS), primary_key=True),
        Column("state", String(8), nullable=False),  # active | pinned | vetoed | faded
        Column("confidence", Float, nullable=False),
        Column("evidence", JSON, nullable=False),  # ids of entries, the weightiest first
        Column("first_seen", instant),  # when the first and the last message that spoke for it were said
        Column("last_seen", instant),
        Column("by", String(128), nullable=False, server_default=""),  # who pinned or vetoed it; "": the rules
        Column("changed_at", instant, nullable=False),
        Index(None, "tag", "state"),
    )


def _history(metadata: MetaData, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> Table:
    """Every change of a tag's state; only grows."""
    return Table(
        "archive_tag_history",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("tag", String(TAG_CHARS), nullable=False),
        Column("state", String(8), nullable=False),
        Column("confidence", Float, nullable=False),
        Column("by", String(128), nullable=False, server_default=""),
        Column("at", instant, nullable=False),
        Index(None, "account", "customer", "id"),
    )


def _watch(metadata: MetaData, instant: TypeEngine[datetime]) -> Table:
    """Whose tags are to be looked at when."""
    table = Table(
        "archive_tag_watch",
        metadata,
        Column("account", String(32), primary_key=True),
        Column("customer", String(128), primary_key=True),
        Column("rules", Integer, nullable=False, server_default=text("-1")),  # version by which they were looked at
        Column("revision", Integer, nullable=False, server_default=text("1")),  # raised by all that may change them
        Column("due_at", instant),  # NULL: nothing changes by itself
        Column("failures", Integer, nullable=False, server_default=text("0")),
        Column("error", String(64), nullable=False, server_default=""),
        Index(None, "rules"),
    )
    waiting = text("due_at IS NOT NULL")
    Index("ix_archive_tag_watch_due_at", table.c.due_at, sqlite_where=waiting, postgresql_where=waiting)
    return table
