"""Alembic's entry: run the history on the connection that `bot.migrations` passes."""

from alembic import context

import bot.bootstrap  # noqa: F401 - defines every package's tables in METADATA
from bot.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
