"""How opportunities are found, what happened to them, and direct sales in the contact history.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

from portal.database import SortKey
from portal.text import sort_key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title_key", SortKey(), nullable=True))
    known = sa.table("opportunity", sa.column("id"), sa.column("title"), sa.column("title_key"))
    for row in op.get_bind().execute(sa.select(known.c.id, known.c.title)).all():
        op.execute(known.update().where(known.c.id == row.id).values(title_key=sort_key(row.title)))
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.alter_column("title_key", existing_type=SortKey(), nullable=False)
        batch_op.create_index("ix_opportunity_activity", ["activity_at", "ref"], unique=False)
    op.create_table(
        "opportunity_event",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("is_by_staff", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_opportunity_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_event_opportunity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_event")),
    )
    with op.batch_alter_table("opportunity_event", schema=None) as batch_op:
        batch_op.create_index("ix_opportunity_event_opportunity_id_id", ["opportunity_id", "id"], unique=False)
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opportunity_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_activity_opportunity_id", ["opportunity_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_activity_opportunity_id"), "opportunity", ["opportunity_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activity_opportunity_id"), type_="foreignkey")
        batch_op.drop_index("ix_activity_opportunity_id")
        batch_op.drop_column("opportunity_id")
    op.drop_table("opportunity_event")
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index("ix_opportunity_activity")
        batch_op.drop_column("title_key")
