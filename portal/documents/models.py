"""The documents of an order: a PDF that the ERP made, or what the portal draws from the order as it was then."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, HasRef
from portal.files.models import Attachment
from portal.orders.models import Order


class DocumentKind(StrEnum):
    QUOTATION = "quotation"
    CONFIRMATION = "confirmation"
    DELIVERY_NOTE = "delivery-note"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"
    PURCHASE_ORDER = "purchase-order"


class OrderDocument(HasRef, Base):
    """Either it has a file, or `content` holds what it says: a document does not change with its order."""

    __tablename__ = "order_document"
    __table_args__ = (sa.Index("ix_order_document_order_id", "order_id", "id"),)
    ref_prefix = "DC"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    kind: Mapped[str] = mapped_column(sa.String(16))
    number: Mapped[str] = mapped_column(default="")
    issued_on: Mapped[date]
    # Of an invoice or credit note: minor units of the order's currency.
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    due_on: Mapped[date | None]
    content: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]

    order: Mapped[Order] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")
