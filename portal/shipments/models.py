"""What is on its way: shipments of an order, their parcels, and what the carrier tells of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.database import Base, HasRef
from portal.orders.models import Order
from portal.orders.parts import OrderLine


class ShipmentState(StrEnum):
    ANNOUNCED = "announced"
    IN_TRANSIT = "in-transit"
    OUT_FOR_DELIVERY = "out-for-delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNED = "returned"


class Shipment(HasRef, Base):
    __tablename__ = "shipment"
    __table_args__ = (sa.Index("ix_shipment_order_id", "order_id", "id"),)
    ref_prefix = "SM"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("trade_order.id"))
    # Of the delivery note.
    number: Mapped[str] = mapped_column(default="")
    carrier: Mapped[str] = mapped_column(default="")
    tracking_number: Mapped[str] = mapped_column(default="")
    # At the carrier's; https alone.
    tracking_url: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(sa.String(16), default=ShipmentState.ANNOUNCED)
    shipped_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    # The supplier's person who announced it; empty for what the ERP has brought.
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    order: Mapped[Order] = relationship()
    lines: Mapped[list["ShipmentLine"]] = relationship(
        back_populates="shipment", order_by="ShipmentLine.id", cascade="all, delete-orphan"
    )
    parcels: Mapped[list["Parcel"]] = relationship(
        back_populates="shipment", order_by="Parcel.id", cascade="all, delete-orphan"
    )
    events: Mapped[list["ShipmentEvent"]] = relationship(
        back_populates="shipment", order_by="ShipmentEvent.at", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class ShipmentLine(Base):
    """How much of a line is in it, in thousandths of the line's unit."""

    __tablename__ = "shipment_line"
    __table_args__ = (sa.UniqueConstraint("shipment_id", "line_id"),)

    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipment.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("order_line.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int] = mapped_column(sa.BigInteger)

    shipment: Mapped[Shipment] = relationship(back_populates="lines")
    line: Mapped[OrderLine] = relationship()


class Parcel(Base):
    __tablename__ = "parcel"

    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipment.id"), index=True)
    number: Mapped[str] = mapped_column(default="")
    tracking_number: Mapped[str] = mapped_column(default="")
    # In grams.
    weight: Mapped[int | None]

    shipment: Mapped[Shipment] = relationship(back_populates="parcels")


class ShipmentEvent(Base):
    """What the carrier has told: a state, where, and its own words by language code, if any."""

    __tablename__ = "shipment_event"
    __table_args__ = (sa.Index("ix_shipment_event_shipment_id", "shipment_id", "at"),)

    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipment.id"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(16))
    place: Mapped[str] = mapped_column(default="")
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)

    shipment: Mapped[Shipment] = relationship(back_populates="events")
