"""Work keeps a protection alive, and open registrations are capped.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("idle_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("most_open", sa.Integer(), nullable=True))


def downgrade() -> None:

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_column("most_open")
        batch_op.drop_column("idle_days")

    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.drop_column("worked_at")
