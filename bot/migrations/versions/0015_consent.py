"""Consent: how people stand, whom to ask, what is to be purged and was.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_consents",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("counterpart", sa.String(length=128), server_default="", nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_consents")),
        sa.UniqueConstraint(
            "subject", "counterpart", "status", "changed_at",
            name=op.f("uq_archive_consents_subject_counterpart_status_changed_at"),
        ),
    )  # fmt: skip
    op.create_table(
        "archive_consent_asks",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("counterpart", sa.String(length=128), nullable=False),
        sa.Column("news_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_consent_asks")),
        sa.UniqueConstraint(
            "account", "customer", "counterpart", name=op.f("uq_archive_consent_asks_account_customer_counterpart")
        ),
    )
    with op.batch_alter_table("archive_consent_asks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_consent_asks_due_at"), ["due_at"], unique=False)
    op.create_table(
        "archive_purges",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("account", sa.String(length=32), server_default="", nullable=False),
        sa.Column("customer", sa.String(length=128), server_default="", nullable=False),
        sa.Column("counterpart", sa.String(length=128), server_default="", nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_purges")),
    )
    with op.batch_alter_table("archive_purges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_purges_ready_at"), ["ready_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_archive_purges_subject"), ["subject"], unique=False)


def downgrade() -> None:
    op.drop_table("archive_purges")
    op.drop_table("archive_consent_asks")
    op.drop_table("archive_consents")
