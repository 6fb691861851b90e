"""Where is kept how people stand, whom to ask, and what was purged?

Nothing in `archive_consents`, and nothing in `archive_purges` once it is done, names a person: `subject` is a keyed
digest of her, so that both outlive what they are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, UniqueConstraint, text
from sqlalchemy.types import TypeEngine

DIGEST_CHARS = 32  # 16 bytes in hexadecimal


@dataclass(frozen=True, slots=True)
class ConsentTables:
    """Bound to the MetaData they were defined in."""

    consents: Table
    asks: Table
    purges: Table


def define_tables(metadata: MetaData, *, id_type: TypeEngine[int], instant: TypeEngine[datetime]) -> ConsentTables:
    """Define them in `metadata`; the id and time types are the caller's."""
    # Append-only: what people said about being kept.
    consents = Table(
        "archive_consents",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("subject", String(DIGEST_CHARS), nullable=False),
        Column("account", String(32), nullable=False),
        Column("counterpart", String(128), nullable=False, server_default=""),
        Column("status", String(16), nullable=False),  # Agree | Disagree | Default_Agree | Withdrawn
        Column("changed_at", instant, nullable=False),
        Column("source", String(16), nullable=False),  # poll | event | archive_message | operator | customer
        Column("recorded_at", instant, nullable=False),
        UniqueConstraint("subject", "counterpart", "status", "changed_at"),
    )
    # Whose status the platform is to be asked for, and when. customer is "" where a whole group is asked about.
    asks = Table(
        "archive_consent_asks",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("account", String(32), nullable=False),
        Column("customer", String(128), nullable=False),
        Column("counterpart", String(128), nullable=False),
        Column("news_at", instant, nullable=False),  # when they last wrote to each other
        Column("asked_at", instant),
        Column("next_at", instant),  # not again before
        Column("due_at", instant),  # NULL: nothing new was said since
        Column("failures", Integer, nullable=False, server_default=text("0")),
        Column("error", String(64), nullable=False, server_default=""),
        Column("lease_token", String(32)),
        Column("lease_until", instant),
        UniqueConstraint("account", "customer", "counterpart"),
        Index(None, "due_at"),
    )
    # What is to be purged, and the log of what was. Names are blanked once it is done.
    purges = Table(
        "archive_purges",
        metadata,
        Column("id", id_type, primary_key=True),
        Column("subject", String(DIGEST_CHARS), nullable=False),
        Column("why", String(16), nullable=False),  # withdrawn | disagree | erase
        Column("state", String(8), nullable=False),  # due | waiting (for an open conversation) | done
        Column("account", String(32), nullable=False, server_default=""),
        Column("customer", String(128), nullable=False, server_default=""),
        Column("counterpart", String(128), nullable=False, server_default=""),  # "": all of her
        Column("counts", JSON, nullable=False),  # class of thing → how many
        Column("opened_at", instant, nullable=False),
        Column("ready_at", instant),  # NULL: done
        Column("done_at", instant),
        Column("lease_token", String(32)),
        Column("lease_until", instant),
        Index(None, "ready_at"),
        Index(None, "subject"),
    )
    return ConsentTables(consents=consents, asks=asks, purges=purges)
