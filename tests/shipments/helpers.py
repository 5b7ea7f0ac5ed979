"""Shipments of the sample world's orders, told as a carrier or the ERP tells them."""

from datetime import datetime
from typing import Any

from portal.access import Principal
from portal.clock import now
from portal.feeds.outcome import Outcome
from portal.feeds.shapes import ShipmentShape
from portal.feeds.shipments import feed_shipments
from portal.orders.models import Order
from portal.shipments.models import Shipment
from tests.orders.helpers import SOURCE
from tests.world import World


def ship(world: World, *shapes: dict[str, Any], at: datetime | None = None, source: str = SOURCE) -> list[Outcome]:
    """What came of these; committed."""
    with world.session() as session:
        who = Principal.system("the ERP")
        found = feed_shipments(session, source, [ShipmentShape(**shape) for shape in shapes], who, at or now())
        session.commit()
        return found


def shape_of(order: Order, /, **fields: Any) -> dict[str, Any]:
    """Half of the first line in one parcel, on its way."""
    return {
        "external_id": "S1",
        "order": order.ref,
        "number": "DN-1",
        "carrier": "Posta Nova",
        "tracking_number": "PN123",
        "tracking_url": "https://track.example.com/PN123",
        "shipped_on": "2030-03-10",
        "expected_on": "2030-03-14",
        "lines": [{"position": 10, "quantity": "5"}],
        "parcels": [{"number": "1", "tracking_number": "PN123-1", "weight": "12.5"}],
        "events": [{"at": "2030-03-10T09:00:00+01:00", "state": "in-transit", "place": "Liberec"}],
        **fields,
    }


def shipment_of(world: World, order: Order, /, **fields: Any) -> Shipment:
    (outcome,) = ship(world, shape_of(order, **fields))
    assert isinstance(outcome.record, Shipment), outcome.problems
    return outcome.record
