"""Leads are found by the name of their customer.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

from portal.database import SortKey
from portal.text import sort_key

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lead_customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", SortKey(), nullable=True))
    known = sa.table("lead_customer", sa.column("id"), sa.column("name"), sa.column("name_key"))
    for row in op.get_bind().execute(sa.select(known.c.id, known.c.name)).all():
        op.execute(known.update().where(known.c.id == row.id).values(name_key=sort_key(row.name)))
    with op.batch_alter_table("lead_customer", schema=None) as batch_op:
        batch_op.alter_column("name_key", existing_type=SortKey(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("lead_customer", schema=None) as batch_op:
        batch_op.drop_column("name_key")
