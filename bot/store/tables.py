"""Where is bot's truth kept? The tables of the journey; other packages own theirs, no foreign keys across.

Times are Instants: milliseconds since 1970 UTC in an integer column, so that SQLite and PostgreSQL
compare, sort and index them alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = BigInteger().with_variant(Integer, "sqlite")


def as_kept(moment: datetime) -> datetime:
    """The moment as an Instant keeps it, to be compared with one that was read: to the nearest millisecond."""
    return datetime.fromtimestamp(round(moment.timestamp() * 1000) / 1000, UTC)


class Instant(TypeDecorator[datetime]):
    """A UTC-aware datetime, kept as integer milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an Instant needs an aware datetime")
        return round(value.timestamp() * 1000)

    @override
    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


# One row per Address: its queue of messages, the lease of the worker that serves it, its send budget.
addresses = Table(
    "addresses",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("inbox", String(64), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("pending", Integer, nullable=False, server_default=text("0")),
    Column("ready_at", Instant, nullable=False),
    Column("held", Integer, nullable=False, server_default=text("0")),  # 1: until ready_at for the rest of a thought
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("sends_left", Integer, nullable=False, server_default=text("0")),
    Column("window_ends_at", Instant),
    UniqueConstraint("account", "inbox", "customer"),
    Index(None, "pending", "ready_at"),
)

# Every verified message and event, once; what redelivery repeats is a no-op on (account, message_id).
inbox = Table(
    "inbox",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("address_id", Id, ForeignKey("addresses.id"), nullable=False),
    Column("body", JSON, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("waits_until", Instant),  # looks unfinished: what follows belongs to it, and is waited for so long
    Column("state", String(8), nullable=False, server_default="pending"),  # pending | done | dead
    Column("answerable", Integer, nullable=False, server_default=text("1")),  # 0: stored at first start, not answered
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    UniqueConstraint("account", "message_id"),
    Index(None, "address_id", "state", "sent_at", "id"),
)

# One person's dealing with one inbox, from the first message until it is closed.
conversations = Table(
    "conversations",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("address_id", Id, ForeignKey("addresses.id"), nullable=False),
    Column("account", String(32), nullable=False),
    Column("inbox", String(64), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),  # open | closed
    # Ownership: written by handoff.Desk alone, each time with version = version + 1.
    Column("owner", String(8), nullable=False, server_default="bot"),  # bot | queue | agent
    Column("team", String(64)),
    Column("agent", String(64)),
    Column("ticket_id", Id),
    Column("version", Integer, nullable=False, server_default=text("1")),
    # What the next decision needs to know.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("choices", JSON),
    Column("scene", String(256), nullable=False, server_default=""),
    Column("slots", JSON),  # facts she told us by name, and the one we asked for last
    Column("promises", JSON),  # what the last person left open, for the bot (return contract)
    Column("stretch", JSON),  # the last time a person had it: ticket, agent, outcome, until when (return contract)
    Column("owed", JSON),  # the ticket that the end of a session left unanswered, until it is taken up again
    Column("session_state", Integer),  # 微信客服 service_state as last known (0–4)
    Column("session_checked_at", Instant),  # when WeCom was last asked for it by the sweep
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index(
        "uq_conversations_open",
        "account",
        "inbox",
        "customer",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(None, "owner", "state"),
    Index(None, "updated_at"),
    Index(None, "address_id", "id"),
)

# What was decided about each message (exactly one turn an inbox row) and what people said from here.
turns = Table(
    "turns",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id")),
    Column("inbox_id", Id, ForeignKey("inbox.id"), unique=True),
    Column("client_id", String(64), unique=True),
    Column("author", String(16), nullable=False),  # customer | agent | servicer | system
    # answered | asked_back | handed_over | greeted | silent | said | joined (see joined_into)
    Column("decision", String(16), nullable=False),
    Column("reason", String(128), nullable=False, server_default=""),
    Column("explanation", JSON),
    Column("joined_into", Id),  # the turn of the message this one was read together with
    Column("created_at", Instant, nullable=False),
    Index(None, "conversation_id", "id"),
    Index(None, "joined_into"),
    Index(None, "created_at"),
)

# Every effect on the outside world, written in the transaction that decided it, delivered after commit.
outbox = Table(
    "outbox",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("msgid", String(32), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("account", String(32), nullable=False),
    Column("address_id", Id, ForeignKey("addresses.id"), nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id")),
    Column("turn_id", Id, ForeignKey("turns.id")),
    Column("speaker", String(8), nullable=False),  # bot | agent | system
    Column("payload", JSON, nullable=False),
    Column("ordered", Integer, nullable=False, server_default=text("1")),  # 1: waits for earlier words to this address
    Column("inline_inbox_id", Id),  # may leave inside the response to this inbox row (passive answering)
    Column(
        "state", String(10), nullable=False, server_default="pending"
    ),  # pending | inline | sent | dropped | dead | uncertain
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("spent", Integer, nullable=False, server_default=text("0")),  # 1: counted against the send budget
    Column("next_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("error", Text),
    Column("advice", Text),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index(None, "state", "next_at"),
    Index(None, "address_id", "state", "id"),
    Index(None, "inline_inbox_id"),
)

# WeCom template cards told to agents; first click wins, the others are updated with the single-use response_code.
cards = Table(
    "cards",
    METADATA,
    Column("task_id", String(128), primary_key=True),
    Column("account", String(32), nullable=False),
    Column("ticket_id", Id, nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("offer_id", Id),  # the offer it makes; NULL: it calls whoever comes first
    Column("receivers", JSON, nullable=False),
    Column("response_code", String(256), nullable=False, server_default=""),
    Column("state", String(8), nullable=False),  # open | settled
    Column("sent_at", Instant, nullable=False),
    Index(None, "ticket_id"),
)

# A customer as one account knows them; rows with the same unionid share person_id.
customers = Table(
    "customers",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("unionid", String(64)),
    Column("person_id", Id),
    Column("nickname", String(128), nullable=False, server_default=""),
    Column("profile", JSON),
    Column("fetched_at", Instant),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("account", "customer"),
    Index(None, "unionid"),
    Index(None, "person_id"),
)

# 微信客服: how far each open_kfid has been read, whether there is news, and who reads it now.
kf_cursors = Table(
    "kf_cursors",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("open_kfid", String(64), nullable=False),
    Column("cursor", String(128), nullable=False, server_default=""),
    Column("token", String(256), nullable=False, server_default=""),
    Column("token_at", Instant),
    Column("rings", Integer, nullable=False, server_default=text("0")),
    Column("rings_answered", Integer, nullable=False, server_default=text("0")),
    Column("drained", Integer, nullable=False, server_default=text("0")),  # first start is over
    Column("ready_at", Instant, nullable=False),
    Column("pulled_at", Instant),
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("error", Text),
    UniqueConstraint("account", "open_kfid"),
)

# Pictures, voices, videos and files, fetched before the platform forgets them (3 days).
media = Table(
    "media",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("media_id", String(256), nullable=False),
    Column("inbox_id", Id),
    Column("kind", String(8), nullable=False),
    Column("state", String(8), nullable=False),  # fetched | refused
    Column("path", String(512)),
    Column("content_type", String(64)),
    Column("bytes", BigInteger),
    Column("sha256", String(64)),
    Column("problem", Text),
    Column("fetched_at", Instant, nullable=False),
    UniqueConstraint("account", "media_id"),
)

# Pictures and videos of the content pack that are sent with scripts; here, so that every process has them.
pack_files = Table(
    "pack_files",
    METADATA,
    Column("name", String(200), primary_key=True),  # within the pack
    Column("digest", String(64), nullable=False),  # SHA-256 of data
    Column("data", LargeBinary, nullable=False),
    Column("applied_at", Instant, nullable=False),
)

# What an account was given to send. The platform keeps it for 3 days; until then it is not uploaded again.
uploads = Table(
    "uploads",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("kind", String(8), primary_key=True),  # image | video
    Column("digest", String(64), primary_key=True),  # SHA-256 of the file, or of the address where it lies
    Column("media_id", String(256), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# Pictures, videos and files that people sent to a customer from the workbench.
sent_files = Table(
    "sent_files",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("account", String(32), nullable=False),
    Column("customer", String(128), nullable=False),
    Column("kind", String(8), nullable=False),  # image | video | file
    Column("name", String(200), nullable=False),
    Column("content_type", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of data
    Column("data", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "account", "customer"),
)

# How far each agent has read a conversation: the archive's entry she saw last.
desk_looks = Table(
    "desk_looks",
    METADATA,
    Column("agent", String(64), primary_key=True),
    Column("conversation_id", Id, primary_key=True, autoincrement=False),
    Column("entry", Id, nullable=False),
    Column("at", Instant, nullable=False),
)

# What we learned about an account at run time (does it have the customer-service API?).
account_facts = Table(
    "account_facts",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("fact", String(32), primary_key=True),
    Column("value", String(256), nullable=False),
    Column("at", Instant, nullable=False),
)

# The settings that came with the content pack and are not scripts: greetings, replies, routing, teams.
content = Table(
    "content",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("applied_at", Instant, nullable=False),
)

# Every version of content there was, the current one included.
content_versions = Table(
    "content_versions",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("applied_by", String(128), nullable=False),
)

# What is to replace files of the content, once approved. body: {"text": …}; based_on: the file's version it began as.
content_drafts = Table(
    "content_drafts",
    METADATA,
    Column("name", String(200), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(128), nullable=False),
)

# Content packs that are being tried, as zips. mark: SHA-256 of the data.
trial_packs = Table(
    "trial_packs",
    METADATA,
    Column("mark", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(128), nullable=False),
)

# Questions that no script shall answer, by the hash of their words.
settled_questions = Table(
    "settled_questions",
    METADATA,
    Column("mark", String(32), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String(128), nullable=False),
)
