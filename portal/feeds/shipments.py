"""Shipments as the ERP or a carrier tells them. For a session of the system.

The order's own feed is the source of how much of a line was shipped and delivered. A shipment that is new or has
changed raises these where they say less than what is on its way or has arrived, and never lowers them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session, selectinload

from portal.access import Principal
from portal.documents.issuing import issue_delivery_note, take_back_delivery_note
from portal.feeds import amounts
from portal.feeds.lookups import by_external_id, by_name, chunks, records, remembered
from portal.feeds.outcome import Action, Outcome, Problem, refused
from portal.feeds.shapes import ShipmentShape
from portal.feeds.shipment_values import fill, order_lines, shape_of, snapshot
from portal.orders.lifecycle import PLACED, Kind, Side, State
from portal.orders.models import Order
from portal.orders.parts import OrderEvent
from portal.organisations.models import ExternalId
from portal.shipments.links import is_public_link
from portal.shipments.models import Shipment, ShipmentState

NOUN = "shipment"
_ON_ITS_WAY = frozenset(ShipmentState) - {ShipmentState.ANNOUNCED, ShipmentState.RETURNED}


@dataclass(slots=True)
class _Known:
    """Everything that the shipments of one batch speak of, read beforehand."""

    orders: dict[str, Order]
    shipments: dict[str, Shipment]
    # By the order's id, those of this batch included.
    of_order: dict[int, list[Shipment]]


def feed_shipments(
    session: Session, source: str, shapes: Sequence[ShipmentShape], who: Principal, at: datetime
) -> list[Outcome]:
    """Bring these in, in their order; flushed. `who` let them in, which is what the history names.

    What is refused changes nothing. The same feed twice changes nothing the second time. What a supplier announced
    goes by the external id from the moment when the source tells it with the same number or tracking number.
    """
    ids = by_external_id(session, source, NOUN, {shape.external_id for shape in shapes})
    known = _read(session, source, shapes, ids)
    sent: list[Shipment] = []
    outcomes = [_feed(session, shape, known, who, at, sent) for shape in shapes]
    session.flush()
    for shipment in sent:
        issue_delivery_note(session, shipment, at)
    return remembered(session, source, NOUN, ids, shapes, outcomes)


def take_back(session: Session, shipment: Shipment, before: Mapping[str, Any], who: Principal, at: datetime) -> None:
    """Undo what a feed has done to it: as it was `before`, an outcome's; nothing before takes it away. Flushed."""
    order = shipment.order
    lines = {line.position: line for line in order.lines}
    for position, quantities in before.get("order_lines", {}).items():
        if line := lines.get(int(position)):
            line.shipped = amounts.quantity(Decimal(quantities["shipped"]))
            line.delivered = amounts.quantity(Decimal(quantities["delivered"]))
    if "carrier" not in before:
        session.execute(sa.delete(ExternalId).where(ExternalId.kind == NOUN, ExternalId.record_id == shipment.id))
        take_back_delivery_note(session, shipment)
        session.delete(shipment)
    else:
        shape = shape_of(before, shipment.ref)
        fill(shipment, order, shape, frozenset(ShipmentShape.model_fields))
    order.reckon()
    order.has_moved(at, publicly=True)
    session.flush()


def _read(session: Session, source: str, shapes: Sequence[ShipmentShape], ids: Mapping[str, int]) -> _Known:
    order_ids = by_name(session, source, "order", Order, {shape.order for shape in shapes})
    named = {
        row.id: row.order_id
        for part in chunks(sorted(set(ids.values())))
        for row in session.execute(sa.select(Shipment.id, Shipment.order_id).where(Shipment.id.in_(part)))
    }
    concerned = {*order_ids.values(), *named.values()}
    orders = records(session, Order, concerned, selectinload(Order.details), selectinload(Order.lines))
    parts = (selectinload(Shipment.lines), selectinload(Shipment.parcels), selectinload(Shipment.events))
    of_order: dict[int, list[Shipment]] = {}
    by_id = {}
    for part in chunks(sorted(orders)):
        of_part = sa.select(Shipment).where(Shipment.order_id.in_(part)).order_by(Shipment.id).options(*parts)
        for shipment in session.scalars(of_part):
            of_order.setdefault(shipment.order_id, []).append(shipment)
            by_id[shipment.id] = shipment
    return _Known(
        orders={name: orders[id_] for name, id_ in order_ids.items() if id_ in orders},
        shipments={key: by_id[id_] for key, id_ in ids.items() if id_ in by_id},
        of_order=of_order,
    )


