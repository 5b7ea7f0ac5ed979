"""Receipts, their signing keys and daily heads

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

from portal.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(43), nullable=False),
        sa.Column("public", sa.String(43), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
        sa.UniqueConstraint("in_use", name=op.f("uq_signing_key_in_use")),
    )
    op.create_table(
        "daily_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_head")),
        sa.UniqueConstraint("day", name=op.f("uq_daily_head_day")),
    )
    op.create_table(
        "receipt",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("record_ref", sa.String(12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kid", sa.String(43), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("previous_sha256", sa.String(64), nullable=True),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_receipt_organisation_id")),
        sa.ForeignKeyConstraint(["head_id"], ["daily_head.id"], name=op.f("fk_receipt_head_id")),
        sa.UniqueConstraint("kind", "record_id", "sequence", name=op.f("uq_receipt_kind_record_id_sequence")),
        sa.UniqueConstraint("ref", name=op.f("uq_receipt_ref")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index("ix_receipt_waiting", ["head_id", "at"], unique=False)


def downgrade() -> None:
    for table in ("receipt", "daily_head", "signing_key"):
        op.drop_table(table)
