"""Reviews of each person who spoke in a session: one reviewer may look at what several did in the same.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BEFORE, AFTER = "uq_archive_reviews_anchor_reviewer", "uq_archive_reviews_anchor_agent_reviewer"


def upgrade() -> None:
    with op.batch_alter_table("archive_reviews") as batch:
        batch.drop_constraint(op.f(BEFORE), type_="unique")
        batch.create_unique_constraint(op.f(AFTER), ["anchor", "agent", "reviewer"])


def downgrade() -> None:
    # Before, there was room for the first of them only.
    op.execute(
        "DELETE FROM archive_reviews WHERE id NOT IN (SELECT min(id) FROM archive_reviews GROUP BY anchor, reviewer)"
    )
    op.execute("DELETE FROM archive_review_events WHERE review_id NOT IN (SELECT id FROM archive_reviews)")
    with op.batch_alter_table("archive_reviews") as batch:
        batch.drop_constraint(op.f(AFTER), type_="unique")
        batch.create_unique_constraint(op.f(BEFORE), ["anchor", "reviewer"])
