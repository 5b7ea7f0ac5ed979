"""Records of a file that bear on each other by something else than their ids are found.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_content", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claim", sa.String(length=255), nullable=False, server_default=""))
    with op.batch_alter_table("import_content", schema=None) as batch_op:
        batch_op.alter_column("claim", server_default=None)
        batch_op.create_index("ix_import_content_run_id_claim", ["run_id", "claim"])


def downgrade() -> None:
    with op.batch_alter_table("import_content", schema=None) as batch_op:
        batch_op.drop_index("ix_import_content_run_id_claim")
        batch_op.drop_column("claim")
