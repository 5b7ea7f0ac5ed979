"""Attachments: a file is authorised by its attachment, and that by what it belongs to, never by its hash."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base, HasRef


class Attachment(HasRef, Base):
    __tablename__ = "attachment"
    ref_prefix = "F"

    # Belongs to one of these: what was said, the evidence of a deal registration, a document of an order, an invoice
    # in the inbox.
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), index=True)
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    order_document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_document.id"), index=True)
    supplier_invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("supplier_invoice.id"), index=True)
    # Of a request for quotation, of what each invited supplier was given with it, or of an offer.
    rfq_id: Mapped[int | None] = mapped_column(sa.ForeignKey("request_for_quotation.id"), index=True)
    rfq_invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rfq_invitation.id"), index=True)
    rfq_offer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rfq_offer.id"), index=True)
    # SHA-256 in hexadecimal: where storage keeps the content.
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    filename: Mapped[str]
    media_type: Mapped[str] = mapped_column(sa.String(127))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    thumbnail_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]

    @property
    def hashes(self) -> frozenset[str]:
        """Under which storage keeps what belongs to it."""
        return frozenset(filter(None, (self.sha256, self.thumbnail_sha256)))
