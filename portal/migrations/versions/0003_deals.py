"""Deal registrations, programmes, products and opportunities.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite makes the table of the search entries anew, and its triggers would go with the old one.
TRIGGERS = (
    "CREATE TRIGGER search_entry_insert AFTER INSERT ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(rowid, tokens, words) VALUES (new.id, new.tokens, new.words); END",
    "CREATE TRIGGER search_entry_delete AFTER DELETE ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens, words)"
    " VALUES ('delete', old.id, old.tokens, old.words); END",
    "CREATE TRIGGER search_entry_update AFTER UPDATE ON search_entry BEGIN"
    " INSERT INTO search_entry_fts(search_entry_fts, rowid, tokens, words)"
    " VALUES ('delete', old.id, old.tokens, old.words);"
    " INSERT INTO search_entry_fts(rowid, tokens, words) VALUES (new.id, new.tokens, new.words); END",
)


def _without_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER search_entry_{name}")


def _with_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in TRIGGERS:
            op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "product",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_product_ref")),
    )
    op.create_table(
        "programme",
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("protection_days", sa.Integer(), nullable=True),
        sa.Column("decision_hours", sa.Integer(), nullable=False),
        sa.Column("two_approvals_above", sa.BigInteger(), nullable=True),
        sa.Column("extension_policy", sa.String(length=16), nullable=False),
        sa.Column("extension_days", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("ref", name=op.f("uq_programme_ref")),
    )
    op.create_table(
        "deal",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_domain", sa.Text(), nullable=False),
        sa.Column("customer_country", sa.String(length=2), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_role", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("close_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("sales_type", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("protected_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("protected_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_line_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_deal_author_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_deal_created_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_deal_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_deal_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("ref", name=op.f("uq_deal_ref")),
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index("ix_deal_activity", ["activity_at", "ref"], unique=False)
        batch_op.create_index("ix_deal_author_id", ["author_id"], unique=False)
        batch_op.create_index("ix_deal_due", ["due_at", "ref"], unique=False)
        batch_op.create_index("ix_deal_protected_until", ["protected_until"], unique=False)
        batch_op.create_index("ix_deal_public", ["organisation_id", "public_at", "ref"], unique=False)
        batch_op.create_index("ix_deal_state", ["state", "activity_at", "ref"], unique=False)

    op.create_table(
        "deal_event",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("is_by_staff", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_deal_event_actor_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_event_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_event")),
    )
    with op.batch_alter_table("deal_event", schema=None) as batch_op:
        batch_op.create_index("ix_deal_event_deal_id_id", ["deal_id", "id"], unique=False)

    op.create_table(
        "deal_line",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_line_deal_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_deal_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_line")),
    )
    with op.batch_alter_table("deal_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deal_line_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "deal_review",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("submitter_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_approver_id", sa.Integer(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_to_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["organisation.id"], name=op.f("fk_deal_review_customer_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_review_deal_id")),
        sa.ForeignKeyConstraint(["escalated_to_id"], ["person.id"], name=op.f("fk_deal_review_escalated_to_id")),
        sa.ForeignKeyConstraint(["first_approver_id"], ["person.id"], name=op.f("fk_deal_review_first_approver_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_deal_review_reviewer_id")),
        sa.ForeignKeyConstraint(["submitter_id"], ["person.id"], name=op.f("fk_deal_review_submitter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_review")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_deal_review_deal_id")),
    )
    with op.batch_alter_table("deal_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deal_review_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_review_reviewer_id"), ["reviewer_id"], unique=False)

    op.create_table(
        "extension",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_extension_asked_by_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_extension_deal_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_extension_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("ref", name=op.f("uq_extension_ref")),
    )
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.create_index("ix_extension_deal_id", ["deal_id"], unique=False)
        batch_op.create_index(
            "uq_extension_pending",
            ["deal_id"],
            unique=True,
            sqlite_where=sa.column("decided_at").is_(None),
            postgresql_where=sa.column("decided_at").is_(None),
        )

    op.create_table(
        "opportunity",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("close_on", sa.Date(), nullable=True),
        sa.Column("closing_reason", sa.String(length=24), nullable=False),
        sa.Column("closing_words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["organisation.id"], name=op.f("fk_opportunity_customer_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_opportunity_deal_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_opportunity_owner_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["organisation.id"], name=op.f("fk_opportunity_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_opportunity_deal_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_opportunity_ref")),
    )
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.create_index("ix_opportunity_customer_id", ["customer_id", "status"], unique=False)
        batch_op.create_index("ix_opportunity_partner_id", ["partner_id", "activity_at", "ref"], unique=False)

    op.create_table(
        "protected_place",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["organisation.id"], name=op.f("fk_protected_place_customer_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_protected_place_deal_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_protected_place_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_place")),
        sa.UniqueConstraint("customer_id", "product_id", name=op.f("uq_protected_place_customer_id_product_id")),
    )
    with op.batch_alter_table("protected_place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_protected_place_deal_id"), ["deal_id"], unique=False)

    op.create_table(
        "opportunity_line",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_line_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_opportunity_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_line")),
    )
    with op.batch_alter_table("opportunity_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_line_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_line_product_id"), ["product_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deal_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_activity_deal_id", ["deal_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_activity_deal_id"), "deal", ["deal_id"], ["id"])

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deal_id", sa.Integer(), nullable=True))
        batch_op.alter_column("message_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_attachment_deal_id"), ["deal_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_attachment_deal_id"), "deal", ["deal_id"], ["id"])

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deal_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_deal_id"), ["deal_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_notice_deal_id"), "deal", ["deal_id"], ["id"])

    _without_triggers()
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deal_id", sa.Integer(), nullable=True))
        batch_op.alter_column("ticket_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_unique_constraint(batch_op.f("uq_search_entry_deal_id"), ["deal_id"])
        batch_op.create_foreign_key(batch_op.f("fk_search_entry_deal_id"), "deal", ["deal_id"], ["id"])
    _with_triggers()


def downgrade() -> None:

    op.execute("DELETE FROM search_entry WHERE deal_id IS NOT NULL")
    op.execute("DELETE FROM attachment WHERE deal_id IS NOT NULL")
    _without_triggers()
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_search_entry_deal_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_search_entry_deal_id"), type_="unique")
        batch_op.alter_column("ticket_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("deal_id")
    _with_triggers()

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_deal_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notice_deal_id"))
        batch_op.drop_column("deal_id")

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attachment_deal_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_attachment_deal_id"))
        batch_op.alter_column("message_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("deal_id")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activity_deal_id"), type_="foreignkey")
        batch_op.drop_index("ix_activity_deal_id")
        batch_op.drop_column("deal_id")

    with op.batch_alter_table("opportunity_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_line_opportunity_id"))

    op.drop_table("opportunity_line")
    with op.batch_alter_table("protected_place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_protected_place_deal_id"))

    op.drop_table("protected_place")
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index("ix_opportunity_partner_id")
        batch_op.drop_index("ix_opportunity_customer_id")

    op.drop_table("opportunity")
    with op.batch_alter_table("extension", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_extension_pending",
            sqlite_where=sa.column("decided_at").is_(None),
            postgresql_where=sa.column("decided_at").is_(None),
        )
        batch_op.drop_index("ix_extension_deal_id")

    op.drop_table("extension")
    with op.batch_alter_table("deal_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deal_review_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_deal_review_customer_id"))

    op.drop_table("deal_review")
    with op.batch_alter_table("deal_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deal_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_deal_line_deal_id"))

    op.drop_table("deal_line")
    with op.batch_alter_table("deal_event", schema=None) as batch_op:
        batch_op.drop_index("ix_deal_event_deal_id_id")

    op.drop_table("deal_event")
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.drop_index("ix_deal_state")
        batch_op.drop_index("ix_deal_public")
        batch_op.drop_index("ix_deal_protected_until")
        batch_op.drop_index("ix_deal_due")
        batch_op.drop_index("ix_deal_author_id")
        batch_op.drop_index("ix_deal_activity")

    op.drop_table("deal")
    op.drop_table("programme")
    op.drop_table("product")
