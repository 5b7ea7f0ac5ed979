"""Lists of orders are read in their order, whatever kinds they hold.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_IS_DUE = sa.text("due_on IS NOT NULL")
_OWED = {"sqlite_where": _IS_DUE, "postgresql_where": _IS_DUE}


def upgrade() -> None:
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.drop_index("ix_trade_order_dates")
        batch_op.drop_index("ix_trade_order_due", **_OWED)
        batch_op.create_index("ix_trade_order_recent", ["activity_at", "ref"])
        batch_op.create_index("ix_trade_order_dates", ["ordered_on", "ref"])
        batch_op.create_index("ix_trade_order_due", ["due_on", "ref"], **_OWED)
        batch_op.create_index("ix_trade_order_owed", ["organisation_id", "capacity", "due_on", "ref"], **_OWED)


def downgrade() -> None:
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.drop_index("ix_trade_order_owed", **_OWED)
        batch_op.drop_index("ix_trade_order_due", **_OWED)
        batch_op.drop_index("ix_trade_order_dates")
        batch_op.drop_index("ix_trade_order_recent")
        batch_op.create_index("ix_trade_order_dates", ["kind", "ordered_on", "ref"])
        batch_op.create_index("ix_trade_order_due", ["kind", "due_on", "ref"], **_OWED)
