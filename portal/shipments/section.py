"""What is on its way, as the page of an order shows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.languages import voice
from portal.orders.lifecycle import RUNNING
from portal.orders.models import Order
from portal.orders.page import Section
from portal.orders.parts import OrderLine
from portal.orders.words import quantity_text
from portal.products.models import Product, in_language
from portal.shipments.links import is_public_link
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine, ShipmentState
from portal.shipments.words import STATE_TONES, STATES

# Of what a carrier tells of one shipment, the latest.
MOST_EVENTS = 30
# An order that goes out day after day for a year has hundreds.
MOST_SHIPMENTS = 60


@dataclass(frozen=True, slots=True)
class Content:
    """So much of a line."""

    position: int
    name: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    state: tuple[str, str]
    place: str
    # The carrier's own, and their language where it is not the reader's.
    words: str
    words_language: str


@dataclass(frozen=True, slots=True)
class Sent:
    ref: str
    number: str
    carrier: str
    tracking_number: str
    # At the carrier's; empty where we send nobody.
    tracking_url: str
    state: tuple[str, str]
    is_over: bool
    shipped_on: date | None
    expected_on: date | None
    delivered_on: date | None
    contents: list[Content]
    # Number, tracking number, and weight in words.
    parcels: list[tuple[str, str, str]]
    events: list[Happened]


@dataclass(frozen=True, slots=True)
class Shipments:
    sent: list[Sent]
    to_come: list[Content]
    are_more: bool


def shipments_section(session: Session, who: Principal, order: Order) -> Section | None:
    found = list(
        session.scalars(
            sa.select(Shipment)
            .where(Shipment.order_id == order.id)
            .order_by(Shipment.id.desc())
            .limit(MOST_SHIPMENTS + 1)
        )
    )
    if not found:
        return None
    shown = found[:MOST_SHIPMENTS]
    ids = [shipment.id for shipment in shown]
    lines = _lines(session, order)
    parts = _by_shipment(session, ShipmentLine, ids, ShipmentLine.line_id)
    parcels = _by_shipment(session, Parcel, ids, Parcel.id)
    events = _by_shipment(session, ShipmentEvent, ids, ShipmentEvent.at.desc())
    sent = [
        _sent(shipment, lines, parts.get(shipment.id, ()), parcels.get(shipment.id, ()), events.get(shipment.id, ()))
        for shipment in shown
    ]
    are_more = len(found) > len(shown)
    to_come = [] if are_more or order.state not in RUNNING else _to_come(shown, parts, lines)
    return Section("shipments/_shipments.html", Shipments(sent, to_come, are_more))


def _lines(session: Session, order: Order) -> dict[int, Any]:
    columns = (OrderLine.id, OrderLine.position, OrderLine.descriptions, OrderLine.code, OrderLine.unit)
    rows = session.execute(
        sa.select(*columns, OrderLine.quantity, OrderLine.shipped, Product.names)
        .outerjoin(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order.id)
        .order_by(OrderLine.position)
    )
    return {row.id: row for row in rows}


def _by_shipment(session: Session, model: Any, ids: Sequence[int], order: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for part in session.scalars(sa.select(model).where(model.shipment_id.in_(ids)).order_by(order)):
        found.setdefault(part.shipment_id, []).append(part)
    return found


def _sent(
    shipment: Shipment,
    lines: Mapping[int, Any],
    parts: Iterable[ShipmentLine],
    parcels: Iterable[Parcel],
    events: Sequence[ShipmentEvent],
) -> Sent:
    held = sorted((lines[part.line_id].position, part) for part in parts if part.line_id in lines)
    url = shipment.tracking_url
    return Sent(
        ref=shipment.ref,
        number=shipment.number,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        tracking_url=url if url and is_public_link(url) else "",
        state=_state(shipment.state),
        is_over=shipment.state in (ShipmentState.DELIVERED, ShipmentState.RETURNED),
        shipped_on=shipment.shipped_on,
        expected_on=shipment.expected_on,
        delivered_on=shipment.delivered_on,
        contents=[_content(lines[part.line_id], part.quantity) for _position, part in held],
        parcels=[(parcel.number, parcel.tracking_number, _weight(parcel.weight)) for parcel in parcels],
        events=[_happened(event) for event in events[:MOST_EVENTS]],
    )


def _state(state: str) -> tuple[str, str]:
    return str(STATES[state]), STATE_TONES[state]


def _content(line: Any, quantity: int) -> Content:
    name = in_language(line.descriptions or line.names or {}, voice().language) or line.code
    return Content(line.position, name, quantity_text(quantity, line.unit))


def _weight(grams: int | None) -> str:
    return "" if grams is None else quantity_text(grams, "KGM")


def _happened(event: ShipmentEvent) -> Happened:
    language = voice().language
    words = in_language(event.words, language)
    spoken = next((code for code, text in event.words.items() if text == words), language)
    return Happened(event.at, _state(event.state), event.place, words, "" if spoken == language else spoken)


def _to_come(shipments: Sequence[Shipment], parts: Mapping[int, list[Any]], lines: Mapping[int, Any]) -> list[Content]:
    """What is in no shipment yet, and has not been shipped in another way."""
    held: dict[int, int] = {}
    for shipment in shipments:
        if shipment.state != ShipmentState.RETURNED:
            for part in parts.get(shipment.id, ()):
                held[part.line_id] = held.get(part.line_id, 0) + part.quantity
    rest = {id_: line.quantity - max(line.shipped, held.get(id_, 0)) for id_, line in lines.items()}
    return [_content(lines[id_], quantity) for id_, quantity in rest.items() if quantity > 0]
