"""Tags: what customers are like, and what the platforms were told of it.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_tag_history",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("by", sa.String(length=128), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_tag_history")),
    )
    with op.batch_alter_table("archive_tag_history", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_archive_tag_history_account_customer_id"), ["account", "customer", "id"], unique=False
        )

    op.create_table(
        "archive_tag_watch",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("rules", sa.Integer(), server_default=sa.text("-1"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account", "customer", name=op.f("pk_archive_tag_watch")),
    )
    with op.batch_alter_table("archive_tag_watch", schema=None) as batch_op:
        batch_op.create_index(
            "ix_archive_tag_watch_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_archive_tag_watch_rules"), ["rules"], unique=False)

    op.create_table(
        "archive_tags",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(length=128), server_default="", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "customer", "tag", name=op.f("pk_archive_tags")),
    )
    with op.batch_alter_table("archive_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_tags_tag_state"), ["tag", "state"], unique=False)

    op.create_table(
        "tag_catalogue",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("grouping", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("platform_id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "grouping", "name", name=op.f("pk_tag_catalogue")),
    )
    op.create_table(
        "tag_catalogues",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("stale", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_tag_catalogues")),
    )
    op.create_table(
        "tag_follows",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("live", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("others", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("marked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account", "customer", "member", name=op.f("pk_tag_follows")),
    )
    op.create_table(
        "tag_targets",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asks", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("forgets", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "customer", name=op.f("pk_tag_targets")),
    )
    with op.batch_alter_table("tag_targets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_targets_state_next_at"), ["state", "next_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tag_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tag_targets_state_next_at"))

    op.drop_table("tag_targets")
    op.drop_table("tag_follows")
    op.drop_table("tag_catalogues")
    op.drop_table("tag_catalogue")
    with op.batch_alter_table("archive_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_tags_tag_state"))

    op.drop_table("archive_tags")
    with op.batch_alter_table("archive_tag_watch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_tag_watch_rules"))
        batch_op.drop_index(
            "ix_archive_tag_watch_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("archive_tag_watch")
    with op.batch_alter_table("archive_tag_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_tag_history_account_customer_id"))

    op.drop_table("archive_tag_history")
