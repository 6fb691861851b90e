"""Where are tokens, webhooks and what they were told kept? Three tables of ours in the application's metadata."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from bot.store.tables import METADATA, Id, Instant

api_tokens = Table(
    "api_tokens",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of the secret: random, so it needs no salt
    Column("scopes", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("used_at", Instant),  # to the minute
    Column("revoked_at", Instant),
)

webhooks = Table(
    "webhooks",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("url", String(500), nullable=False),
    Column("salt", String(43), nullable=False),  # of the secret that signs, which is derived and kept nowhere
    Column("events", JSON, nullable=False),
    Column("by", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # on | off | failed
    Column("why", Text, nullable=False, server_default=""),
    Column("since", Instant, nullable=False),  # told of what happened from then on
    Column(
        "seen", Id, nullable=False, server_default=text("0")
    ),  # newest id of the tickets' history that was looked at
    Column("failures", Integer, nullable=False, server_default=text("0")),  # deliveries given up in a row
)

webhook_deliveries = Table(
    "webhook_deliveries",
    METADATA,
    Column("id", String(32), primary_key=True),  # what the receiver sees; the same at every try
    Column("webhook_id", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", Id, nullable=False),  # of the ticket's history; 0 for a trial
    Column("event", String(40), nullable=False),
    Column("ticket_id", Id, nullable=False),
    Column("body", Text, nullable=False),  # what is sent, the same at every try; no word of a customer's
    Column("at", Instant, nullable=False),
    Column("state", String(8), nullable=False),  # pending | sent | dead
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=False),
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("status", Integer),  # HTTP status of the last try
    Column("error", Text, nullable=False, server_default=""),
    Index(None, "state", "next_at"),
    Index(
        "uq_webhook_deliveries_told",
        "webhook_id",
        "event_id",
        unique=True,
        sqlite_where=text("event_id > 0"),
        postgresql_where=text("event_id > 0"),
    ),
)
