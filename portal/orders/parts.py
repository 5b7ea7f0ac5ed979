"""What an order is made of: details, lines with their costs, and what has happened to it."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base
from portal.orders.money import Rounding
from portal.products.models import Product, in_language

if TYPE_CHECKING:
    from portal.orders.models import Order


class PaymentState(StrEnum):
    NONE = ""
    OPEN = "open"
    PART = "part"
    PAID = "paid"
    REFUNDED = "refunded"


class OrderDetails(Base):
    """What whoever reads an order whole reads beside it. Money in minor units of the currency."""

    __tablename__ = "order_details"
    __table_args__ = (
        sa.Index("ix_order_details_number", "number"),
        sa.Index("ix_order_details_customer_reference", "customer_reference"),
    )

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"), unique=True)
    # The ERP's number; empty until it has one.
    number: Mapped[str] = mapped_column(default="")
    # The customer's own purchase number; of a purchase order the supplier's own order number.
    customer_reference: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(sa.String(3))
    rounding: Mapped[str] = mapped_column(sa.String(8), default=Rounding.DOCUMENT)
    net: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    tax: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    total: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    payment_state: Mapped[str] = mapped_column(sa.String(8), default=PaymentState.NONE)
    payment_due_on: Mapped[date | None]
    paid: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    payment_terms: Mapped[str] = mapped_column(default="")
    delivery_terms: Mapped[str] = mapped_column(default="")
    # Lines of an address, as they are written on a letter.
    billing_address: Mapped[str] = mapped_column(default="")
    delivery_address: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    # When the customer would like to have it, of what they put together here.
    wished_on: Mapped[date | None]
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deal.id"), index=True)
    # The quotation that it came from, or the order that it repeats.
    source_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trade_order.id"), index=True)

    order: Mapped["Order"] = relationship(back_populates="details", foreign_keys=order_id)


class OrderLine(Base):
    """A position. Quantities are thousandths of the unit, prices minor units for `price_per` units, discount and tax
    rate hundredths of a per cent; the unit is a code of UN/ECE Recommendation 20."""

    __tablename__ = "order_line"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "position"),
        sa.Index("ix_order_line_product_id", "product_id", "order_id"),
    )

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    # As the ERP numbers them: 10, 20, 30 …
    position: Mapped[int]
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product.id"))
    code: Mapped[str] = mapped_column(default="")
    # By language code.
    descriptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    unit: Mapped[str] = mapped_column(sa.String(3), default="C62")
    unit_price: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    price_per: Mapped[int] = mapped_column(default=1)
    discount: Mapped[int] = mapped_column(default=0)
    tax_rate: Mapped[int] = mapped_column(default=0)
    net: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    # Of its own only where the tax is rounded line by line.
    tax: Mapped[int | None] = mapped_column(sa.BigInteger)
    promised_on: Mapped[date | None]
    confirmed_on: Mapped[date | None]
    # When the supplier confirmed it first, or the ERP did for us; another day that is agreed later changes nothing.
    confirmed_at: Mapped[datetime | None]
    shipped: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    delivered: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    # When the last of what has been delivered came, where the ERP tells it line by line.
    delivered_on: Mapped[date | None]
    invoiced: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    returned: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    order: Mapped["Order"] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship()

    def __init__(self, **values: Any) -> None:
        # Asked for before the database fills them in.
        for name in ("unit_price", "discount", "tax_rate", "shipped", "delivered", "invoiced", "returned"):
            values.setdefault(name, 0)
        values.setdefault("price_per", 1)
        values.setdefault("unit", "C62")
        values.setdefault("code", "")
        values.setdefault("descriptions", {})
        super().__init__(**values)

    @property
    def due_on(self) -> date | None:
        return self.confirmed_on or self.promised_on

    @property
    def open_quantity(self) -> int:
        return max(0, self.quantity - self.delivered)

    def name_in(self, language: str) -> str:
        return in_language(self.descriptions, language) or self.code


class OrderCost(Base):
    """What a line costs us: for whoever sees margins. Minor units of the order's currency."""

    __tablename__ = "order_cost"
    __table_args__ = (sa.Index("ix_order_cost_order_id", "order_id"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_line.id", ondelete="CASCADE"), unique=True)
    cost: Mapped[int] = mapped_column(sa.BigInteger)

    order: Mapped["Order"] = relationship()
    line: Mapped[OrderLine] = relationship()


class OrderEvent(Base):
    """A step in its life: the reason is for the other side to read, the note for staff alone."""

    __tablename__ = "order_event"
    __table_args__ = (sa.Index("ix_order_event_order_id_id", "order_id", "id"),)

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order_line.id", ondelete="SET NULL"), index=True)
    verb: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    side: Mapped[str] = mapped_column(sa.String(8))
    at: Mapped[datetime]
    # As it was afterwards.
    state: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(
        default="", deferred=True, deferred_raiseload=True, deferred_group="internal-notes"
    )
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_public: Mapped[bool] = mapped_column(default=True)

    order: Mapped["Order"] = relationship(back_populates="events")
    line: Mapped[OrderLine | None] = relationship()


def copy_lines(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The same positions, of which nothing has been promised or delivered yet."""
    names = [
        *("position", "product_id", "code", "descriptions", "quantity", "unit"),
        *("unit_price", "price_per", "discount", "tax_rate"),
    ]
    return [OrderLine(**{name: getattr(line, name) for name in names}) for line in lines]
