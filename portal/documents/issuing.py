"""Documents that the portal draws itself: issued when an order comes to where one is due. For a session of the system.

What was issued stays as it is; an order that changes afterwards gets another one.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.business_hours.models import vendor_calendar
from portal.documents.content import content_of
from portal.documents.models import DocumentKind, OrderDocument
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.organisations.models import ExternalId
from portal.shipments.models import Shipment

# What is issued when an order of this kind comes to this state.
_DUE = {
    (Kind.QUOTATION, State.OFFERED): DocumentKind.QUOTATION,
    (Kind.SALES, State.CONFIRMED): DocumentKind.CONFIRMATION,
    (Kind.PURCHASE, State.ORDERED): DocumentKind.PURCHASE_ORDER,
}
# A change of these makes another document of what has one already: the last part of their names in a feed.
_TOLD = frozenset({"quantity", "unit_price", "price_per", "discount", "tax_rate", "promised_on", "confirmed_on"})
_TOLD_OF_WHOLE = frozenset({"total", "valid_until", "delivery_address", "billing_address"})


def issue_due(session: Session, steps: Iterable[tuple[Order, OrderEvent]], at: datetime) -> None:
    """After these steps: what each order that has come so far is owed. Not flushed."""
    day: date | None = None
    for order, event in steps:
        kind = _DUE.get((Kind(order.kind), State(event.state)))
        if kind is None or not _is_told(event):
            continue
        day = day or vendor_calendar(session).day_of(at)
        issue(session, order, kind, at, day=day, number=order.details.number or order.ref)


def issue_delivery_note(session: Session, shipment: Shipment, at: datetime) -> None:
    """What travels with the goods."""
    quantities = {part.line_id: part.quantity for part in shipment.lines}
    if quantities and not shipment.order.is_purchase:
        day = shipment.shipped_on or vendor_calendar(session).day_of(at)
        number = shipment.number or shipment.ref
        note = DocumentKind.DELIVERY_NOTE
        issue(session, shipment.order, note, at, day=day, number=number, quantities=quantities, shipment=shipment)


def take_back_delivery_note(session: Session, shipment: Shipment) -> None:
    """A shipment that has never been takes its paper with it."""
    drawn = sa.delete(OrderDocument).where(
        OrderDocument.order_id == shipment.order_id,
        OrderDocument.kind == DocumentKind.DELIVERY_NOTE,
        OrderDocument.number == (shipment.number or shipment.ref),
        OrderDocument.content.is_not(None),
    )
    session.execute(drawn)


def take_back_drawn(session: Session, order: Order) -> None:
    """An order that has never been takes along what was issued by itself, and not what the ERP has told."""
    told = sa.select(ExternalId.record_id).where(ExternalId.kind == "document")
    drawn = sa.delete(OrderDocument).where(
        OrderDocument.order_id == order.id, OrderDocument.content.is_not(None), OrderDocument.id.not_in(told)
    )
    session.execute(drawn)


def issue(
    session: Session,
    order: Order,
    kind: DocumentKind,
    at: datetime,
    *,
    day: date,
    number: str,
    due_on: date | None = None,
    quantities: Mapping[int, int] | None = None,
    shipment: Shipment | None = None,
) -> OrderDocument:
    """Write down what it says; not flushed."""
    content = content_of(
        order, kind, number=number, issued_on=day, due_on=due_on, quantities=quantities, shipment=shipment
    )
    document = OrderDocument(
        order=order,
        kind=kind,
        number=number,
        issued_on=day,
        total=content.totals.total if content.has_prices else None,
        due_on=due_on,
        content=content.model_dump(mode="json", exclude_defaults=True),
        created_at=at,
    )
    session.add(document)
    return document


def _is_told(event: OrderEvent) -> bool:
    """Whether it has just come there, or what its document says is no longer so."""
    if event.verb != "change":
        return True
    names = (name.split(".") for name in event.params.get("fields", ()))
    return any(parts[-1] in _TOLD if len(parts) > 1 else parts[0] in _TOLD_OF_WHOLE for parts in names)
