"""The keys by which registrations and organisations are found, and what matching found.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_key",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("deal_id", sa.Integer(), sa.ForeignKey("deal.id")),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id")),
    )
    op.create_index("ix_match_key_kind_value_id", "match_key", ["kind", "value", "id"])
    op.create_index("ix_match_key_deal_id", "match_key", ["deal_id"])
    op.create_index("ix_match_key_organisation_id", "match_key", ["organisation_id"])
    op.create_table(
        "deal_match",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("deal_id", sa.Integer(), sa.ForeignKey("deal.id"), nullable=False),
        sa.Column("other_deal_id", sa.Integer(), sa.ForeignKey("deal.id")),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id")),
        sa.Column("opportunity_id", sa.Integer(), sa.ForeignKey("opportunity.id")),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("deal_id", "other_deal_id"),
        sa.UniqueConstraint("deal_id", "organisation_id"),
        sa.UniqueConstraint("deal_id", "opportunity_id"),
    )
    op.create_index("ix_deal_match_deal_id_score", "deal_match", ["deal_id", "score"])
    op.create_index("ix_deal_match_other_deal_id", "deal_match", ["other_deal_id"])
    op.create_index("ix_deal_match_organisation_id", "deal_match", ["organisation_id"])
    op.create_index("ix_deal_match_opportunity_id", "deal_match", ["opportunity_id"])


def downgrade() -> None:
    op.drop_table("deal_match")
    op.drop_table("match_key")
