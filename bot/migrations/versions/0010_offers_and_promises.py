"""Handoff: offers, agents' states and channels, notes, links, attachments, SLA clocks, ratings; the person's stretch.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    _add_columns()


def downgrade() -> None:
    _drop_columns()
    _drop_tables()


def _create_tables() -> None:
    op.create_table(
        "agent_states",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_states")),
    )
    with op.batch_alter_table("agent_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agent_states_agent_id_at"), ["agent_id", "at"], unique=False)

    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_agent_state"), ["agent", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_offers_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_offers_state_expires_at"), ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_offers_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "uq_offers_open",
            ["conversation_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "ratings",
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("rated_at", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ratings_asked_at"), ["asked_at"], unique=False)

    op.create_table(
        "sla_clocks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("metric", sa.String(length=16), nullable=False),
        sa.Column("cycle", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("target_ms", sa.BigInteger(), nullable=False),
        sa.Column("spent_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("running_since", sa.BigInteger(), nullable=True),
        sa.Column("warns_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Integer(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clocks")),
        sa.UniqueConstraint("ticket_id", "metric", "cycle", name=op.f("uq_sla_clocks_ticket_id_metric_cycle")),
    )
    with op.batch_alter_table("sla_clocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sla_clocks_next_at"), ["next_at"], unique=False)

    op.create_table(
        "ticket_attachments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=512), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_attachments")),
        sa.UniqueConstraint("ticket_id", "reference", name=op.f("uq_ticket_attachments_ticket_id_reference")),
    )
    op.create_table(
        "ticket_links",
        sa.Column(
            "ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", "kind", name=op.f("pk_ticket_links")),
    )
    op.create_table(
        "ticket_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_notes")),
    )
    with op.batch_alter_table("ticket_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_notes_ticket_id_id"), ["ticket_id", "id"], unique=False)

    op.create_table(
        "agent_channels",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("active >= 0", name="ck_agent_channels_active_not_negative"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_agent_channels_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "channel", name=op.f("pk_agent_channels")),
    )


def _add_columns() -> None:
    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("status_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("status_until", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("leaves_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("offered", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("last_assigned_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("skills", sa.JSON(), nullable=True))

    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stretch", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("session_checked_at", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversations_address_id_id"), ["address_id", "id"], unique=False)

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("type", sa.String(length=24), server_default="question", nullable=False))
        batch_op.add_column(sa.Column("source", sa.String(length=256), server_default="", nullable=False))
        batch_op.add_column(sa.Column("region", sa.String(length=128), server_default="", nullable=False))
        batch_op.add_column(sa.Column("skills", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("sla", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("card", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("queued_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("released_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("first_response_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("pending_until", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(
            sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("overflowed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("escalated_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("told_position", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_tickets_account_customer_opened_at"), ["account", "customer", "opened_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tickets_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_opened_at"), ["opened_at"], unique=False)


def _drop_columns() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tickets_opened_at"))
        batch_op.drop_index(batch_op.f("ix_tickets_closed_at"))
        batch_op.drop_index(batch_op.f("ix_tickets_account_customer_opened_at"))
        batch_op.drop_column("told_position")
        batch_op.drop_column("escalated_at")
        batch_op.drop_column("overflowed_at")
        batch_op.drop_column("merged_into")
        batch_op.drop_column("reopened")
        batch_op.drop_column("pending_until")
        batch_op.drop_column("first_response_at")
        batch_op.drop_column("released_by")
        batch_op.drop_column("queued_at")
        batch_op.drop_column("card")
        batch_op.drop_column("facts")
        batch_op.drop_column("sla")
        batch_op.drop_column("skills")
        batch_op.drop_column("region")
        batch_op.drop_column("source")
        batch_op.drop_column("type")

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_address_id_id"))
        batch_op.drop_column("session_checked_at")
        batch_op.drop_column("stretch")

    with op.batch_alter_table("cards", schema=None) as batch_op:
        batch_op.drop_column("offer_id")

    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.drop_column("skills")
        batch_op.drop_column("last_assigned_at")
        batch_op.drop_column("offered")
        batch_op.drop_column("leaves_at")
        batch_op.drop_column("status_until")
        batch_op.drop_column("status_at")


def _drop_tables() -> None:
    op.drop_table("agent_channels")
    with op.batch_alter_table("ticket_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_notes_ticket_id_id"))

    op.drop_table("ticket_notes")
    op.drop_table("ticket_links")
    op.drop_table("ticket_attachments")
    with op.batch_alter_table("sla_clocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sla_clocks_next_at"))

    op.drop_table("sla_clocks")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ratings_asked_at"))

    op.drop_table("ratings")
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offers_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_offers_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_offers_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_offers_made_at"))
        batch_op.drop_index(batch_op.f("ix_offers_agent_state"))

    op.drop_table("offers")
    with op.batch_alter_table("agent_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agent_states_agent_id_at"))

    op.drop_table("agent_states")
