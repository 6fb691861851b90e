"""What do the platforms know of our tags, and what is still to be told to them?

`archive_tags` says what is wanted. These tables say what is written, member by member, and what may have been.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, text

from bot.store.tables import METADATA, Instant

# A customer whose tags at the platform may differ from ours.
tag_targets = Table(
    "tag_targets",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("customer", String(128), primary_key=True),
    Column("channel", String(20), nullable=False),  # wecom | official_account: whose tags they are
    # pending | done | waiting (nobody follows her, or she does not follow us) | dead
    Column("state", String(8), nullable=False),
    Column("asks", Integer, nullable=False, server_default=text("1")),  # 1: who follows her is to be asked first
    Column("forgets", Integer, nullable=False, server_default=text("0")),  # 1: all of ours is removed, then this row
    Column("revision", Integer, nullable=False, server_default=text("1")),  # raised by all that may need writing
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant, nullable=False),
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("error", Text),
    Column("advice", Text),
    Column("changed_at", Instant, nullable=False),
    Index(None, "state", "next_at"),
)

# What was written for her: at WeCom by each member who follows her, at an official account by the member "".
tag_follows = Table(
    "tag_follows",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("customer", String(128), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("live", Integer, nullable=False, server_default=text("1")),  # 0: the member follows her no more (84061)
    Column("written", JSON, nullable=False),  # names of our tags that stand there, as the platform confirmed
    Column("ours", JSON, nullable=False),  # names that we put there or tried to: noted before the call leaves
    Column("theirs", JSON, nullable=False),  # names of our tags that people put there: they stay
    Column("others", Integer, nullable=False, server_default=text("0")),  # how many further tags she has there
    Column("marked_at", Instant),
)

# The platform's own list of tags, as far as it concerns us.
tag_catalogue = Table(
    "tag_catalogue",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("grouping", String(64), primary_key=True),  # "" at official accounts, which have no groups
    Column("name", String(64), primary_key=True),
    Column("platform_id", String(64), nullable=False),  # "": people deleted it, and it is not made again
    Column("since", Instant, nullable=False),  # when it got this id
)

# Who reads and extends that list: one process at a time.
tag_catalogues = Table(
    "tag_catalogues",
    METADATA,
    Column("account", String(32), primary_key=True),
    Column("stale", Integer, nullable=False, server_default=text("1")),  # 1: it changed, or was never read
    Column("lease_token", String(32)),
    Column("lease_until", Instant),
    Column("read_at", Instant),
    Column("problem", Text),  # why a tag of ours is not there
)
