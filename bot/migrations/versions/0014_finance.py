"""Session archive: how far it is read, what lies aside, what was taken back early, files to fetch.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_pulls",
        sa.Column("id", _id(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rings", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rings_answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("complete_until", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_pulls")),
        sa.UniqueConstraint("account", name=op.f("uq_archive_pulls_account")),
    )
    op.create_table(
        "archive_poison",
        sa.Column("id", _id(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("msgid", sa.String(length=128), nullable=False),
        sa.Column("key_version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("code", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("random_key", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_poison")),
        sa.UniqueConstraint("account", "msgid", name=op.f("uq_archive_poison_account_msgid")),
    )
    op.create_index(op.f("ix_archive_poison_account_reason_seq"), "archive_poison", ["account", "reason", "seq"])
    op.create_table(
        "archive_recalls",
        sa.Column("id", _id(), nullable=False),
        sa.Column("msgid", sa.String(length=128), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_recalls")),
        sa.UniqueConstraint("msgid", name=op.f("uq_archive_recalls_msgid")),
    )
    op.create_table(
        "archive_media",
        sa.Column("id", _id(), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("room", sa.String(length=128), server_default="", nullable=False),
        sa.Column("msgid", sa.String(length=128), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("md5", sa.String(length=64), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("key_id", _id(), nullable=True),
        sa.Column("next_index", sa.Text(), server_default="", nullable=False),
        sa.Column("chunks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("path", sa.String(length=512), server_default="", nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_media")),
        sa.UniqueConstraint("msgid", "part", name=op.f("uq_archive_media_msgid_part")),
    )
    op.create_index(op.f("ix_archive_media_state_ready_at"), "archive_media", ["state", "ready_at"])
    op.create_index(op.f("ix_archive_media_account_customer"), "archive_media", ["account", "customer"])


def downgrade() -> None:
    for table in ("archive_media", "archive_recalls", "archive_poison", "archive_pulls"):
        op.drop_table(table)
