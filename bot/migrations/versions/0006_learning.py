"""Learning: what became of each script that was shown.

Revision ID: 0006_learning
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_learning"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "script_uses",
        sa.Column("id", _ID, nullable=False),
        sa.Column("conversation_id", _ID, nullable=False),
        sa.Column("turn_id", _ID, nullable=False),
        sa.Column("about_turn_id", _ID, nullable=False),
        sa.Column("asked_turn_id", _ID, nullable=False),
        sa.Column("script_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["about_turn_id"], ["turns.id"], name=op.f("fk_script_uses_about_turn_id")),
        sa.ForeignKeyConstraint(["asked_turn_id"], ["turns.id"], name=op.f("fk_script_uses_asked_turn_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_script_uses_conversation_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=op.f("fk_script_uses_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_uses")),
        sa.UniqueConstraint(
            "about_turn_id", "script_id", "kind", name=op.f("uq_script_uses_about_turn_id_script_id_kind")
        ),
    )
    with op.batch_alter_table("script_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_script_uses_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_script_uses_conversation_id_about_turn_id"),
            ["conversation_id", "about_turn_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_script_uses_turn_id"), ["turn_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("script_uses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_script_uses_turn_id"))
        batch_op.drop_index(batch_op.f("ix_script_uses_conversation_id_about_turn_id"))
        batch_op.drop_index(batch_op.f("ix_script_uses_at"))
    op.drop_table("script_uses")
