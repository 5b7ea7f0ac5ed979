"""Shipments, and documents by what is told of them; their files are downloaded by people."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.api.answers import DocumentAnswer, ShipmentAnswer
from portal.api.nouns.noun import Filter, Noun, equals, money, plain, quantity, told
from portal.documents.models import DocumentKind, OrderDocument
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderLine
from portal.paging import Order as Sorting
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine, ShipmentState

_OF_ORDER = Filter("Of this order (its reference).", equals(Order.ref), (), "SO-7F3KQ92D")
_SHIPMENT = (
    *("ref", "number", "carrier", "tracking_number", "tracking_url", "state"),
    *("shipped_on", "expected_on", "delivered_on", "created_at"),
)


class Shipments(Noun):
    name, kind, model = "shipments", "shipment", Shipment
    says = "What is on its way, for whoever reads its order whole."
    answer = ShipmentAnswer
    filters = {
        "order": _OF_ORDER,
        "state": Filter("Only those in this state.", equals(Shipment.state), tuple(map(str, ShipmentState))),
    }

    def sorting(self, who: Principal) -> Sorting:
        return Sorting((Shipment.created_at, Shipment.ref))

    def statement(self, who: Principal) -> sa.Select[Any]:
        columns = (getattr(Shipment, name) for name in _SHIPMENT)
        return sa.select(Shipment.id, *columns, Order.ref.label("order")).join(Order, Order.id == Shipment.order_id)

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [told(row, *_SHIPMENT, "order") for row in rows]

    def rest(self, session: Session, row: Any, who: Principal) -> dict[str, Any]:
        lines = session.execute(
            sa.select(OrderLine.position, ShipmentLine.quantity)
            .join(OrderLine, OrderLine.id == ShipmentLine.line_id)
            .where(ShipmentLine.shipment_id == row.id)
            .order_by(OrderLine.position)
        )
        parcels = session.scalars(sa.select(Parcel).where(Parcel.shipment_id == row.id).order_by(Parcel.id))
        events = session.scalars(
            sa.select(ShipmentEvent).where(ShipmentEvent.shipment_id == row.id).order_by(ShipmentEvent.at)
        )
        return {
            "lines": [{"position": line.position, "quantity": quantity(line.quantity)} for line in lines],
            "parcels": [
                {
                    **told(parcel, "number", "tracking_number"),
                    "weight": None if parcel.weight is None else quantity(parcel.weight),
                }
                for parcel in parcels
            ],
            "events": [told(event, "at", "state", "place", "words") for event in events],
        }


class Documents(Noun):
    name, kind, model = "documents", "document", OrderDocument
    says = "What was issued with an order: number, days and sum."
    answer = DocumentAnswer
    filters = {
        "order": _OF_ORDER,
        "kind": Filter("Only those of this kind.", equals(OrderDocument.kind), tuple(map(str, DocumentKind))),
    }

    def sorting(self, who: Principal) -> Sorting:
        return Sorting((OrderDocument.created_at, OrderDocument.ref))

    def statement(self, who: Principal) -> sa.Select[Any]:
        names = ("ref", "kind", "number", "issued_on", "due_on", "total", "created_at")
        columns = (getattr(OrderDocument, name) for name in names)
        return (
            sa.select(OrderDocument.id, *columns, Order.ref.label("order"), OrderDetails.currency)
            .join(Order, Order.id == OrderDocument.order_id)
            .join(OrderDetails, OrderDetails.order_id == Order.id)
        )

    def in_brief(self, session: Session, rows: Sequence[Any], who: Principal) -> list[dict[str, Any]]:
        return [
            told(row, "ref", "order", "kind", "number", "issued_on", "due_on", "created_at")
            | {"currency": plain(row.currency), "total": money(row.total, row.currency)}
            for row in rows
        ]
