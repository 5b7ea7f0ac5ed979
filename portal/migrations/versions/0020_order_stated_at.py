"""Linked partners see when an order was restated, not when its price moved.

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE trade_order SET stated_at = public_at")
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.alter_column("stated_at", nullable=False)
        batch_op.drop_index("ix_trade_order_reseller")
        batch_op.create_index("ix_trade_order_reseller", ["reseller_id", "stated_at", "ref"])
        batch_op.create_index("ix_trade_order_stated", ["organisation_id", "stated_at", "ref"])


def downgrade() -> None:
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.drop_index("ix_trade_order_stated")
        batch_op.drop_index("ix_trade_order_reseller")
        batch_op.create_index("ix_trade_order_reseller", ["reseller_id", "public_at", "ref"])
        batch_op.drop_column("stated_at")
