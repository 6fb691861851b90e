"""Script changes: numbered in the order of their commits, so that a process reads only what is new to it.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scripts", sa.Column("changed_in", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_scripts_changed_in"), "scripts", ["changed_in"], unique=False)
    op.create_table(
        "script_changes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_changes")),
    )


def downgrade() -> None:
    op.drop_table("script_changes")
    op.drop_index(op.f("ix_scripts_changed_in"), table_name="scripts")
    op.drop_column("scripts", "changed_in")
