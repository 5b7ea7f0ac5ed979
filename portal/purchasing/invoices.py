"""The inbox of invoices that suppliers upload: a buyer checks each of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.database import Base, HasRef, session_of
from portal.errors import RuleBroken, Stale
from portal.files.models import Attachment
from portal.orders.lifecycle import PLACED
from portal.orders.models import Order
from portal.orders.money import totals_of
from portal.organisations.models import Organisation
from portal.text import fold

_NOT_NOW = _l("There is nothing to be invoiced on this order.")
_NO_FILE = _l("Attach the invoice as a PDF.")
_FUTURE = _l("The invoice cannot be issued later than today.")
_BACKWARDS = _l("It cannot be due before it was issued.")
_NO_AMOUNT = _l("Say what the invoice comes to: more than nothing.")
_TAKEN = _l("You have sent us an invoice with this number already.")
_DECIDED = _l("This invoice has been checked already.")
_NO_REASON = _l("Say why it is rejected: the supplier reads it.")
_STALE = _l("Somebody else changed this in the meantime. Look at it again, then decide.")


class InvoiceState(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Bill:
    """What the supplier says of an invoice; the total in minor units of the currency."""

    number: str
    issued_on: date
    due_on: date | None
    currency: str
    total: int


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

    @classmethod
    def receive(
        cls, order: Order, bill: Bill, files: Iterable[Attachment], who: Principal, at: datetime, version: int | None
    ) -> "SupplierInvoice":
        """Put it into the inbox. Raises Stale and RuleBroken."""
        order.check_version(who, version)
        session, files = session_of(order), list(files)
        if not order.is_purchase or order.state not in PLACED:
            raise RuleBroken(_NOT_NOW)
        if bill.issued_on > vendor_calendar(session).day_of(at):
            raise RuleBroken(_FUTURE)
        if bill.due_on is not None and bill.due_on < bill.issued_on:
            raise RuleBroken(_BACKWARDS)
        if bill.total <= 0:
            raise RuleBroken(_NO_AMOUNT)
        if not files:
            raise RuleBroken(_NO_FILE)
        # One after the other for each supplier, so that no number comes in twice on two orders at once.
        whose = sa.select(Organisation.id).where(Organisation.id == order.organisation_id)
        session.execute(whose.with_for_update(of=Organisation))
        if any(used.state != InvoiceState.REJECTED for used in with_number(session, order, bill.number)):
            raise RuleBroken(_TAKEN)
        invoice = cls(order=order, author_id=who.person_id, received_at=at, **asdict(bill))
        session.add(invoice)
        session.flush()
        for file in files:
            file.supplier_invoice_id = invoice.id
            session.add(file)
        order.happened("send-invoice", who, at, invoice=invoice.ref, number=bill.number)
        return invoice

    def accept(self, who: Principal, at: datetime, version: int | None) -> None:
        self._check(InvoiceState.ACCEPTED, who, at, version)
        self.order.happened("accept-invoice", who, at, invoice=self.ref, number=self.number)

    def reject(self, who: Principal, at: datetime, version: int | None, *, reason: str) -> None:
        """The reason is for the supplier."""
        if not reason:
            raise RuleBroken(_NO_REASON)
        self._check(InvoiceState.REJECTED, who, at, version)
        self.reason = reason
        self.order.happened("reject-invoice", who, at, reason=reason, invoice=self.ref, number=self.number)

    def _check(self, state: InvoiceState, who: Principal, at: datetime, version: int | None) -> None:
        if self.state != InvoiceState.RECEIVED:
            raise RuleBroken(_DECIDED)
        if version != self.version:
            raise Stale(_STALE)
        self.state, self.checked_by_id, self.checked_at = state, who.person_id, at


def with_number(session: Session, order: Order, number: str) -> list[Any]:
    """What the supplier of the order has sent under this number, however it was written: references and states."""
    found = session.execute(
        sa.select(SupplierInvoice.ref, SupplierInvoice.number, SupplierInvoice.state)
        .join(Order, Order.id == SupplierInvoice.order_id)
        .where(Order.organisation_id == order.organisation_id)
        .order_by(SupplierInvoice.id)
    )
    return [invoice for invoice in found if _plain(invoice.number) == _plain(number)]


def _plain(number: str) -> str:
    return "".join(fold(number).split())


@dataclass(frozen=True, slots=True)
class _Part:
    quantity: int
    unit_price: int
    price_per: int
    discount: int
    tax_rate: int


def worth_delivered(order: Order) -> int:
    """What has been delivered comes to, with tax, in minor units."""
    parts = [
        _Part(line.delivered, line.unit_price, line.price_per, line.discount, line.tax_rate) for line in order.lines
    ]
    return totals_of(parts, order.details.rounding).total
