"""Leads that are handed out to partners, and what partners know how to sell.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lead",
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("handed_out_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_out_at", _MOMENT, nullable=True),
        sa.Column("answer_hours", sa.Integer(), nullable=True),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", _MOMENT, nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_lead_created_by_id")),
        sa.ForeignKeyConstraint(["handed_out_by_id"], ["person.id"], name=op.f("fk_lead_handed_out_by_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["organisation.id"], name=op.f("fk_lead_partner_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_lead_deal_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_lead_deal_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_lead_ref")),
    )
    op.create_index("ix_lead_updated", "lead", ["updated_at", "ref"])
    op.create_index("ix_lead_state", "lead", ["state", "updated_at", "ref"])
    op.create_index("ix_lead_created_by_id", "lead", ["created_by_id", "updated_at", "ref"])
    op.create_index(op.f("ix_lead_partner_id"), "lead", ["partner_id"])
    _create_parts()
    _create_offers()
    op.create_table(
        "partner_skill",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_partner_skill_organisation_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_partner_skill_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_skill")),
        sa.UniqueConstraint("organisation_id", "product_id", name=op.f("uq_partner_skill_organisation_id_product_id")),
    )
    op.create_index(op.f("ix_partner_skill_product_id"), "partner_skill", ["product_id"])


def _create_parts() -> None:
    op.create_table(
        "lead_customer",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_role", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_customer_lead_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lead_customer_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_customer")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_lead_customer_lead_id")),
    )
    op.create_index(op.f("ix_lead_customer_organisation_id"), "lead_customer", ["organisation_id"])
    op.create_table(
        "lead_line",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_line_lead_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lead_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_line")),
    )
    op.create_index(op.f("ix_lead_line_lead_id"), "lead_line", ["lead_id"])
    op.create_index(op.f("ix_lead_line_product_id"), "lead_line", ["product_id"])


def _create_offers() -> None:
    op.create_table(
        "lead_candidate",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_candidate_lead_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lead_candidate_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_candidate")),
        sa.UniqueConstraint("lead_id", "organisation_id", name=op.f("uq_lead_candidate_lead_id_organisation_id")),
    )
    op.create_index(op.f("ix_lead_candidate_organisation_id"), "lead_candidate", ["organisation_id"])
    op.create_table(
        "lead_offer",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("offered_at", _MOMENT, nullable=False),
        sa.Column("answer_by", _MOMENT, nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_offer_lead_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_lead_offer_organisation_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_lead_offer_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_offer")),
        sa.UniqueConstraint("lead_id", "organisation_id", name=op.f("uq_lead_offer_lead_id_organisation_id")),
    )
    is_open = sa.text("state IN ('offered', 'accepted')")
    op.create_index(
        "uq_lead_offer_open", "lead_offer", ["lead_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_lead_offer_organisation_id", "lead_offer", ["organisation_id", "offered_at", "lead_id"])


def downgrade() -> None:
    for table in ("partner_skill", "lead_offer", "lead_candidate", "lead_line", "lead_customer", "lead"):
        op.drop_table(table)
