"""What follows from a step in the life of an order, in its transaction: the other side is told."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from portal.access import Principal
from portal.orders.lifecycle import RUNNING, Kind, Side, State, Verb

if TYPE_CHECKING:
    from portal.notices.orders import News
    from portal.orders.models import Order
    from portal.orders.parts import OrderEvent

# Older ones come with the first import, and are no news to anybody.
NEW = timedelta(days=7)
_MOVES = frozenset({Verb.CONFIRM, Verb.SHIP, Verb.DELIVER, Verb.CANCEL})
_PROPOSED = frozenset({"propose", "accept-proposal", "decline-proposal", "answer-proposal", "withdraw-proposal"})
_INVOICED = frozenset({"send-invoice", "accept-invoice", "reject-invoice"})
# What a customer says, which whoever looks after them waits for, and what their order is told of in return.
_SAID = frozenset({Verb.SEND, Verb.WITHDRAW, Verb.ACCEPT, Verb.DECLINE})
_ANSWERED = frozenset({Verb.ACCEPT_REQUEST, Verb.REFUSE_REQUEST})
# What of a line its company waits for.
_AWAITED = frozenset({"promised_on", "confirmed_on"})


def follow(session: Session, order: "Order", event: "OrderEvent", who: Principal, at: datetime) -> None:
    """Called by `Order.happened` for every step."""
    follow_all(session, [(order, event)], who, at)


def follow_all(session: Session, steps: Iterable[tuple["Order", "OrderEvent"]], who: Principal, at: datetime) -> None:
    """The same for the steps that a feed brings, in few statements."""
    from portal.notices.orders import tell_of_orders

    news = [told for order, event in steps if event.is_public for told in _news(order, event, at)]
    tell_of_orders(session, news, who, at)


def _news(order: "Order", event: "OrderEvent", at: datetime) -> Iterator["News"]:
    from portal.notices.orders import News

    # A reason is read through the reader's own eyes, when the mail is written.
    params = {"event_id": event.id} if event.reason else {}
    if event.verb in _PROPOSED or event.verb in _INVOICED:
        kind = "order-proposal" if event.verb in _PROPOSED else "order-invoice"
        yield News(order, kind, event.verb, event.side == Side.SUPPLIER, params)
    elif event.verb in _ANSWERED or (event.side == Side.CUSTOMER and event.verb in _SAID):
        yield News(order, "order-request", event.verb, event.side == Side.CUSTOMER, params)
    elif event.side == Side.SUPPLIER:
        yield News(order, "order-changed", event.verb, True, params)
    elif event.side == Side.ERP and order.kind != Kind.QUOTATION:
        verb = _told_by_erp(order, event, at)
        if verb is not None:
            yield News(order, "order-new" if verb == Verb.ORDER else "order-changed", verb, False, params)


def _told_by_erp(order: "Order", event: "OrderEvent", at: datetime) -> str | None:
    """What its company hears of: that there is one to confirm, how far it is, and when a day has moved."""
    fields = event.params.get("fields")
    if fields is None:
        is_new = order.state == State.ORDERED and order.ordered_on and order.ordered_on >= (at - NEW).date()
        return Verb.ORDER if is_new and order.is_purchase else None
    if event.verb in _MOVES:
        return str(event.verb)
    if order.state not in RUNNING:
        return None
    return "reschedule" if any(name.rpartition(".")[2] in _AWAITED for name in fields) else None
