"""When a customer would like to have what they order.

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("order_details", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wished_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("order_details", schema=None) as batch_op:
        batch_op.drop_column("wished_on")
