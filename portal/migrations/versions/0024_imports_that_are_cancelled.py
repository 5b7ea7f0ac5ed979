"""Imports can be cancelled, and how numbers and dates are written is remembered.

Revision: 0024, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_cancellation",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_import_cancellation_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_cancellation_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_cancellation")),
        sa.UniqueConstraint("run_id", name=op.f("uq_import_cancellation_run_id")),
    )
    op.create_index(op.f("ix_import_cancellation_person_id"), "import_cancellation", ["person_id"])
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decimal", sa.String(length=1), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("date_order", sa.String(length=3), nullable=False, server_default=""))
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.alter_column("decimal", server_default=None)
        batch_op.alter_column("date_order", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_mapping", schema=None) as batch_op:
        batch_op.drop_column("date_order")
        batch_op.drop_column("decimal")
    op.drop_table("import_cancellation")