def _feed(
    session: Session, shape: ShipmentShape, known: _Known, who: Principal, at: datetime, sent: list[Shipment]
) -> Outcome:
    order = known.orders.get(shape.order)
    if order is None:
        return refused(Problem("order", _l("There is no such order here.")))
    others = known.of_order.setdefault(order.id, [])
    shipment = known.shipments.get(shape.external_id) or _announced(shape, others, known)
    problems = _check(shape, order, shipment, others)
    if problems:
        return refused(*problems)
    is_new = shipment is None
    before = {} if shipment is None else snapshot(shipment, order)
    before_lines = order_lines(order)
    if shipment is None:
        shipment = Shipment(order=order, created_at=at, number="", carrier="", tracking_number="", tracking_url="")
        session.add(shipment)
        others.append(shipment)
    known.shipments[shape.external_id] = shipment
    given = frozenset(ShipmentShape.model_fields if is_new else shape.model_fields_set)
    state = None if is_new else shipment.state
    fill(shipment, order, shape, given)
    after = snapshot(shipment, order)
    if before == after:
        return Outcome(Action.UNCHANGED, shipment, before, after)
    _raise(order, others)
    order.reckon()
    raised = {position: lines for position, lines in order_lines(order).items() if lines != before_lines.get(position)}
    if raised:
        # What it did to the order is seen beforehand, and can be taken back.
        before = {**before, "order_lines": {position: before_lines[position] for position in raised}}
        after = {**after, "order_lines": raised}
    order.has_moved(at, publicly=True)
    if shipment.state in _ON_ITS_WAY and state not in _ON_ITS_WAY:
        sent.append(shipment)
    if is_new or state != shipment.state:
        _tell(session, order, shipment, who, at, is_new=is_new)
    return Outcome(Action.CREATE if is_new else Action.UPDATE, shipment, before, after)


def _announced(shape: ShipmentShape, others: Sequence[Shipment], known: _Known) -> Shipment | None:
    """The one that a supplier announced by itself, told by the other system for the first time."""
    named = {id(shipment) for shipment in known.shipments.values()}
    for shipment in others:
        if shipment.author_id is None or id(shipment) in named:
            continue
        same = [("tracking_number", shape.tracking_number), ("number", shape.number)]
        if any(told and getattr(shipment, name) == told for name, told in same):
            return shipment
    return None


def _check(shape: ShipmentShape, order: Order, shipment: Shipment | None, others: Sequence[Shipment]) -> list[Problem]:
    problems = []
    if shipment is not None and shipment.order is not order:
        return [Problem("order", _l("The shipment belongs to another order."))]
    if order.kind == Kind.QUOTATION or State(order.state) not in (*PLACED, State.CANCELLED):
        problems.append(Problem("order", _l("Nothing is shipped of what has not been ordered.")))
    if shape.tracking_url and not is_public_link(shape.tracking_url):
        problems.append(Problem("tracking_url", _l("The link must begin with https:// and lead to a public address.")))
    if shape.shipped_on and shape.delivered_on and shape.delivered_on < shape.shipped_on:
        problems.append(Problem("delivered_on", _l("It was delivered before it was shipped.")))
    return problems + _check_lines(shape, order, shipment, others)


def _check_lines(
    shape: ShipmentShape, order: Order, shipment: Shipment | None, others: Sequence[Shipment]
) -> list[Problem]:
    lines = {line.position: line for line in order.lines}
    elsewhere = _sum(other for other in others if other is not shipment and other.state != ShipmentState.RETURNED)
    is_kept = shipment is None or "state" in shape.model_fields_set
    is_back = (shape.state if is_kept else shipment.state) == ShipmentState.RETURNED  # type: ignore[union-attr]
    problems: list[Problem] = []
    seen: set[int] = set()
    for told in shape.lines:
        where = f"lines.{told.position}"
        line = lines.get(told.position)
        if told.position in seen:
            problems.append(Problem(where, _l("Another line has this number.")))
        elif line is None:
            problems.append(Problem(where, _l("The order has no line with this number.")))
        elif not is_back and elsewhere.get(line.id, 0) + amounts.quantity(told.quantity) > line.quantity:
            problems.append(Problem(f"{where}.quantity", _l("More would be shipped than was ordered.")))
        seen.add(told.position)
    return problems


def _sum(shipments: Any) -> dict[int, int]:
    found: dict[int, int] = {}
    for shipment in shipments:
        for part in shipment.lines:
            found[part.line_id] = found.get(part.line_id, 0) + part.quantity
    return found


def _raise(order: Order, shipments: Sequence[Shipment]) -> None:
    shipped = _sum(shipment for shipment in shipments if shipment.state in _ON_ITS_WAY)
    delivered = _sum(shipment for shipment in shipments if shipment.state == ShipmentState.DELIVERED)
    for line in order.lines:
        line.shipped = max(line.shipped, shipped.get(line.id, 0))
        line.delivered = max(line.delivered, delivered.get(line.id, 0))


def _tell(session: Session, order: Order, shipment: Shipment, who: Principal, at: datetime, *, is_new: bool) -> None:
    """For the order's page and the contact history: that there is one, and each state that it has come to."""
    verb = "shipment" if is_new else "shipment-state"
    session.add(
        OrderEvent(
            order=order,
            verb=verb,
            actor_id=who.person_id,
            side=Side.ERP,
            at=at,
            state=order.state,
            params={"shipment": shipment.ref, "state": shipment.state, "on": order.looked_at},
        )
    )
    session.add(order.activity(f"order-{verb}", who, at, side=Side.ERP))
