"""The inbox of invoices that suppliers upload: a buyer checks each of them."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, HasRef
from portal.files.models import Attachment
from portal.orders.models import Order


class InvoiceState(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class SupplierInvoice(HasRef, Base):
    """Amounts are minor units of the currency."""

    __tablename__ = "supplier_invoice"
    __table_args__ = (
        sa.Index("ix_supplier_invoice_order_id", "order_id", "id"),
        sa.Index("ix_supplier_invoice_state", "state", "received_at", "ref"),
    )
    ref_prefix = "IN"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    # The supplier's own number of it.
    number: Mapped[str]
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(sa.String(3))
    total: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(16), default=InvoiceState.RECEIVED)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    received_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    checked_at: Mapped[datetime | None]
    # For the supplier to read.
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Order] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")

    __mapper_args__ = {"version_id_col": version}
