"""Who reads shipments, and which suppliers announce them. Raw tables are for this kind of file alone."""

from typing import Any

import sqlalchemy as sa

from portal.access import Action, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, Condition, register
from portal.orders.rules import of_readable_order
from portal.shipments.models import Parcel, Shipment, ShipmentEvent, ShipmentLine, ShipmentState


def of_readable_shipment(column: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    shipment = Shipment.__table__.alias().c
    return sa.exists().where(shipment.id == column, of_readable_order(shipment.order_id, who))


def _writes(who: Principal, shipment: Shipment, change: Change) -> bool:
    """A supplier announces what it sends us, and mends its announcement while nobody has told more of it."""
    if change == Change.DELETE or not shipment.order.is_purchase:
        return False
    if not who.may(Action.PURCHASE_ANSWER) or not is_writable(shipment.order, Action.PURCHASE_ANSWER):
        return False
    if change == Change.INSERT:
        return shipment.author_id == who.person_id
    return shipment.author_id is not None and shipment.state in (ShipmentState.ANNOUNCED, ShipmentState.IN_TRANSIT)


def _part_writes(who: Principal, part: Any, change: Change) -> bool:
    shipment = part.shipment
    if shipment is None:
        return False
    return _writes(who, shipment, Change.INSERT if shipment.id is None else Change.UPDATE)


register(Shipment, reads=lambda who: of_readable_order(Shipment.order_id, who), writes=_writes)
for part in (ShipmentLine, Parcel, ShipmentEvent):
    register(
        part,
        reads=lambda who, part=part: of_readable_shipment(part.shipment_id, who),  # type: ignore[misc]
        writes=_part_writes,
    )
