"""The lives of sales orders, quotations and purchase orders: one table each of who moves what from where to where."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.lifecycles import Lifecycle, Transition, transitions


class Kind(StrEnum):
    SALES = "sales"
    QUOTATION = "quotation"
    PURCHASE = "purchase"


class State(StrEnum):
    # A sales order that the customer puts together in the portal; once it is ordered, the ERP leads.
    DRAFT = "draft"
    REQUESTED = "requested"
    REFUSED = "refused"
    # Of a quotation.
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    # Of an order in either direction; a quotation ends as ordered.
    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    SEND = "send"
    WITHDRAW = "withdraw"
    ACCEPT_REQUEST = "accept-request"
    REFUSE_REQUEST = "refuse-request"
    ACCEPT = "accept"
    DECLINE = "decline"
    OFFER = "offer"
    EXPIRE = "expire"
    ORDER = "order"
    CONFIRM = "confirm"
    SHIP = "ship"
    DELIVER = "deliver"
    CLOSE = "close"
    CANCEL = "cancel"


class Side(StrEnum):
    """Who moves it: the customer, the supplier, our staff, the ERP by import or API, or the portal's own clock."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    STAFF = "staff"
    ERP = "erp"
    CLOCK = "clock"


Table = tuple[Transition[State, Verb, Side], ...]

# What has been agreed, in the order of a delivery.
RUNNING = (State.ORDERED, State.CONFIRMED, State.SHIPPED)
PLACED = (*RUNNING, State.DELIVERED, State.CLOSED)
OVER = (State.CLOSED, State.CANCELLED, State.REFUSED, State.WITHDRAWN, State.DECLINED, State.EXPIRED)


def _by_erp(verb: Verb, target: State) -> Table:
    """The ERP is the source of what has been ordered, so it may move it anywhere, and back to mend what was wrong."""
    return transitions((state for state in (*PLACED, State.CANCELLED) if state != target), verb, target, Side.ERP)


_OF_ERP = (
    *_by_erp(Verb.ORDER, State.ORDERED),
    *_by_erp(Verb.CONFIRM, State.CONFIRMED),
    *_by_erp(Verb.SHIP, State.SHIPPED),
    *_by_erp(Verb.DELIVER, State.DELIVERED),
    *_by_erp(Verb.CLOSE, State.CLOSED),
    *_by_erp(Verb.CANCEL, State.CANCELLED),
)

TRANSITIONS: Mapping[Kind, Table] = {
    Kind.SALES: (
        *transitions((State.DRAFT,), Verb.SEND, State.REQUESTED, Side.CUSTOMER),
        *transitions((State.REQUESTED,), Verb.WITHDRAW, State.WITHDRAWN, Side.CUSTOMER),
        *transitions((State.REQUESTED,), Verb.ACCEPT_REQUEST, State.ORDERED, Side.STAFF, Side.ERP),
        *transitions((State.REQUESTED,), Verb.REFUSE_REQUEST, State.REFUSED, Side.STAFF, Side.ERP),
        *_OF_ERP,
    ),
    Kind.QUOTATION: (
        # What is answered by phone or letter, the ERP tells.
        *transitions((State.OFFERED,), Verb.ACCEPT, State.ACCEPTED, Side.CUSTOMER, Side.ERP),
        *transitions((State.OFFERED,), Verb.DECLINE, State.DECLINED, Side.CUSTOMER, Side.ERP),
        *transitions((State.OFFERED,), Verb.EXPIRE, State.EXPIRED, Side.CLOCK, Side.ERP),
        *transitions((State.OFFERED, State.ACCEPTED), Verb.WITHDRAW, State.WITHDRAWN, Side.ERP),
        *transitions((State.DECLINED, State.EXPIRED, State.WITHDRAWN), Verb.OFFER, State.OFFERED, Side.ERP),
        *transitions((State.OFFERED, State.ACCEPTED), Verb.ORDER, State.ORDERED, Side.ERP),
    ),
    Kind.PURCHASE: (
        *transitions((State.ORDERED,), Verb.CONFIRM, State.CONFIRMED, Side.SUPPLIER),
        *transitions((State.CONFIRMED,), Verb.SHIP, State.SHIPPED, Side.SUPPLIER),
        *_OF_ERP,
    ),
}

# In which state a record of each kind may be when another system brings it for the first time.
FIRST: Mapping[Kind, tuple[State, ...]] = {
    Kind.SALES: (*PLACED, State.CANCELLED),
    Kind.QUOTATION: (
        State.OFFERED,
        State.ACCEPTED,
        State.DECLINED,
        State.EXPIRED,
        State.WITHDRAWN,
        State.ORDERED,
    ),
    Kind.PURCHASE: (*PLACED, State.CANCELLED),
}

_NOT_NOW = _l("The order is in a state in which this cannot be done. Look at it again, then decide.")
_LIVES = {kind: Lifecycle(table, _NOT_NOW) for kind, table in TRANSITIONS.items()}


def target_of(kind: str, state: str, verb: Verb, side: Side) -> State:
    """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
    return _LIVES[Kind(kind)].target_of(state, verb, side)


def verb_between(kind: str, state: str, target: str, side: Side) -> Verb:
    """What that side does to bring it from one state to the other; raises RuleBroken where it cannot."""
    return _LIVES[Kind(kind)].verb_between(state, target, side)
