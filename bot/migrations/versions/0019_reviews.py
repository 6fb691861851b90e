"""Reviews: what people think of how conversations were led.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_reviews",
        sa.Column("id", ID, nullable=False),
        sa.Column("anchor", ID, nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("room", sa.String(length=128), server_default="", nullable=False),
        sa.Column("agent", sa.String(length=128), nullable=False),
        sa.Column("reviewer", sa.String(length=128), nullable=False),
        sa.Column("sheet", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("passed", sa.Integer(), nullable=True),
        sa.Column("assigned_at", sa.BigInteger(), nullable=False),
        sa.Column("scored_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_reviews")),
        sa.UniqueConstraint("anchor", "reviewer", name=op.f("uq_archive_reviews_anchor_reviewer")),
    )
    with op.batch_alter_table("archive_reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_reviews_account_customer"), ["account", "customer"], unique=False)
        batch_op.create_index(batch_op.f("ix_archive_reviews_agent_id"), ["agent", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_archive_reviews_reviewer_state_id"), ["reviewer", "state", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_archive_reviews_state_id"), ["state", "id"], unique=False)

    op.create_table(
        "archive_review_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("review_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=True),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("key_id", ID, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_review_events")),
        sa.UniqueConstraint("review_id", "number", name=op.f("uq_archive_review_events_review_id_number")),
    )
    with op.batch_alter_table("archive_review_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_archive_review_events_key_id",
            ["key_id"],
            unique=False,
            sqlite_where=sa.text("key_id IS NOT NULL"),
            postgresql_where=sa.text("key_id IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("archive_review_events")
    op.drop_table("archive_reviews")
