"""Taking back what a feed has done to an order. For a session of the system."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Principal
from portal.deals.models import Deal
from portal.documents.issuing import take_back_drawn
from portal.errors import RuleBroken
from portal.feeds import amounts
from portal.feeds.lookups import forget
from portal.feeds.order_lookups import NOUN
from portal.feeds.order_snapshots import DATES, DETAILS, HEADER, QUANTITIES
from portal.notices.models import Notice
from portal.orders.lifecycle import Side, State
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderEvent, OrderLine
from portal.organisations.models import Activity, ActivityOrganisation, Channel, Organisation
from portal.products.models import Product

_ACTED_ON = _l("Somebody has done something with this order since.")


def restore(
    session: Session,
    source: str,
    external_id: str,
    before: Mapping[str, Any] | None,
    order: Order,
    who: Principal,
    at: datetime,
) -> None:
    """As it was `before` a feed, an outcome's; where it was nothing it goes. Flushed.

    Raises RuleBroken where somebody has done something with it, IntegrityError where something hangs on it.
    """
    if not before:
        _remove(session, order)
        return
    order.state = State(before["state"])
    for name in HEADER:
        setattr(order, name, _day(before[name]))
    for name in DETAILS:
        setattr(order.details, name, before[name])
    order.details.payment_due_on = _day(before["payment_due_on"])
    order.details.paid = amounts.minor(Decimal(before["paid"]), before["currency"])
    order.details.rounding = before["rounding"]
    for name, model, holder, column in (
        ("reseller", Organisation, order, "reseller_id"),
        ("deal", Deal, order.details, "deal_id"),
        ("quotation", Order, order.details, "source_id"),
    ):
        setattr(holder, column, _id_of(session, model, before[name]))
    _bring_back_lines(session, order, before["lines"], before["currency"], at)
    order.reckon()
    order.happened("change", who, at, side=Side.ERP)


def _bring_back_lines(
    session: Session, order: Order, told: Mapping[str, Mapping[str, Any]], currency: str, at: datetime
) -> None:
    present = {line.position: line for line in order.lines}
    costs = {cost.line_id: cost for cost in session.scalars(sa.select(OrderCost).where(OrderCost.order_id == order.id))}
    for position, line in present.items():
        if str(position) not in told:
            order.lines.remove(line)
    for number, values in told.items():
        known = present.get(int(number))
        line = known or OrderLine(position=int(number), quantity=0)
        if known is None:
            order.lines.append(line)
        _bring_back_line(session, line, values, currency, at)
        _bring_back_cost(session, order, line, costs.get(line.id), values.get("cost"), currency)
    order.lines.sort(key=lambda line: line.position)


def _bring_back_line(session: Session, line: OrderLine, values: Mapping[str, Any], currency: str, at: datetime) -> None:
    product = sa.select(Product.id).where(Product.code == values["product"])
    if line.code != values["product"]:
        line.product_id = session.scalar(product)
    line.code, line.descriptions, line.unit = values["product"], dict(values["descriptions"]), values["unit"]
    for name in QUANTITIES:
        setattr(line, name, amounts.quantity(Decimal(values[name])))
    line.unit_price = amounts.minor(Decimal(values["unit_price"]), currency)
    line.price_per = values["price_per"]
    line.discount, line.tax_rate = (amounts.rate(Decimal(values[name])) for name in ("discount", "tax_rate"))
    for name in DATES:
        setattr(line, name, _day(values.get(name)))
    if line.confirmed_on is None:
        line.confirmed_at = None
    elif line.confirmed_at is None:
        line.confirmed_at = at


def _bring_back_cost(
    session: Session, order: Order, line: OrderLine, kept: OrderCost | None, told: str | None, currency: str
) -> None:
    if told is None:
        if kept is not None:
            session.delete(kept)
        return
    cost = amounts.minor(Decimal(told), currency)
    if kept is None:
        session.add(OrderCost(order=order, line=line, cost=cost))
    else:
        kept.cost = cost


def _remove(session: Session, order: Order) -> None:
    """With all that the feed has written of it, and nothing else."""
    by_people = sa.select(OrderEvent.id).where(OrderEvent.order_id == order.id, OrderEvent.side != Side.ERP)
    told = sa.select(Activity.id).where(Activity.order_id == order.id)
    if session.scalar(by_people.limit(1)) or session.scalar(told.where(Activity.channel != Channel.API).limit(1)):
        raise RuleBroken(_ACTED_ON)
    ids = session.scalars(told).all()
    session.execute(sa.delete(ActivityOrganisation).where(ActivityOrganisation.activity_id.in_(ids)))
    session.execute(sa.delete(Activity).where(Activity.id.in_(ids)))
    session.execute(sa.delete(Notice).where(Notice.order_id == order.id))
    take_back_drawn(session, order)
    session.execute(sa.delete(OrderCost).where(OrderCost.order_id == order.id))
    forget(session, NOUN, order.id)
    session.delete(order)
    session.flush()


def _id_of(session: Session, model: Any, ref: str) -> int | None:
    return session.scalar(sa.select(model.id).where(model.ref == ref)) if ref else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
