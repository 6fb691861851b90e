"""Where what was said comes from; and how somebody likes her console.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("archive_sessions", sa.Column("region", sa.String(length=160), server_default="", nullable=False))
    # What was judged before learns where it comes from when it is judged again: at once, for all that has a ticket.
    op.execute(
        "UPDATE archive_sessions SET due_at = 0 WHERE due_at IS NULL AND conversation_id IN"
        " (SELECT conversation_id FROM tickets WHERE region <> '')"
    )
    op.create_table(
        "person_settings",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("hot_keys", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_settings")),
    )
    op.create_table(
        "ticket_mentions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_mentions")),
        sa.UniqueConstraint("note_id", "person", name=op.f("uq_ticket_mentions_note_id_person")),
    )
    op.create_index(op.f("ix_ticket_mentions_person_seen_at"), "ticket_mentions", ["person", "seen_at"])
    op.create_index(op.f("ix_ticket_mentions_ticket_id"), "ticket_mentions", ["ticket_id"])
    op.create_table(
        "trial_packs",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_trial_packs")),
    )


def downgrade() -> None:
    op.drop_table("trial_packs")
    op.drop_table("ticket_mentions")
    op.drop_table("person_settings")
    with op.batch_alter_table("archive_sessions") as batch:
        batch.drop_column("region")
