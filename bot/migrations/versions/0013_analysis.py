"""Analysis: what analyzers say, sessions and their features, quality findings.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_findings",
        sa.Column("id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("anchor", ID, nullable=False),
        sa.Column("entry_ids", sa.JSON(), nullable=False),
        sa.Column("agent", sa.String(length=128), server_default="", nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_findings")),
        sa.UniqueConstraint("session_id", "rule", "anchor", name=op.f("uq_archive_findings_session_id_rule_anchor")),
    )
    with op.batch_alter_table("archive_findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_findings_account_customer"), ["account", "customer"], unique=False)
        batch_op.create_index(batch_op.f("ix_archive_findings_at"), ["at"], unique=False)

    op.create_table(
        "archive_progress",
        sa.Column("analyzer", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upto", ID, nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("analyzer", name=op.f("pk_archive_progress")),
    )
    op.create_table(
        "archive_results",
        sa.Column("entry_id", ID, autoincrement=False, nullable=False),
        sa.Column("analyzer", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("label", sa.String(length=32), server_default="", nullable=False),
        sa.Column("failed", sa.String(length=64), server_default="", nullable=False),
        sa.Column("key_id", ID, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", "analyzer", name=op.f("pk_archive_results")),
    )
    with op.batch_alter_table("archive_results", schema=None) as batch_op:
        batch_op.create_index(
            "ix_archive_results_failed",
            ["analyzer", "failed"],
            unique=False,
            sqlite_where=sa.text("failed <> ''"),
            postgresql_where=sa.text("failed <> ''"),
        )

    op.create_table(
        "archive_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=128), nullable=False),
        sa.Column("room", sa.String(length=128), server_default="", nullable=False),
        sa.Column("conversation_id", ID, nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("agent", sa.String(length=128), server_default="", nullable=False),
        sa.Column("messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("customer_messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bot_messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("person_messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("timed", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("first_response_s", sa.Float(), nullable=True),
        sa.Column("slowest_response_s", sa.Float(), nullable=True),
        sa.Column("person_response_s", sa.Float(), nullable=True),
        sa.Column("mood_first", sa.Float(), nullable=True),
        sa.Column("mood_last", sa.Float(), nullable=True),
        sa.Column("mood_trend", sa.Float(), nullable=True),
        sa.Column("urgency", sa.Float(), nullable=True),
        sa.Column("complaint", sa.Float(), nullable=True),
        sa.Column("churn", sa.Float(), nullable=True),
        sa.Column("purchase", sa.Float(), nullable=True),
        sa.Column("unanswered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("satisfaction", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_sessions")),
    )
    with op.batch_alter_table("archive_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_archive_sessions_account_customer_room_ended_at"),
            ["account", "customer", "room", "ended_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_archive_sessions_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(
            "ix_archive_sessions_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_archive_sessions_started_at"), ["started_at"], unique=False)

    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_entries_session_id"), ["session_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("archive_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_entries_session_id"))

    with op.batch_alter_table("archive_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_sessions_started_at"))
        batch_op.drop_index(
            "ix_archive_sessions_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_archive_sessions_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_archive_sessions_account_customer_room_ended_at"))

    op.drop_table("archive_sessions")
    with op.batch_alter_table("archive_results", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_archive_results_failed", sqlite_where=sa.text("failed <> ''"), postgresql_where=sa.text("failed <> ''")
        )

    op.drop_table("archive_results")
    op.drop_table("archive_progress")
    with op.batch_alter_table("archive_findings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_findings_at"))
        batch_op.drop_index(batch_op.f("ix_archive_findings_account_customer"))

    op.drop_table("archive_findings")
