"""Where does the pull keep how far it is, what lies aside, what was taken back early, and which files are due?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint, text
from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class FinanceTables:
    """Bound to the MetaData they were defined in."""

    pulls: Table
    aside: Table
    recalls: Table
    media: Table


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> FinanceTables:
    """Define them in `metadata`; the id and time types are the caller's."""
    # How far each account's archive is read, whether there is news, and who reads it now.
    pulls = Table(
        "archive_pulls",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False, unique=True),
        Column("seq", BigInteger, nullable=False, server_default=text("0")),
        Column("rings", Integer, nullable=False, server_default=text("0")),
        Column("rings_answered", Integer, nullable=False, server_default=text("0")),
        Column("ready_at", instant, nullable=False),
        Column("lease_token", String(32)),
        Column("lease_until", instant),
        # Nothing said before this moment is still unread: what the lag is counted from.
        Column("complete_until", instant, nullable=False),
        Column("failures", Integer, nullable=False, server_default=text("0")),
        Column("code", Integer, nullable=False, server_default=text("0")),
        Column("error", String(200), nullable=False, server_default=""),
    )
    # Messages that cannot be opened now, with their ciphertext; never their text.
    aside = Table(
        "archive_poison",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False),
        Column("seq", BigInteger, nullable=False),
        Column("msgid", String(128), nullable=False),
        Column("key_version", BigInteger, nullable=False),
        Column("reason", String(16), nullable=False),
        Column("code", Integer, nullable=False, server_default=text("0")),
        Column("random_key", Text, nullable=False),
        Column("message", Text, nullable=False),
        Column("put_at", instant, nullable=False),
        UniqueConstraint("account", "msgid"),
        Index(None, "account", "reason", "seq"),
    )
    # Taken back before we heard what: the message is marked when it comes.
    recalls = Table(
        "archive_recalls",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("msgid", String(128), nullable=False, unique=True),
        Column("at", instant, nullable=False),
    )
    # Files of messages, fetched piece by piece. Names and texts are in the sealed entry, not here.
    media = Table(
        "archive_media",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("room", String(128), nullable=False, server_default=""),
        Column("msgid", String(128), nullable=False),
        Column("part", Integer, nullable=False),
        Column("kind", String(16), nullable=False),
        Column("file_id", Text, nullable=False),
        Column("md5", String(64), nullable=False, server_default=""),
        Column("size", BigInteger, nullable=False, server_default=text("0")),
        Column("state", String(8), nullable=False),  # pending | fetched | refused
        Column("key_id", id_type),
        Column("next_index", Text, nullable=False, server_default=""),
        Column("chunks", Integer, nullable=False, server_default=text("0")),
        Column("received", BigInteger, nullable=False, server_default=text("0")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("path", String(512), nullable=False, server_default=""),
        Column("error", String(200), nullable=False, server_default=""),
        Column("ready_at", instant, nullable=False),
        Column("lease_token", String(32)),
        Column("lease_until", instant),
        UniqueConstraint("msgid", "part"),
        Index(None, "state", "ready_at"),
        Index(None, "account", "customer"),
    )
    return FinanceTables(pulls=pulls, aside=aside, recalls=recalls, media=media)
