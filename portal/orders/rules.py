"""Who reaches orders and what hangs on them. Raw tables are for this kind of file alone.

An order has two faces: where it stands and when, which a linked partner reads of its customers too; and the whole of
it, lines, prices and papers, for those whose lens has the prices of that ground.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import object_session

from portal.access import Action, Capacity, FieldGroup, Ground, Noun, Principal
from portal.access.finding import is_writable
from portal.access.scope import Change, Condition, changed_fields, register, register_grounds
from portal.accounts.models import Portfolio
from portal.database import among
from portal.orders.lifecycle import Kind, State
from portal.orders.models import Order
from portal.orders.parts import OrderCost, OrderDetails, OrderEvent, OrderLine
from portal.orders.requests import OrderRequest
from portal.organisations.models import PartnerLink
from portal.organisations.rules import active_link
from portal.purchasing.proposals import agreed_by
from portal.tickets.rules import of_readable_ticket

SALES = (Kind.SALES.value, Kind.QUOTATION.value)
# Until it is ordered it is a matter between the customer and us.
UNTOLD = (State.DRAFT.value, State.REQUESTED.value, State.REFUSED.value, State.WITHDRAWN.value)
_Rule = Callable[[Any, Principal], Condition]
# Whose it is stays as it was.
_FIXED = frozenset({"kind", "organisation_id", "capacity", "reseller_id", "author_id", "created_at", "ref"})
# What a supplier moves.
_SUPPLIERS = frozenset(
    {
        *("state", "confirmed_on", "due_on", "shipped_on", "shipped_percent"),
        *("activity_at", "public_at", "stated_at", "public_version", "events"),
    }
)
_SUPPLIERS_OF_LINE = frozenset({"confirmed_on", "confirmed_at", "shipped"})
# Beside that, what follows from a proposal of ours that they accept.
_AGREED = _SUPPLIERS | {"promised_on", "delivered_percent", "invoiced_percent"}
_AGREED_OF_LINE = _SUPPLIERS_OF_LINE | {"promised_on", "quantity", "unit_price", "net", "tax"}
_AGREED_OF_DETAILS = frozenset({"net", "tax", "total"})
# Who does something to an order of this kind, by the verb.
_ACTIONS = {
    Kind.SALES: (Action.ORDER_ASK, Action.ORDER_CONFIRM),
    Kind.QUOTATION: (Action.QUOTATION_DECIDE, Action.ORDER_CONFIRM),
    Kind.PURCHASE: (Action.PURCHASE_ANSWER, Action.PURCHASE_CHECK),
}


def _is(order: Any, *kinds: str) -> Condition:
    """Said of all but the few purchase orders by what it is not: SQLite would look up all sales and sort them, where
    reading the list in its order finds a page of them soon."""
    others = sorted(kind.value for kind in Kind if kind not in kinds)
    condition: Condition = order.kind == kinds[0] if kinds == (Kind.PURCHASE,) else order.kind.not_in(others)
    return condition


def _company(order: Any, who: Principal) -> Condition:
    """A company's own, in the capacity that they act in."""
    return sa.and_(order.organisation_id == who.organisation_id, order.capacity == who.capacity)


def _told(order: Any) -> Condition:
    """A draft is told to nobody yet."""
    condition: Condition = order.state != State.DRAFT
    return condition


def _resale(order: Any, who: Principal) -> Condition:
    """What is sold through a partner: for partners their own, for staff of any."""
    if who.is_staff:
        return sa.and_(order.reseller_id.is_not(None), _told(order))
    # Their own draft is theirs, though nobody else's.
    own = sa.or_(_told(order), _company(order, who))
    return sa.and_(order.reseller_id == who.organisation_id, own)


