"""Ordering again: a customer puts a draft together, sends it, and we take it or not. Then the ERP leads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.access import Capacity, Principal
from portal.database import session_of
from portal.errors import RuleBroken
from portal.orders.lifecycle import PLACED, Kind, State, Verb
from portal.orders.models import Order
from portal.orders.parts import OrderDetails, OrderLine, copy_lines
from portal.products.models import Product
from portal.reorders.pricing import prices_of, put_prices

_NONE_LEFT = _l("None of these products can be ordered again. Ask us what we have in their place.")
_NO_LINE = _l("An order needs at least one line. Delete the draft if you do not want any of it.")
_NOT_A_DRAFT = _l("The order has been sent already, or is no draft. Look at it again, then decide.")


def can_be_repeated(order: Order) -> bool:
    return order.kind == Kind.SALES and order.state in PLACED


def still_sold(session: Session, lines: Iterable[OrderLine]) -> set[int]:
    """Of the products of these lines, the ids of those that can be ordered again."""
    wanted = sorted({line.product_id for line in lines if line.product_id is not None})
    asked = sa.select(Product.id).where(Product.id.in_(wanted), Product.is_active, Product.is_reorderable)
    return set(session.scalars(asked))


def draft_of(session: Session, source: Order, who: Principal) -> Order | None:
    """The draft that their company has made from this order and not sent yet."""
    asked = (
        sa.select(Order)
        .join(OrderDetails, OrderDetails.order_id == Order.id)
        .where(OrderDetails.source_id == source.id, Order.state == State.DRAFT)
        .where(Order.organisation_id == who.organisation_id, Order.capacity == who.capacity)
    )
    return session.scalars(asked.order_by(Order.id).limit(1)).first()


def reorder(
    session: Session, source: Order, who: Principal, at: datetime, today: date
) -> tuple[Order, list[OrderLine]]:
    """A draft with those lines of the order that are sold still, at today's prices; and the lines that were left out.

    Raises RuleBroken where nothing can be ordered again. `today` is the day where we work.
    """
    if not can_be_repeated(source):
        raise RuleBroken(_l("Only what has been ordered can be ordered again."))
    sold = still_sold(session, source.lines)
    again = [line for line in source.lines if line.product_id in sold and line.quantity > 0]
    if not again:
        raise RuleBroken(_NONE_LEFT)
    left_out = [line for line in source.lines if line not in again]
    assert who.acting is not None
    draft = Order(
        kind=Kind.SALES,
        organisation_id=who.acting.organisation_id,
        capacity=who.acting.capacity,
        # What a partner buys is a resale of theirs.
        reseller_id=who.acting.organisation_id if who.capacity == Capacity.PARTNER else None,
        author_id=who.person_id,
        state=State.DRAFT,
        created_at=at,
        version=1,
        public_version=1,
        details=_details(source, who.acting.organisation_id),
        lines=copy_lines(again),
    )
    session.add(draft)
    prices = prices_of(session, draft.organisation_id, draft.details.currency, sold, today)
    put_prices(draft, prices)
    draft.reckon()
    session.flush()
    told = [{"code": line.code, "descriptions": dict(line.descriptions)} for line in left_out]
    draft.happened("reorder", who, at, source=source.ref, left_out=told)
    return draft, left_out


def _details(source: Order, organisation_id: int) -> OrderDetails:
    names = ["currency", "rounding", "delivery_address"]
    if source.organisation_id == organisation_id:
        # How somebody else pays is not for this company.
        names += ["payment_terms", "delivery_terms", "billing_address"]
    kept = {name: getattr(source.details, name) for name in names}
    return OrderDetails(**kept, source_id=source.id, net=0, tax=0, total=0, paid=0)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a draft says. Quantities are thousandths of a unit by position; a line without one is taken off."""

    quantities: Mapping[int, int]
    customer_reference: str
    delivery_address: str
    wished_on: date | None
    remark: str


def edit(draft: Order, who: Principal, at: datetime, version: int, wishes: Wishes, today: date) -> None:
    """Raises Stale, and RuleBroken where it is no draft or no line would be left."""
    draft.check_version(who, version)
    if draft.state != State.DRAFT:
        raise RuleBroken(_NOT_A_DRAFT)
    kept = [line for line in draft.lines if wishes.quantities.get(line.position, 0) > 0]
    if not kept:
        raise RuleBroken(_NO_LINE)
    for line in [line for line in draft.lines if line not in kept]:
        draft.lines.remove(line)
    for line in kept:
        line.quantity = wishes.quantities[line.position]
    for name in ("customer_reference", "delivery_address", "wished_on", "remark"):
        setattr(draft.details, name, getattr(wishes, name))
    refresh_prices(draft, today)
    draft.has_moved(at, publicly=True)


def refresh_prices(draft: Order, today: date) -> bool:
    """Today's prices on every line; whether any is another than before."""
    products = [line.product_id for line in draft.lines]
    currency = draft.details.currency
    changed = put_prices(draft, prices_of(session_of(draft), draft.organisation_id, currency, products, today))
    draft.reckon()
    return changed


def send(draft: Order, who: Principal, at: datetime, version: int) -> None:
    """It goes to us to be confirmed. Raises Stale, and RuleBroken where something of it is sold no longer."""
    sold = still_sold(session_of(draft), draft.lines)
    if gone := [line for line in draft.lines if line.product_id not in sold]:
        raise RuleBroken(_l("%(product)s can no longer be ordered. Take it off.", product=gone[0].code))
    draft.move(Verb.SEND, who, at, version)


def remove(draft: Order, who: Principal, version: int) -> None:
    """Nobody else has seen it, so nothing is left of it."""
    draft.check_version(who, version)
    if draft.state != State.DRAFT:
        raise RuleBroken(_NOT_A_DRAFT)
    session_of(draft).delete(draft)


def accept(order: Order, who: Principal, at: datetime, version: int, today: date) -> None:
    """We take it; its number comes from the ERP. Raises Stale, and RuleBroken where it does not wait for us."""
    order.move(Verb.ACCEPT_REQUEST, who, at, version)
    order.ordered_on = today
