"""Bubbles: messages that wait for the rest of a thought, and the turn they joined.

Revision ID: 0007
Revises: 0006_learning
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006_learning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("addresses", sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("inbox", sa.Column("waits_until", sa.BigInteger(), nullable=True))
    joined_into = sa.Column("joined_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    op.add_column("turns", joined_into)
    op.create_index(op.f("ix_turns_joined_into"), "turns", ["joined_into"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_turns_joined_into"), table_name="turns")
    op.drop_column("turns", "joined_into")
    op.drop_column("inbox", "waits_until")
    op.drop_column("addresses", "held")
