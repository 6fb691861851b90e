"""Knowledge base: why a script's version was made, and which it restored.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("script_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("why", sa.String(length=500), server_default="", nullable=False))
        batch_op.add_column(sa.Column("restored_from", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("script_versions", schema=None) as batch_op:
        batch_op.drop_column("restored_from")
        batch_op.drop_column("why")
