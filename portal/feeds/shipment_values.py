"""A shipment as plain values in the words of its shape, and back."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.feeds import amounts
from portal.feeds.shapes import ShipmentShape
from portal.orders.models import Order
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine

_TEXTS = ("number", "carrier", "tracking_number", "tracking_url", "state")
_DATES = ("shipped_on", "expected_on", "delivered_on")


def fill(shipment: Shipment, order: Order, shape: ShipmentShape, given: frozenset[str]) -> None:
    """Write down what is given; a list that is given is the whole of it."""
    for name in (*_TEXTS, *_DATES):
        if name in given:
            setattr(shipment, name, getattr(shape, name))
    if "lines" in given:
        _fill_lines(shipment, order, shape)
    if "parcels" in given:
        told = [(parcel.number, parcel.tracking_number, _grams(parcel.weight)) for parcel in shape.parcels]
        if told != [(parcel.number, parcel.tracking_number, parcel.weight) for parcel in shipment.parcels]:
            shipment.parcels = [Parcel(number=number, tracking_number=key, weight=g) for number, key, g in told]
    if "events" in given:
        happened = sorted(
            ((_aware(event.at), event.state, event.place, dict(event.words)) for event in shape.events),
            key=lambda event: event[0],
        )
        if happened != [(event.at, event.state, event.place, event.words) for event in shipment.events]:
            shipment.events = [
                ShipmentEvent(at=at, state=state, place=place, words=words) for at, state, place, words in happened
            ]


def _fill_lines(shipment: Shipment, order: Order, shape: ShipmentShape) -> None:
    told = {line.position: amounts.quantity(line.quantity) for line in shape.lines if line.quantity}
    wanted = {line.id: told[line.position] for line in order.lines if line.position in told}
    present = {part.line_id: part for part in shipment.lines}
    for line_id, quantity in wanted.items():
        if line_id in present:
            present[line_id].quantity = quantity
        else:
            shipment.lines.append(ShipmentLine(line_id=line_id, quantity=quantity))
    for line_id, part in present.items():
        if line_id not in wanted:
            shipment.lines.remove(part)


def _grams(kilograms: Decimal | None) -> int | None:
    return None if kilograms is None else int(kilograms * 1000)


def _aware(moment: datetime) -> datetime:
    """A moment without a zone is one of UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def shape_of(values: Mapping[str, Any], external_id: str) -> ShipmentShape:
    """The shape that says what a snapshot says."""
    told = {name: values[name] for name in ("order", *_TEXTS, *_DATES)}
    return ShipmentShape(
        external_id=external_id,
        lines=[{"position": int(key), **line} for key, line in values["lines"].items()],
        parcels=list(values["parcels"].values()),
        events=list(values["events"].values()),
        **told,
    )


def snapshot(shipment: Shipment, order: Order) -> dict[str, Any]:
    """The shipment as plain values in the words of its shape."""
    positions = {line.id: line.position for line in order.lines}
    values: dict[str, Any] = {"order": order.ref}
    values |= {name: str(getattr(shipment, name)) for name in _TEXTS}
    values |= {name: _plain(getattr(shipment, name)) for name in _DATES}
    values["lines"] = {
        str(position): {"quantity": str(amounts.to_decimal(part.quantity, amounts.THOUSANDTHS))}
        for position, part in sorted((positions[part.line_id], part) for part in shipment.lines)
    }
    values["parcels"] = {
        str(number): {
            "number": parcel.number,
            "tracking_number": parcel.tracking_number,
            "weight": None if parcel.weight is None else str(amounts.to_decimal(parcel.weight, amounts.THOUSANDTHS)),
        }
        for number, parcel in enumerate(shipment.parcels, 1)
    }
    values["events"] = {
        str(number): {
            "at": event.at.astimezone(UTC).isoformat(),
            "state": str(event.state),
            "place": event.place,
            "words": dict(event.words),
        }
        for number, event in enumerate(shipment.events, 1)
    }
    return values


def order_lines(order: Order) -> dict[str, dict[str, str]]:
    """What a shipment may raise of its order."""
    return {
        str(line.position): {
            "shipped": str(amounts.to_decimal(line.shipped, amounts.THOUSANDTHS)),
            "delivered": str(amounts.to_decimal(line.delivered, amounts.THOUSANDTHS)),
        }
        for line in order.lines
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
