"""Does whoever adds a table that names a customer think of her going?"""

from __future__ import annotations

from bot.bootstrap import ARCHIVE_TABLES, HANDOFF_TABLES
from bot.store.tables import METADATA, addresses, conversations, customers, inbox, media, outbox, sent_files, turns
from bot.store.uses import script_uses
from bot.tagging.tables import tag_follows, tag_targets

TAGS = ARCHIVE_TABLES.tags
ANALYSIS, FINANCE, CONSENT = ARCHIVE_TABLES.analysis, ARCHIVE_TABLES.finance, ARCHIVE_TABLES.consent
REVIEWS = ARCHIVE_TABLES.reviews
NAMES = {"customer", "unionid", "external_userid", "openid"}
# What a purge empties or removes; tests/journeys/test_privacy.py looks whether anything of her is left.
PURGED = {
    addresses, conversations, customers, HANDOFF_TABLES.tickets, ARCHIVE_TABLES.entries, ANALYSIS.sessions,
    ANALYSIS.findings, REVIEWS.reviews, FINANCE.media, CONSENT.asks, CONSENT.purges, TAGS.tags, TAGS.history,
    TAGS.watch, tag_follows, tag_targets, sent_files,
}  # fmt: skip
# What hangs on those by id, and goes or is emptied with them.
HANGING = {
    inbox, outbox, turns, media, script_uses, ARCHIVE_TABLES.tokens, ANALYSIS.results, HANDOFF_TABLES.ticket_events,
    HANDOFF_TABLES.ticket_notes, HANDOFF_TABLES.ticket_mentions, HANDOFF_TABLES.ticket_attachments, REVIEWS.events,
}  # fmt: skip


def test_every_table_that_names_a_customer_is_purged() -> None:
    naming = {table for table in METADATA.sorted_tables if NAMES & set(table.c.keys())}
    assert {table.name for table in naming} == {table.name for table in PURGED}


def test_every_table_that_hangs_on_an_entry_goes_with_it() -> None:
    hanging = {table for table in METADATA.sorted_tables if "entry_id" in table.c}
    assert {table.name for table in hanging} <= {table.name for table in HANGING}
    assert {table.name for table in ARCHIVE_TABLES.of_entries} == {table.name for table in hanging}
