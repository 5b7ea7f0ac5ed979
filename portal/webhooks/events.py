"""What is told of what happens: for each kind of entry in the contact history the public name of the event.

An event says that something happened to a record that the API has, and where it is; never what is in it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal.orders.lifecycle import Kind
from portal.rfqs.steps import STEPS as RFQ_STEPS

TRIAL = "webhook.test"


@dataclass(frozen=True, slots=True)
class EventType:
    """`noun` is the one of the API under which the record is read."""

    name: str
    noun: str


# What orders, quotations and purchase orders are called in names, and as nouns of the API.
_ORDERS = {
    Kind.SALES: ("order", "orders"),
    Kind.QUOTATION: ("quotation", "quotations"),
    Kind.PURCHASE: ("purchase_order", "purchase-orders"),
}
_BOTH = (Kind.SALES, Kind.PURCHASE)
_ALL = tuple(Kind)
# By the verb, what has become of it and of which kinds that is told.
_ORDER_VERBS: Mapping[str, tuple[str, tuple[Kind, ...]]] = {
    "send": ("sent", (Kind.SALES,)),
    "withdraw": ("withdrawn", (Kind.SALES, Kind.QUOTATION)),
    "accept-request": ("accepted", (Kind.SALES,)),
    "refuse-request": ("refused", (Kind.SALES,)),
    "accept": ("accepted", (Kind.QUOTATION,)),
    "decline": ("declined", (Kind.QUOTATION,)),
    "offer": ("offered", (Kind.QUOTATION,)),
    "expire": ("expired", (Kind.QUOTATION,)),
    "order": ("placed", _ALL),
    "confirm": ("confirmed", _BOTH),
    "ship": ("shipped", _BOTH),
    "deliver": ("delivered", _BOTH),
    "close": ("closed", _BOTH),
    "cancel": ("cancelled", _BOTH),
    "change": ("changed", _ALL),
    "confirm-lines": ("lines_confirmed", (Kind.PURCHASE,)),
    "propose": ("proposed", (Kind.PURCHASE,)),
    "answer-proposal": ("proposal_answered", (Kind.PURCHASE,)),
    "accept-proposal": ("proposal_accepted", (Kind.PURCHASE,)),
    "decline-proposal": ("proposal_declined", (Kind.PURCHASE,)),
    "withdraw-proposal": ("proposal_withdrawn", (Kind.PURCHASE,)),
}
# What goes by a name of its own, whatever kind of order it hangs on.
_PAPERS = {
    "shipment": "shipment.announced",
    "shipment-state": "shipment.changed",
    "send-invoice": "invoice.sent",
    "accept-invoice": "invoice.accepted",
    "reject-invoice": "invoice.rejected",
}
_OF_INVOICES = (Kind.PURCHASE,)
_DEAL_VERBS = {
    "submit": "submitted",
    "resubmit": "submitted",
    "take": "taken",
    "approve": "approved",
    "return": "returned",
    "reject": "rejected",
    "mark-duplicate": "rejected",
    "offer-place": "place_offered",
    "withdraw": "withdrawn",
    "revoke": "revoked",
    "expire": "expired",
    "ask-extension": "extension_asked",
    "grant-extension": "extended",
    "refuse-extension": "extension_refused",
    "convert": "converted",
    **dict.fromkeys(("put-back", "name-customer", "approve-first", "accept-place", "leave-line"), "changed"),
    **dict.fromkeys(("lapse-place", "log-work", "warn-idle", "shorten", "late"), "changed"),
    **dict.fromkeys((f"opportunity-{verb}" for verb in ("changed", "won", "lost", "reopened")), "changed"),
}
_KINDS: Mapping[str, EventType] = {
    "ticket-opened": EventType("ticket.opened", "tickets"),
    "reply": EventType("ticket.replied", "tickets"),
    "note": EventType("ticket.noted", "tickets"),
    "message-withdrawn": EventType("ticket.message_removed", "tickets"),
    "message-redacted": EventType("ticket.message_removed", "tickets"),
    **dict.fromkeys(
        ("ticket-state", "ticket-category", "ticket-priority", "ticket-handed-on"),
        EventType("ticket.changed", "tickets"),
    ),
    "organisation-created": EventType("organisation.created", "organisations"),
    "organisation-changed": EventType("organisation.changed", "organisations"),
    "person-joined": EventType("person.joined", "people"),
    # The person is out of reach by then, or not to be let in: it is told of the company.
    "membership-ended": EventType("person.left", "organisations"),
    **{f"deal-{verb}": EventType(f"deal.{past}", "deals") for verb, past in _DEAL_VERBS.items()},
}
# Of these nobody else ever hears.
OF_STAFF = frozenset({"ticket.noted"})
# What moves nothing that the API tells: who may do what, who is copied in, what has no noun there.
NOT_TOLD = frozenset(
    {
        *("contact", "ticket-copied", "ticket-left-out", "ticket-assigned"),
        *("record-shared", "room-joined", "share-ended"),
        *("membership-changed", "person-invited", "invitation-revoked", "request-declined"),
        *("person-disabled", "person-enabled", "portfolio-added", "portfolio-removed", "lead-accepted"),
        *("partner-link-started", "partner-link-changed", "partner-consent-given", "partner-consent-withdrawn"),
        # Of direct sales and requests for quotation, which the API does not have.
        *(f"opportunity-{verb}" for verb in ("opened", "changed", "won", "lost", "reopened")),
        *(f"rfq-{verb}" for verb in RFQ_STEPS),
    }
)


def type_of(kind: str, params: Mapping[str, Any]) -> EventType | None:
    """By the kind of an entry and its parameters; None for what is not told."""
    if not kind.startswith("order-"):
        return _KINDS.get(kind)
    order_kind = params.get("order_kind", "")
    if order_kind not in _ORDERS:
        return None
    verb, (prefix, noun) = kind.removeprefix("order-"), _ORDERS[Kind(order_kind)]
    past, _kinds = _ORDER_VERBS.get(verb, ("changed", ()))
    return EventType(_PAPERS.get(verb, f"{prefix}.{past}"), noun)


def _types() -> Iterator[EventType]:
    for past, kinds in _ORDER_VERBS.values():
        for kind in kinds:
            yield EventType(f"{_ORDERS[kind][0]}.{past}", _ORDERS[kind][1])
    for name in _PAPERS.values():
        for kind in _OF_INVOICES if name.startswith("invoice") else _BOTH:
            yield EventType(name, _ORDERS[kind][1])
    yield from _KINDS.values()


# Every name with the nouns whose records it is told of.
TYPES: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(of.noun for of in _types() if of.name == name))
    for name in dict.fromkeys(found.name for found in _types())
}


def body_of(name: str, at: datetime, *, noun: str = "", ref: str = "", base_url: str = "") -> str:
    """What is sent: no names, prices or words, which the receiver reads under the rights of that moment."""
    data = {"kind": noun, "ref": ref, "url": f"{base_url}/api/v1/{noun}/{ref}"} if ref else {}
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": name, "timestamp": moment, "data": data}, separators=(",", ":"))
