"""Shares are offered to an address, and taken up by whoever proves that it is theirs.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

from portal.database import new_ref

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_share = sa.table(
    "share",
    sa.column("id", sa.Integer),
    sa.column("ref", sa.String),
    sa.column("person_id", sa.Integer),
    sa.column("organisation_id", sa.Integer),
    sa.column("is_for_company", sa.Boolean),
    sa.column("starts_at", _MOMENT),
    sa.column("shared_at", _MOMENT),
)


def upgrade() -> None:
    with op.batch_alter_table("share") as batch_op:
        batch_op.add_column(sa.Column("ref", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("address", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_for_company", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("joined_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shared_for_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shared_at", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("reads_from", _MOMENT, nullable=True))
    _fill(op.get_bind())
    with op.batch_alter_table("share") as batch_op:
        batch_op.alter_column("organisation_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column("ref", existing_type=sa.String(length=12), nullable=False)
        batch_op.alter_column("shared_at", existing_type=_MOMENT, nullable=False)
        batch_op.alter_column("address", existing_type=sa.Text(), server_default=None)
        batch_op.alter_column("is_for_company", existing_type=sa.Boolean(), server_default=None)
        batch_op.create_unique_constraint(op.f("uq_share_ref"), ["ref"])
        batch_op.create_foreign_key(op.f("fk_share_joined_by_id"), "person", ["joined_by_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_share_shared_for_id"), "organisation", ["shared_for_id"], ["id"])
        batch_op.create_index(op.f("ix_share_address"), ["address"])
        batch_op.create_index("ix_share_shared_by_id", ["shared_by_id", "shared_at"])


def _fill(connection: sa.Connection) -> None:
    """What was shared before stays: nobody had to be asked for it."""
    connection.execute(
        sa.update(_share).values(shared_at=_share.c.starts_at, is_for_company=_share.c.person_id.is_(None))
    )
    refs = [{"share_id": id_, "new_ref": new_ref("SH")} for id_ in connection.scalars(sa.select(_share.c.id))]
    if refs:
        statement = sa.update(_share).where(_share.c.id == sa.bindparam("share_id"))
        connection.execute(statement.values(ref=sa.bindparam("new_ref")), refs)


def downgrade() -> None:
    op.execute(sa.delete(_share).where(_share.c.organisation_id.is_(None)))
    with op.batch_alter_table("share") as batch_op:
        batch_op.drop_index("ix_share_shared_by_id")
        batch_op.drop_index(op.f("ix_share_address"))
        batch_op.drop_constraint(op.f("fk_share_shared_for_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_share_joined_by_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_share_ref"), type_="unique")
        batch_op.alter_column("organisation_id", existing_type=sa.Integer(), nullable=False)
        for name in ("reads_from", "shared_at", "shared_for_id", "joined_by_id", "is_for_company", "address", "ref"):
            batch_op.drop_column(name)
