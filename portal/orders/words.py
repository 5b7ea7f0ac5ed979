"""What kinds, states, verbs and units of orders are called, in the reader's language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from portal.languages import number_text
from portal.orders.lifecycle import Kind, Side, State, Verb
from portal.orders.parts import PaymentState
from portal.orders.requests import Decision, RequestKind, ReturnReason

Words = Mapping[Any, Any]

KINDS: Words = {
    Kind.SALES: lazy_pgettext("kind", "Order"),
    Kind.QUOTATION: _l("Quotation"),
    Kind.PURCHASE: _l("Purchase order"),
}

STATES: Words = {
    State.DRAFT: lazy_pgettext("order", "Draft"),
    State.REQUESTED: lazy_pgettext("order", "Waiting for our confirmation"),
    State.REFUSED: lazy_pgettext("order", "Not accepted"),
    State.OFFERED: lazy_pgettext("quotation", "Offered"),
    State.ACCEPTED: lazy_pgettext("quotation", "Accepted"),
    State.DECLINED: lazy_pgettext("quotation", "Declined"),
    State.EXPIRED: lazy_pgettext("quotation", "Expired"),
    State.WITHDRAWN: lazy_pgettext("order", "Withdrawn"),
    State.ORDERED: lazy_pgettext("order", "Ordered"),
    State.CONFIRMED: lazy_pgettext("order", "Confirmed"),
    State.SHIPPED: lazy_pgettext("order", "Shipped"),
    State.DELIVERED: lazy_pgettext("order", "Delivered"),
    State.CLOSED: lazy_pgettext("order", "Closed"),
    State.CANCELLED: lazy_pgettext("order", "Cancelled"),
}

# The tones of badges: see `ui.badge`.
STATE_TONES: Mapping[Any, str] = {
    State.DRAFT: "neutral",
    State.REQUESTED: "waiting",
    State.REFUSED: "danger",
    State.OFFERED: "new",
    State.ACCEPTED: "done",
    State.DECLINED: "danger",
    State.EXPIRED: "neutral",
    State.WITHDRAWN: "neutral",
    State.ORDERED: "new",
    State.CONFIRMED: "progress",
    State.SHIPPED: "progress",
    State.DELIVERED: "done",
    State.CLOSED: "neutral",
    State.CANCELLED: "danger",
}

VERBS: Words = {
    Verb.SEND: lazy_pgettext("order", "Send the order"),
    Verb.WITHDRAW: lazy_pgettext("order", "Withdraw"),
    Verb.ACCEPT_REQUEST: lazy_pgettext("order", "Accept the order"),
    Verb.REFUSE_REQUEST: lazy_pgettext("order", "Do not accept the order"),
    Verb.ACCEPT: lazy_pgettext("quotation", "Accept"),
    Verb.DECLINE: lazy_pgettext("quotation", "Decline"),
    Verb.OFFER: lazy_pgettext("quotation", "Offer"),
    Verb.EXPIRE: lazy_pgettext("quotation", "Expires"),
    Verb.ORDER: lazy_pgettext("order", "Order"),
    Verb.CONFIRM: lazy_pgettext("order", "Confirm order"),
    Verb.SHIP: lazy_pgettext("order", "Ship"),
    Verb.DELIVER: lazy_pgettext("order", "Deliver"),
    Verb.CLOSE: lazy_pgettext("order", "Close"),
    Verb.CANCEL: lazy_pgettext("order", "Cancel the order"),
}

SIDES: Words = {
    Side.CUSTOMER: _l("Customer"),
    Side.SUPPLIER: _l("Supplier"),
    Side.STAFF: _l("Our staff"),
    Side.ERP: _l("The ERP system"),
    Side.CLOCK: _l("By itself, when the time is over"),
}

PAYMENT_STATES: Words = {
    PaymentState.NONE: _l("Not invoiced yet"),
    PaymentState.OPEN: _l("To be paid"),
    PaymentState.PART: _l("Partly paid"),
    PaymentState.PAID: _l("Paid"),
    PaymentState.REFUNDED: _l("Refunded"),
}

REQUEST_KINDS: Words = {
    RequestKind.QUESTION: _l("Question"),
    RequestKind.COMPLAINT: _l("Complaint about the service"),
    RequestKind.CLAIM: _l("Claim about the goods"),
    RequestKind.RETURN: _l("Return of goods"),
    RequestKind.DOCUMENT: _l("Request for a document"),
}

RETURN_REASONS: Words = {
    ReturnReason.DAMAGED: _l("Damaged on the way"),
    ReturnReason.DEFECTIVE: _l("Does not work"),
    ReturnReason.WRONG_ITEM: _l("Something else was delivered"),
    ReturnReason.TOO_MANY: _l("More than ordered"),
    ReturnReason.LATE: _l("Came too late"),
    ReturnReason.NOT_NEEDED: _l("No longer needed"),
    ReturnReason.OTHER: _l("Another reason"),
}

DECISIONS: Words = {
    Decision.NONE: lazy_pgettext("return", "Waiting for a decision"),
    Decision.CONFIRMED: lazy_pgettext("return", "Confirmed"),
    Decision.REFUSED: lazy_pgettext("return", "Refused"),
}


# Codes of UN/ECE Recommendation 20. What is abbreviated needs no plural.
_UNITS: Words = {
    "C62": _l("%(number)s pcs"),
    "H87": _l("%(number)s pcs"),
    "EA": _l("%(number)s pcs"),
    "MTR": _l("%(number)s m"),
    "MTK": _l("%(number)s m²"),
    "MTQ": _l("%(number)s m³"),
    "KGM": _l("%(number)s kg"),
    "GRM": _l("%(number)s g"),
    "TNE": _l("%(number)s t"),
    "LTR": _l("%(number)s l"),
    "HUR": _l("%(number)s h"),
}


def _counted(unit: str, count: int, number: str) -> Any:
    match unit:
        case "SET":
            return ngettext("%(number)s set", "%(number)s sets", count, number=number)
        case "PR":
            return ngettext("%(number)s pair", "%(number)s pairs", count, number=number)
        case "XBX" | "BX":
            return ngettext("%(number)s box", "%(number)s boxes", count, number=number)
        case "XPX" | "PF":
            return ngettext("%(number)s pallet", "%(number)s pallets", count, number=number)
        case "DAY":
            return ngettext("%(number)s day", "%(number)s days", count, number=number)
        case "MON":
            return ngettext("%(number)s month", "%(number)s months", count, number=number)
        case "ANN":
            return ngettext("%(number)s year", "%(number)s years", count, number=number)
    return f"{number} {unit}"


def quantity_text(thousandths: int, unit: str) -> str:
    """`2.5 m`, `3 sets`: a unit that we have no word for is told by its code."""
    number = number_text(Decimal(thousandths) / 1000)
    if unit in _UNITS:
        return str(_UNITS[unit] % {"number": number})
    # Our plural forms are those of whole numbers; parts of one go with the form of two.
    return str(_counted(unit, thousandths // 1000 if thousandths % 1000 == 0 else 2, number))


def unit_text(unit: str) -> str:
    """What is counted in this unit, as it stands beside a field for a number: `pcs`, `boxes`."""
    words = str(_UNITS[unit] % {"number": ""}) if unit in _UNITS else str(_counted(unit, 2, ""))
    return words.strip()
