"""Where are scripts and their versions kept in SQL? In our own tables, in the application's MetaData."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class Tables:
    """scripts: the current version of each. versions: every version there was, the current one included."""

    scripts: Table
    versions: Table


def define(metadata: MetaData, instant_type: TypeEngine[datetime]) -> Tables:
    """Put the tables into `metadata` and return them; asked again, return those already there.

    instant_type: column type that takes and gives UTC-aware datetimes.
    body holds `to_plain(script)`, fingerprint its hash; version counts from 1 a script.
    why: what the one who made the version said, restored_from: the earlier version it brought back.
    """
    if "scripts" in metadata.tables:
        return Tables(metadata.tables["scripts"], metadata.tables["script_versions"])
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
    return Tables(scripts, versions)
