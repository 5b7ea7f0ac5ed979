"""A supplier announces what it has sent: the carrier, the parcels, and how much of each line is in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from portal.access import Principal
from portal.business_hours.models import vendor_calendar
from portal.database import session_of
from portal.errors import RuleBroken
from portal.orders.lifecycle import Side, State, Verb, target_of
from portal.orders.models import Order
from portal.orders.parts import OrderLine
from portal.shipments.models import Parcel, Shipment, ShipmentLine, ShipmentState

_NOT_NOW = _l("Only what has been confirmed can be sent. Confirm the order first.")
_NOTHING = _l("Say how much of at least one line is in the shipment.")
_TOO_MUCH = _l("More than is still open cannot be in the shipment.")
_NOT_YET = _l("Announce the shipment on the day on which it leaves.")
_BACKWARDS = _l("It cannot arrive before it leaves.")


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is told of a shipment beside its lines; `parcels` are their numbers at the carrier's."""

    shipped_on: date
    expected_on: date | None = None
    number: str = ""
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    parcels: tuple[str, ...] = ()


def unsent(line: OrderLine) -> int:
    """How much of a line is still to be sent, in thousandths of its unit."""
    return max(0, line.quantity - max(line.shipped, line.delivered))


def may_be_sent(order: Order) -> bool:
    is_agreed = order.is_purchase and order.state in (State.CONFIRMED, State.SHIPPED)
    return is_agreed and any(unsent(line) for line in order.lines)


def announce(
    order: Order,
    quantities: Mapping[int, int],
    told: Consignment,
    who: Principal,
    at: datetime,
    version: int | None,
) -> Shipment:
    """`quantities` in thousandths by the position of the line. Raises Stale and RuleBroken."""
    order.check_version(who, version)
    if not order.is_purchase or order.state not in (State.CONFIRMED, State.SHIPPED):
        raise RuleBroken(_NOT_NOW)
    if told.shipped_on > vendor_calendar(session_of(order)).day_of(at):
        raise RuleBroken(_NOT_YET)
    if told.expected_on is not None and told.expected_on < told.shipped_on:
        raise RuleBroken(_BACKWARDS)
    sent = list(_sent(order, quantities))
    shipment = _shipment(order, sent, told, who, at)
    session_of(order).add(shipment)
    for line, quantity in sent:
        line.shipped = max(line.shipped, line.delivered) + quantity
    order.shipped_on = order.shipped_on or told.shipped_on
    if order.state == State.CONFIRMED:
        order.state = target_of(order.kind, order.state, Verb.SHIP, Side.SUPPLIER)
    order.reckon()
    order.happened(Verb.SHIP, who, at, shipment=shipment.ref, positions=[line.position for line, _quantity in sent])
    return shipment


def _sent(order: Order, quantities: Mapping[int, int]) -> Iterable[tuple[OrderLine, int]]:
    wanted = {position: quantity for position, quantity in quantities.items() if quantity}
    lines = {line.position: line for line in order.lines}
    if not wanted or min(wanted.values()) < 0 or not wanted.keys() <= lines.keys():
        raise RuleBroken(_NOTHING)
    for position, quantity in sorted(wanted.items()):
        if quantity > unsent(lines[position]):
            raise RuleBroken(_TOO_MUCH)
        yield lines[position], quantity


def _shipment(
    order: Order, sent: list[tuple[OrderLine, int]], told: Consignment, who: Principal, at: datetime
) -> Shipment:
    return Shipment(
        order=order,
        author_id=who.person_id,
        created_at=at,
        number=told.number,
        carrier=told.carrier,
        tracking_number=told.tracking_number,
        tracking_url=told.tracking_url,
        state=ShipmentState.IN_TRANSIT,
        shipped_on=told.shipped_on,
        expected_on=told.expected_on,
        lines=[ShipmentLine(line=line, quantity=quantity) for line, quantity in sent],
        parcels=[Parcel(number=str(n), tracking_number=number) for n, number in enumerate(told.parcels, 1)],
    )
