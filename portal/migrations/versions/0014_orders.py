"""Orders of three kinds, their papers and shipments, proposals, invoices and requests; prices of each customer.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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


# What speaks of an order goes with it.
_OF_ORDERS = (
    ("search_entry", "order_id"),
    ("notice", "order_id"),
    ("attachment", "order_document_id"),
    ("attachment", "supplier_invoice_id"),
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
        "product_price",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("price_per", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_product_price_organisation_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_price")),
        sa.UniqueConstraint(
            "product_id",
            "organisation_id",
            "currency",
            "minimum",
            "valid_from",
            name="uq_product_price_terms",
        ),
    )
    with op.batch_alter_table("product_price", schema=None) as batch_op:
        batch_op.create_index("ix_product_price_organisation_id", ["organisation_id", "product_id"], unique=False)

    op.create_table(
        "trade_order",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.String(length=8), nullable=False),
        sa.Column("reseller_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("invoiced_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("shipped_percent", sa.Integer(), nullable=False),
        sa.Column("delivered_percent", sa.Integer(), nullable=False),
        sa.Column("invoiced_percent", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_trade_order_author_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_trade_order_organisation_id")),
        sa.ForeignKeyConstraint(["reseller_id"], ["organisation.id"], name=op.f("fk_trade_order_reseller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_order")),
        sa.UniqueConstraint("ref", name=op.f("uq_trade_order_ref")),
    )
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.create_index("ix_trade_order_activity", ["kind", "activity_at", "ref"], unique=False)
        batch_op.create_index("ix_trade_order_dates", ["kind", "ordered_on", "ref"], unique=False)
        batch_op.create_index(
            "ix_trade_order_due",
            ["kind", "due_on", "ref"],
            unique=False,
            sqlite_where=sa.text("due_on IS NOT NULL"),
            postgresql_where=sa.text("due_on IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_trade_order_ordered", ["organisation_id", "capacity", "ordered_on", "ref"], unique=False
        )
        batch_op.create_index(
            "ix_trade_order_public", ["organisation_id", "capacity", "public_at", "ref"], unique=False
        )
        batch_op.create_index("ix_trade_order_reseller", ["reseller_id", "public_at", "ref"], unique=False)
        batch_op.create_index("ix_trade_order_state", ["state", "activity_at", "ref"], unique=False)

    op.create_table(
        "order_details",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_reference", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rounding", sa.String(length=8), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("payment_state", sa.String(length=8), nullable=False),
        sa.Column("payment_due_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("payment_terms", sa.Text(), nullable=False),
        sa.Column("delivery_terms", sa.Text(), nullable=False),
        sa.Column("billing_address", sa.Text(), nullable=False),
        sa.Column("delivery_address", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_order_details_deal_id")),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_details_order_id")),
        sa.ForeignKeyConstraint(["source_id"], ["trade_order.id"], name=op.f("fk_order_details_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_details")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_details_order_id")),
    )
    with op.batch_alter_table("order_details", schema=None) as batch_op:
        batch_op.create_index("ix_order_details_customer_reference", ["customer_reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_details_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index("ix_order_details_number", ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_details_source_id"), ["source_id"], unique=False)

    op.create_table(
        "order_document",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_document_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_document")),
        sa.UniqueConstraint("ref", name=op.f("uq_order_document_ref")),
    )
    with op.batch_alter_table("order_document", schema=None) as batch_op:
        batch_op.create_index("ix_order_document_order_id", ["order_id", "id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("descriptions", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=3), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("price_per", sa.Integer(), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("tax_rate", sa.Integer(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("invoiced", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_line_order_id_position")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_product_id", ["product_id", "order_id"], unique=False)

    op.create_table(
        "shipment",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("tracking_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_shipment_author_id")),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_shipment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("ref", name=op.f("uq_shipment_ref")),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_order_id", ["order_id", "id"], unique=False)

    op.create_table(
        "supplier_invoice",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_supplier_invoice_author_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["person.id"], name=op.f("fk_supplier_invoice_checked_by_id")),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_supplier_invoice_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice")),
        sa.UniqueConstraint("ref", name=op.f("uq_supplier_invoice_ref")),
    )
    with op.batch_alter_table("supplier_invoice", schema=None) as batch_op:
        batch_op.create_index("ix_supplier_invoice_order_id", ["order_id", "id"], unique=False)
        batch_op.create_index("ix_supplier_invoice_state", ["state", "received_at", "ref"], unique=False)

    op.create_table(
        "order_cost",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_order_cost_line_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_cost_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_cost")),
        sa.UniqueConstraint("line_id", name=op.f("uq_order_cost_line_id")),
    )
    with op.batch_alter_table("order_cost", schema=None) as batch_op:
        batch_op.create_index("ix_order_cost_order_id", ["order_id"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_order_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_event_line_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_event_line_id"), ["line_id"], unique=False)
        batch_op.create_index("ix_order_event_order_id_id", ["order_id", "id"], unique=False)

    op.create_table(
        "order_proposal",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_by_staff", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("delivery_on_before", sa.Date(), nullable=True),
        sa.Column("quantity_before", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_before", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_order_proposal_answered_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_order_proposal_author_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_proposal_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_proposal_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_proposal")),
        sa.UniqueConstraint("line_id", "number", name=op.f("uq_order_proposal_line_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_order_proposal_ref")),
    )
    with op.batch_alter_table("order_proposal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_proposal_open",
            ["line_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_order_proposal_order_id", ["order_id", "id"], unique=False)
        batch_op.create_index("ix_order_proposal_state", ["state", "is_by_staff", "at", "ref"], unique=False)

    op.create_table(
        "order_request",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("document_kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=12), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_order_request_decided_by_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_request_line_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["trade_order.id"], name=op.f("fk_order_request_order_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_order_request_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_order_request_ref")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_order_request_ticket_id")),
    )
    with op.batch_alter_table("order_request", schema=None) as batch_op:
        batch_op.create_index("ix_order_request_kind", ["kind", "decision", "at", "ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_request_line_id"), ["line_id"], unique=False)
        batch_op.create_index("ix_order_request_order_id", ["order_id", "id"], unique=False)

    op.create_table(
        "parcel",
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_parcel_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
    )
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parcel_shipment_id"), ["shipment_id"], unique=False)

    op.create_table(
        "shipment_event",
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_event_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_event")),
    )
    with op.batch_alter_table("shipment_event", schema=None) as batch_op:
        batch_op.create_index("ix_shipment_event_shipment_id", ["shipment_id", "at"], unique=False)

    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_shipment_line_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_line")),
        sa.UniqueConstraint("shipment_id", "line_id", name=op.f("uq_shipment_line_shipment_id_line_id")),
    )
    with op.batch_alter_table("shipment_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_line_line_id"), ["line_id"], unique=False)

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("order_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_activity_order_id", ["order_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_activity_order_id"), "trade_order", ["order_id"], ["id"])

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("order_document_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("supplier_invoice_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_attachment_order_document_id"), ["order_document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_supplier_invoice_id"), ["supplier_invoice_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_attachment_supplier_invoice_id"), "supplier_invoice", ["supplier_invoice_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_attachment_order_document_id"), "order_document", ["order_document_id"], ["id"]
        )

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decides_quotations", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.alter_column("decides_quotations", existing_type=sa.Boolean(), server_default=None)

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("order_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_order_id"), ["order_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_notice_order_id"), "trade_order", ["order_id"], ["id"])

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit", sa.String(length=3), nullable=False, server_default="C62"))
        batch_op.add_column(sa.Column("is_reorderable", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.alter_column("unit", existing_type=sa.String(length=3), server_default=None)
        batch_op.alter_column("is_reorderable", existing_type=sa.Boolean(), server_default=None)

    _without_triggers()
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("order_id", sa.Integer(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_search_entry_order_id"), ["order_id"])
        batch_op.create_foreign_key(batch_op.f("fk_search_entry_order_id"), "trade_order", ["order_id"], ["id"])
    _with_triggers()


def downgrade() -> None:
    for table, column in _OF_ORDERS:
        op.execute(f"DELETE FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608  # names of our own
    op.execute(
        "DELETE FROM activity_organisation WHERE activity_id IN (SELECT id FROM activity WHERE order_id IS NOT NULL)"
    )
    op.execute("DELETE FROM activity WHERE order_id IS NOT NULL")

    _without_triggers()
    with op.batch_alter_table("search_entry", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_search_entry_order_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_search_entry_order_id"), type_="unique")
        batch_op.drop_column("order_id")
    _with_triggers()

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_column("is_reorderable")
        batch_op.drop_column("unit")

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_order_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notice_order_id"))
        batch_op.drop_column("order_id")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("decides_quotations")

    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attachment_order_document_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_attachment_supplier_invoice_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_attachment_supplier_invoice_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_order_document_id"))
        batch_op.drop_column("supplier_invoice_id")
        batch_op.drop_column("order_document_id")

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activity_order_id"), type_="foreignkey")
        batch_op.drop_index("ix_activity_order_id")
        batch_op.drop_column("order_id")

    with op.batch_alter_table("shipment_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_line_line_id"))

    op.drop_table("shipment_line")
    with op.batch_alter_table("shipment_event", schema=None) as batch_op:
        batch_op.drop_index("ix_shipment_event_shipment_id")

    op.drop_table("shipment_event")
    with op.batch_alter_table("parcel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_parcel_shipment_id"))

    op.drop_table("parcel")
    with op.batch_alter_table("order_request", schema=None) as batch_op:
        batch_op.drop_index("ix_order_request_order_id")
        batch_op.drop_index(batch_op.f("ix_order_request_line_id"))
        batch_op.drop_index("ix_order_request_kind")

    op.drop_table("order_request")
    with op.batch_alter_table("order_proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_order_proposal_state")
        batch_op.drop_index("ix_order_proposal_order_id")
        batch_op.drop_index(
            "ix_order_proposal_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )

    op.drop_table("order_proposal")
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.drop_index("ix_order_event_order_id_id")
        batch_op.drop_index(batch_op.f("ix_order_event_line_id"))

    op.drop_table("order_event")
    with op.batch_alter_table("order_cost", schema=None) as batch_op:
        batch_op.drop_index("ix_order_cost_order_id")

    op.drop_table("order_cost")
    with op.batch_alter_table("supplier_invoice", schema=None) as batch_op:
        batch_op.drop_index("ix_supplier_invoice_state")
        batch_op.drop_index("ix_supplier_invoice_order_id")

    op.drop_table("supplier_invoice")
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index("ix_shipment_order_id")

    op.drop_table("shipment")
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.drop_index("ix_order_line_product_id")

    op.drop_table("order_line")
    with op.batch_alter_table("order_document", schema=None) as batch_op:
        batch_op.drop_index("ix_order_document_order_id")

    op.drop_table("order_document")
    with op.batch_alter_table("order_details", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_details_source_id"))
        batch_op.drop_index("ix_order_details_number")
        batch_op.drop_index(batch_op.f("ix_order_details_deal_id"))
        batch_op.drop_index("ix_order_details_customer_reference")

    op.drop_table("order_details")
    with op.batch_alter_table("trade_order", schema=None) as batch_op:
        batch_op.drop_index("ix_trade_order_state")
        batch_op.drop_index("ix_trade_order_reseller")
        batch_op.drop_index("ix_trade_order_public")
        batch_op.drop_index("ix_trade_order_ordered")
        batch_op.drop_index(
            "ix_trade_order_due",
            sqlite_where=sa.text("due_on IS NOT NULL"),
            postgresql_where=sa.text("due_on IS NOT NULL"),
        )
        batch_op.drop_index("ix_trade_order_dates")
        batch_op.drop_index("ix_trade_order_activity")

    op.drop_table("trade_order")
    with op.batch_alter_table("product_price", schema=None) as batch_op:
        batch_op.drop_index("ix_product_price_organisation_id")

    op.drop_table("product_price")
