"""Archive: the transcript.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("voice", sa.String(length=8), nullable=False),
        sa.Column("who", sa.String(length=128), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("recalled", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_entries")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_archive_entries_source_source_id")),
    )
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_archive_entries_account_customer_at"), ["account", "customer", "at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_archive_entries_conversation_id_at_id"), ["conversation_id", "at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_entries_conversation_id_at_id"))
        batch_op.drop_index(batch_op.f("ix_archive_entries_account_customer_at"))
    op.drop_table("archive_entries")