def _linked(order: Any, who: Principal) -> Condition:
    if not who.has_links:
        return sa.false()
    link = PartnerLink.__table__.alias().c
    linked = sa.select(link.customer_id).where(link.partner_id == who.organisation_id, active_link(link))
    return sa.and_(
        among(order.organisation_id, linked),
        order.capacity == Capacity.CUSTOMER,
        _is(order, Kind.SALES),
        order.state.not_in(UNTOLD),
    )


def _portfolio(order: Any, who: Principal) -> Condition:
    portfolio = Portfolio.__table__.alias().c
    cared_for = sa.select(portfolio.organisation_id).where(portfolio.person_id == who.person_id)
    return sa.and_(among(order.organisation_id, cared_for), _is(order, *SALES), _told(order))


_GROUNDS: dict[Ground, _Rule] = {
    Ground.COMPANY: _company,
    Ground.PORTFOLIO: _portfolio,
    Ground.LINKED: _linked,
    Ground.RESALE: _resale,
    Ground.SALES: lambda order, who: sa.and_(_is(order, *SALES), _told(order)),
    Ground.PURCHASE: lambda order, who: _is(order, Kind.PURCHASE),
    Ground.ALL: lambda order, who: _told(order),
}
# Of whoever has the wider one, the narrower one brings no more rows.
_WITHIN = {Ground.PORTFOLIO: Ground.SALES, Ground.RESALE: Ground.SALES}
_PRICES = {FieldGroup.SALES_PRICES: SALES, FieldGroup.PURCHASE_PRICES: (Kind.PURCHASE.value,)}


def order_readable(order: Any, who: Principal) -> Condition:
    if who.is_system:
        return sa.true()
    held = {reach.ground for reach in who.reach(Noun.ORDERS)}
    if Ground.ALL in held:
        return _told(order)
    widest = [ground for ground in _GROUNDS if ground in held and _WITHIN.get(ground) not in held]
    return sa.or_(sa.false(), *(_GROUNDS[ground](order, who) for ground in widest))


def order_whole(order: Any, who: Principal) -> Condition:
    """Within reach on a ground on which the lens has the prices of its kind."""
    if who.is_system:
        return sa.true()
    priced = {
        reach.ground: tuple(kind for group, of in _PRICES.items() if who.sees(group, reach.ground) for kind in of)
        for reach in who.reach(Noun.ORDERS)
    }
    parts = []
    for ground, kinds in priced.items():
        wider = priced.get(_WITHIN[ground], ()) if ground in _WITHIN else ()
        if ground in _GROUNDS and not set(kinds) <= set(wider):
            reached = _GROUNDS[ground](order, who)
            parts.append(reached if len(kinds) == len(Kind) else sa.and_(reached, _is(order, *kinds)))
    return sa.or_(sa.false(), *parts)


def of_readable_order(column: Any, who: Principal) -> Condition:
    """It hangs on an order that is read whole."""
    if who.is_system:
        return sa.true()
    if not who.reach(Noun.ORDERS):
        return sa.false()
    order = Order.__table__.alias()
    return sa.exists().where(order.c.id == column, order_whole(order.c, who))


def acts_on(who: Principal, order: Order) -> bool:
    """Whether one of the verbs for this kind of order is theirs, on this one."""
    return any(who.may(action) and is_writable(order, action) for action in _ACTIONS[Kind(order.kind)])


def _is_own_draft(who: Principal, order: Order) -> bool:
    """A company puts its reorders together itself."""
    return (
        who.may(Action.ORDER_ASK)
        and who.acting is not None
        and order.kind == Kind.SALES
        and order.state == State.DRAFT
        and order.organisation_id == who.organisation_id
        and order.capacity == who.capacity
    )


def _order_writes(who: Principal, order: Order, change: Change) -> bool:
    if change == Change.INSERT:
        is_new = _is_own_draft(who, order) and order.author_id == who.person_id
        return is_new and order.reseller_id in (None, who.organisation_id)
    if change == Change.DELETE:
        return _is_own_draft(who, order)
    if not changed_fields(order).isdisjoint(_FIXED) or not acts_on(who, order):
        return False
    if who.is_staff or not order.is_purchase or changed_fields(order) <= _SUPPLIERS:
        return True
    return changed_fields(order) <= _AGREED and bool(agreed_by(who, order))


