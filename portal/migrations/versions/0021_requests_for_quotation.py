"""Requests for quotation: what we ask of several suppliers, their invitations, offers and questions, and the award.

Revision: 0021, after 0025
"""

import sqlalchemy as sa
from alembic import op

from portal.database import SortKey

revision = "0021"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_for_quotation",
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_by_id", sa.Integer(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_request_for_quotation_author_id")),
        sa.ForeignKeyConstraint(["awarded_by_id"], ["person.id"], name=op.f("fk_request_for_quotation_awarded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_for_quotation")),
        sa.UniqueConstraint("ref", name=op.f("uq_request_for_quotation_ref")),
    )
    with op.batch_alter_table("request_for_quotation", schema=None) as batch_op:
        batch_op.create_index("ix_request_for_quotation_created", ["created_at", "ref"], unique=False)
        batch_op.create_index("ix_request_for_quotation_state", ["state", "created_at", "ref"], unique=False)

    op.create_table(
        "rfq_clarification",
        sa.Column("rfq_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_rfq_clarification_author_id")),
        sa.ForeignKeyConstraint(["rfq_id"], ["request_for_quotation.id"], name=op.f("fk_rfq_clarification_rfq_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_clarification")),
        sa.UniqueConstraint("rfq_id", "number", name=op.f("uq_rfq_clarification_rfq_id_number")),
    )
    op.create_table(
        "rfq_invitation",
        sa.Column("rfq_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_rfq_invitation_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_rfq_invitation_organisation_id")
        ),
        sa.ForeignKeyConstraint(["rfq_id"], ["request_for_quotation.id"], name=op.f("fk_rfq_invitation_rfq_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_invitation")),
        sa.UniqueConstraint("ref", name=op.f("uq_rfq_invitation_ref")),
        sa.UniqueConstraint("rfq_id", "organisation_id", name=op.f("uq_rfq_invitation_rfq_id_organisation_id")),
    )
    with op.batch_alter_table("rfq_invitation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_rfq_invitation_answer", ["organisation_id", "answer", "invited_at", "ref"], unique=False
        )
        batch_op.create_index("ix_rfq_invitation_organisation", ["organisation_id", "invited_at", "ref"], unique=False)

    op.create_table(
        "rfq_line",
        sa.Column("rfq_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_rfq_line_product_id")),
        sa.ForeignKeyConstraint(["rfq_id"], ["request_for_quotation.id"], name=op.f("fk_rfq_line_rfq_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_line")),
        sa.UniqueConstraint("rfq_id", "position", name=op.f("uq_rfq_line_rfq_id_position")),
    )
    with op.batch_alter_table("rfq_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rfq_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "rfq_terms",
        sa.Column("rfq_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", SortKey(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery_address", sa.Text(), nullable=False),
        sa.Column("delivery_terms", sa.Text(), nullable=False),
        sa.Column("payment_terms", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rfq_id"], ["request_for_quotation.id"], name=op.f("fk_rfq_terms_rfq_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_terms")),
        sa.UniqueConstraint("rfq_id", name=op.f("uq_rfq_terms_rfq_id")),
    )
    with op.batch_alter_table("rfq_terms", schema=None) as batch_op:
        batch_op.create_index("ix_rfq_terms_closes_at", ["closes_at", "rfq_id"], unique=False)

    op.create_table(
        "rfq_offer",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_rfq_offer_author_id")),
        sa.ForeignKeyConstraint(["invitation_id"], ["rfq_invitation.id"], name=op.f("fk_rfq_offer_invitation_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name=op.f("fk_rfq_offer_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_offer")),
        sa.UniqueConstraint("invitation_id", "number", name=op.f("uq_rfq_offer_invitation_id_number")),
    )
    with op.batch_alter_table("rfq_offer", schema=None) as batch_op:
        batch_op.create_index(
            "uq_rfq_offer_current",
            ["invitation_id"],
            unique=True,
            sqlite_where=sa.text("is_current = 1"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "rfq_question",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("clarification_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_rfq_question_author_id")),
        sa.ForeignKeyConstraint(
            ["clarification_id"], ["rfq_clarification.id"], name=op.f("fk_rfq_question_clarification_id")
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["rfq_invitation.id"], name=op.f("fk_rfq_question_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_question")),
        sa.UniqueConstraint("ref", name=op.f("uq_rfq_question_ref")),
    )
    with op.batch_alter_table("rfq_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rfq_question_clarification_id"), ["clarification_id"], unique=False)
        batch_op.create_index("ix_rfq_question_invitation_id", ["invitation_id", "id"], unique=False)

    op.create_table(
        "rfq_award",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["rfq_invitation.id"], name=op.f("fk_rfq_award_invitation_id")),
        sa.ForeignKeyConstraint(["line_id"], ["rfq_line.id"], name=op.f("fk_rfq_award_line_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["rfq_offer.id"], name=op.f("fk_rfq_award_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_award")),
        sa.UniqueConstraint("line_id", name=op.f("uq_rfq_award_line_id")),
    )
    with op.batch_alter_table("rfq_award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rfq_award_invitation_id"), ["invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_rfq_award_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "rfq_offer_line",
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("price_per", sa.Integer(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["rfq_line.id"], name=op.f("fk_rfq_offer_line_line_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["rfq_offer.id"], name=op.f("fk_rfq_offer_line_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfq_offer_line")),
        sa.UniqueConstraint("offer_id", "line_id", name=op.f("uq_rfq_offer_line_offer_id_line_id")),
    )
    with op.batch_alter_table("rfq_offer_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rfq_offer_line_line_id"), ["line_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rfq_invitation_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_activity_rfq_invitation_id", ["rfq_invitation_id", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_activity_rfq_invitation_id"), "rfq_invitation", ["rfq_invitation_id"], ["id"]
        )

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rfq_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rfq_invitation_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rfq_offer_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_attachment_rfq_id"), ["rfq_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_rfq_invitation_id"), ["rfq_invitation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_rfq_offer_id"), ["rfq_offer_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_attachment_rfq_invitation_id"), "rfq_invitation", ["rfq_invitation_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_attachment_rfq_id"), "request_for_quotation", ["rfq_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_attachment_rfq_offer_id"), "rfq_offer", ["rfq_offer_id"], ["id"])

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rfq_invitation_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_rfq_invitation_id"), ["rfq_invitation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_notice_rfq_invitation_id"), "rfq_invitation", ["rfq_invitation_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_rfq_invitation_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notice_rfq_invitation_id"))
        batch_op.drop_column("rfq_invitation_id")

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attachment_rfq_offer_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_attachment_rfq_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_attachment_rfq_invitation_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_attachment_rfq_offer_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_rfq_invitation_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_rfq_id"))
        batch_op.drop_column("rfq_offer_id")
        batch_op.drop_column("rfq_invitation_id")
        batch_op.drop_column("rfq_id")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activity_rfq_invitation_id"), type_="foreignkey")
        batch_op.drop_index("ix_activity_rfq_invitation_id")
        batch_op.drop_column("rfq_invitation_id")

    with op.batch_alter_table("rfq_offer_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rfq_offer_line_line_id"))

    op.drop_table("rfq_offer_line")
    with op.batch_alter_table("rfq_award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rfq_award_offer_id"))
        batch_op.drop_index(batch_op.f("ix_rfq_award_invitation_id"))

    op.drop_table("rfq_award")
    with op.batch_alter_table("rfq_question", schema=None) as batch_op:
        batch_op.drop_index("ix_rfq_question_invitation_id")
        batch_op.drop_index(batch_op.f("ix_rfq_question_clarification_id"))

    op.drop_table("rfq_question")
    with op.batch_alter_table("rfq_offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rfq_offer_current", sqlite_where=sa.text("is_current = 1"), postgresql_where=sa.text("is_current")
        )

    op.drop_table("rfq_offer")
    with op.batch_alter_table("rfq_terms", schema=None) as batch_op:
        batch_op.drop_index("ix_rfq_terms_closes_at")

    op.drop_table("rfq_terms")
    with op.batch_alter_table("rfq_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rfq_line_product_id"))

    op.drop_table("rfq_line")
    with op.batch_alter_table("rfq_invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_rfq_invitation_organisation")
        batch_op.drop_index("ix_rfq_invitation_answer")

    op.drop_table("rfq_invitation")
    op.drop_table("rfq_clarification")
    with op.batch_alter_table("request_for_quotation", schema=None) as batch_op:
        batch_op.drop_index("ix_request_for_quotation_state")
        batch_op.drop_index("ix_request_for_quotation_created")

    op.drop_table("request_for_quotation")
