"""Tiers, targets, absences, and how long decisions took.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tier_terms",
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("won_count", sa.Integer(), nullable=False),
        sa.Column("won_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("benefits", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_terms")),
        sa.UniqueConstraint("tier", name=op.f("uq_tier_terms_tier")),
    )
    op.create_table(
        "absence",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_absence_deputy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("ref", name=op.f("uq_absence_ref")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index("ix_absence_person_id", ["person_id", "ends_on"], unique=False)

    op.create_table(
        "target",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_target_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("organisation_id", "year", "quarter", name=op.f("uq_target_organisation_id_year_quarter")),
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("deal_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("minutes_late", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_deal_event_at",
            ["at"],
            unique=False,
            sqlite_where=sa.column("minutes").is_not(None),
            postgresql_where=sa.column("minutes").is_not(None),
        )


def downgrade() -> None:

    with op.batch_alter_table("deal_event", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deal_event_at",
            sqlite_where=sa.column("minutes").is_not(None),
            postgresql_where=sa.column("minutes").is_not(None),
        )
        batch_op.drop_column("minutes_late")
        batch_op.drop_column("minutes")

    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.drop_column("waiting_since")

    op.drop_table("target")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_person_id")
        batch_op.drop_index(batch_op.f("ix_absence_deputy_id"))

    op.drop_table("absence")
    op.drop_table("tier_terms")