def _is_new_or_acted_on(who: Principal, order: Order | None) -> bool:
    if order is None:
        return False
    return _order_writes(who, order, Change.INSERT) if order.id is None else acts_on(who, order)


def _part_writes(who: Principal, details: OrderDetails, change: Change) -> bool:
    order = order_of(details)
    if change == Change.UPDATE:
        if order is None or not acts_on(who, order):
            return False
        if who.is_staff or not order.is_purchase:
            return True
        return changed_fields(details) <= _AGREED_OF_DETAILS and bool(agreed_by(who, order))
    return order is not None and _is_own_draft(who, order)


def _line_writes(who: Principal, line: OrderLine, change: Change) -> bool:
    order = order_of(line)
    if order is None:
        return False
    if change != Change.UPDATE:
        return _is_own_draft(who, order)
    if not acts_on(who, order):
        return False
    if who.is_staff:
        return True
    if _is_own_draft(who, order):
        return True
    return order.is_purchase and (changed_fields(line) <= _SUPPLIERS_OF_LINE or _is_agreed(who, order, line))


def _is_agreed(who: Principal, order: Order, line: OrderLine) -> bool:
    """It becomes just what we had proposed."""
    agreed = {(one.line_id, one.quantity, one.unit_price) for one in agreed_by(who, order)}
    return changed_fields(line) <= _AGREED_OF_LINE and (line.id, line.quantity, line.unit_price) in agreed


def order_of(part: Any) -> Order | None:
    """One that is taken off knows its order by the id alone."""
    session = object_session(part)
    found: Order | None = part.order
    return found or (session.get(Order, part.order_id) if session and part.order_id else None)


def _event_writes(who: Principal, event: OrderEvent, change: Change) -> bool:
    """What happened stays as it was written down; a draft goes with all that was written of it."""
    if change == Change.DELETE:
        order = order_of(event)
        return order is not None and _is_own_draft(who, order)
    return change == Change.INSERT and event.actor_id == who.person_id and _is_new_or_acted_on(who, event.order)


def _event_reads(who: Principal) -> Condition:
    reached = of_readable_order(OrderEvent.order_id, who)
    return reached if who.is_staff or who.is_system else sa.and_(reached, OrderEvent.is_public)


def _cost_reads(who: Principal) -> Condition:
    if not who.sees(FieldGroup.FINANCE):
        return sa.false()
    return of_readable_order(OrderCost.order_id, who)


def _request_writes(who: Principal, request: OrderRequest, change: Change) -> bool:
    order = order_of(request)
    if order is None or change == Change.DELETE:
        return False
    if change == Change.INSERT:
        return who.may(Action.ORDER_ASK) and is_writable(order, Action.ORDER_ASK)
    return who.may(Action.ORDER_CONFIRM) and is_writable(order, Action.ORDER_CONFIRM)


register_grounds(
    Order,
    Noun.ORDERS,
    {ground: partial(rule, Order) for ground, rule in _GROUNDS.items()},
    _order_writes,
    reads=lambda who: order_readable(Order, who),
)
register(OrderDetails, reads=lambda who: of_readable_order(OrderDetails.order_id, who), writes=_part_writes)
register(OrderLine, reads=lambda who: of_readable_order(OrderLine.order_id, who), writes=_line_writes)
register(OrderCost, reads=_cost_reads)
register(OrderEvent, reads=_event_reads, writes=_event_writes)
register(
    OrderRequest,
    reads=lambda who: sa.and_(
        of_readable_order(OrderRequest.order_id, who), of_readable_ticket(OrderRequest.ticket_id, who)
    ),
    writes=_request_writes,
)
