"""Where are scripts and their versions kept in SQL? In our own tables, in the application's MetaData."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Integer, MetaData, String, Table, text
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class Tables:
    """scripts: the current version of each. versions: every version there was, the current one included.

    changes: one row, the number of the last change. edits: what is to replace live scripts, once approved.
    """

    scripts: Table
    versions: Table
    changes: Table
    edits: Table


def define(metadata: MetaData, instant_type: TypeEngine[datetime]) -> Tables:
    """Put the tables into `metadata` and return them; asked again, return those already there.

    instant_type: column type that takes and gives UTC-aware datetimes.
    body holds `to_plain(script)`, fingerprint its hash; version counts from 1 a script.
    why: what the one who made the version said, restored_from: the earlier version it brought back.
    changed_in: the number of the change that made the current version; one transaction's scripts share it.
    based_on: the version that an edit was made from.
    """
    if "scripts" in metadata.tables:
        names = ("scripts", "script_versions", "script_changes", "script_edits")
        return Tables(*(metadata.tables[name] for name in names))
    scripts = Table(
        "scripts",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("title", String(200), nullable=False),
        Column("body", JSON, nullable=False),
        Column("state", String(16), nullable=False, index=True),
        Column("version", Integer, nullable=False),
        Column("fingerprint", String(32), nullable=False),
        Column("updated_at", instant_type, nullable=False),
        Column("updated_by", String(128), nullable=False),
        Column("changed_in", BigInteger, nullable=False, server_default=text("0"), index=True),
    )
    versions = Table(
        "script_versions",
        metadata,
        Column("script_id", String(64), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("body", JSON, nullable=False),
        Column("fingerprint", String(32), nullable=False),
        Column("changed_at", instant_type, nullable=False),
        Column("changed_by", String(128), nullable=False),
        Column("why", String(500), nullable=False, server_default=""),
        Column("restored_from", Integer, nullable=True),
    )
    changes = Table(
        "script_changes",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("last", BigInteger, nullable=False),
    )
    edits = Table(
        "script_edits",
        metadata,
        Column("script_id", String(64), primary_key=True),
        Column("body", JSON, nullable=False),
        Column("fingerprint", String(32), nullable=False),
        Column("based_on", Integer, nullable=False),
        Column("changed_at", instant_type, nullable=False),
        Column("changed_by", String(128), nullable=False),
    )
    return Tables(scripts, versions, changes, edits)
