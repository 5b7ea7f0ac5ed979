"""The lives of sales orders, quotations and purchase orders: one table each of who moves what from where to where."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from portal.errors import RuleBroken


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


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    verb: Verb
    target: State
    sides: frozenset[Side]


Table = tuple[Transition, ...]


def _rows(sources: tuple[State, ...], verb: Verb, target: State, *sides: Side) -> Table:
    return tuple(Transition(source, verb, target, frozenset(sides)) for source in sources if source != target)


# What has been agreed, in the order of a delivery.
RUNNING = (State.ORDERED, State.CONFIRMED, State.SHIPPED)
PLACED = (*RUNNING, State.DELIVERED, State.CLOSED)
OVER = (State.CLOSED, State.CANCELLED, State.REFUSED, State.WITHDRAWN, State.DECLINED, State.EXPIRED)

# The ERP is the source of what has been ordered, so it may move it anywhere, and back to mend what was wrong.
_OF_ERP = (
    *_rows((*PLACED, State.CANCELLED), Verb.ORDER, State.ORDERED, Side.ERP),
    *_rows((*PLACED, State.CANCELLED), Verb.CONFIRM, State.CONFIRMED, Side.ERP),
    *_rows((*PLACED, State.CANCELLED), Verb.SHIP, State.SHIPPED, Side.ERP),
    *_rows((*PLACED, State.CANCELLED), Verb.DELIVER, State.DELIVERED, Side.ERP),
    *_rows((*PLACED, State.CANCELLED), Verb.CLOSE, State.CLOSED, Side.ERP),
    *_rows(PLACED, Verb.CANCEL, State.CANCELLED, Side.ERP),
)

TRANSITIONS: Mapping[Kind, Table] = {
    Kind.SALES: (
        *_rows((State.DRAFT,), Verb.SEND, State.REQUESTED, Side.CUSTOMER),
        *_rows((State.REQUESTED,), Verb.WITHDRAW, State.WITHDRAWN, Side.CUSTOMER),
        *_rows((State.REQUESTED,), Verb.ACCEPT_REQUEST, State.ORDERED, Side.STAFF, Side.ERP),
        *_rows((State.REQUESTED,), Verb.REFUSE_REQUEST, State.REFUSED, Side.STAFF, Side.ERP),
        *_OF_ERP,
    ),
    Kind.QUOTATION: (
        # What is answered by phone or letter, the ERP tells.
        *_rows((State.OFFERED,), Verb.ACCEPT, State.ACCEPTED, Side.CUSTOMER, Side.ERP),
        *_rows((State.OFFERED,), Verb.DECLINE, State.DECLINED, Side.CUSTOMER, Side.ERP),
        *_rows((State.OFFERED,), Verb.EXPIRE, State.EXPIRED, Side.CLOCK, Side.ERP),
        *_rows((State.OFFERED, State.ACCEPTED), Verb.WITHDRAW, State.WITHDRAWN, Side.ERP),
        *_rows((State.DECLINED, State.EXPIRED, State.WITHDRAWN), Verb.OFFER, State.OFFERED, Side.ERP),
        *_rows((State.OFFERED, State.ACCEPTED), Verb.ORDER, State.ORDERED, Side.ERP),
    ),
    Kind.PURCHASE: (
        *_rows((State.ORDERED,), Verb.CONFIRM, State.CONFIRMED, Side.SUPPLIER),
        *_rows((State.CONFIRMED,), Verb.SHIP, State.SHIPPED, Side.SUPPLIER),
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


def target_of(kind: str, state: str, verb: Verb, side: Side) -> State:
    """Where the verb leads; raises RuleBroken where that side cannot do it from here."""
    for row in TRANSITIONS[Kind(kind)]:
        if row.source == state and row.verb == verb and side in row.sides:
            return row.target
    raise RuleBroken(_NOT_NOW)


def verbs_from(kind: str, state: str, side: Side) -> list[Verb]:
    """What can be done from this state, in the order of the table."""
    return [row.verb for row in TRANSITIONS[Kind(kind)] if row.source == state and side in row.sides]


def verb_between(kind: str, state: str, target: str, side: Side) -> Verb:
    """What that side does to bring it from one state to the other; raises RuleBroken where it cannot."""
    for row in TRANSITIONS[Kind(kind)]:
        if row.source == state and row.target == target and side in row.sides:
            return row.verb
    raise RuleBroken(_NOT_NOW)
