"""What people are told of. Each kind can be switched off as mail, never at the bell."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.access import Action, Principal

# How the settings page calls each kind; what a single notice says is in words.py.
NOTICE_KINDS: dict[str, Any] = {
    "ticket-opened": _l("A new ticket for my team"),
    "opened-for-you": _l("A ticket is opened on my behalf"),
    "reply": _l("A reply in one of my tickets"),
    "note": _l("An internal note in one of my tickets"),
    "copied": _l("A ticket is copied to me"),
    "assigned": _l("A ticket is assigned to me"),
    "handed-on": _l("A ticket is handed on to my team"),
    "state-changed": _l("One of my tickets changes its state"),
    "deal-submitted": _l("A partner submits a deal registration or asks for longer protection"),
    "deal-late": _l("A decision on a deal registration is late"),
    "deal-decided": _l("One of my deal registrations is decided on"),
    "deal-ending": _l("The protection of one of my deals ends"),
    "lead-offered": _l("A lead is offered to my company"),
    "lead-answered": _l("A lead of mine is accepted, or nobody took it"),
    "order-new": _l("There is a new purchase order for my company"),
    "order-changed": _l("An order is confirmed, shipped, delivered or cancelled, or its date moves"),
    "order-proposal": _l("A change of a purchase order is proposed or answered"),
    "order-invoice": _l("An invoice for a purchase order is sent in or checked"),
    "order-request": _l("A quotation, reorder or return waits for an answer, or is answered"),
    "rfq-new": _l("My company is invited to answer a request for quotation"),
    "rfq-changed": _l("A request for quotation is clarified, extended or cancelled"),
    "rfq-reminder": _l("The time to answer a request for quotation runs out"),
    "rfq-decided": _l("A request for quotation is decided on"),
    "rfq-answered": _l("A supplier answers a request for quotation, or asks about it"),
    "rfq-closed": _l("The time to answer a request for quotation is over"),
    "shared": _l("Something is shared with me"),
    "room-joined": _l("Somebody joins what I shared"),
    "request-to-join": _l("Somebody asks to join"),
    "request-decided": _l("My request to join is decided"),
    "invitation-accepted": _l("An invitation of mine is accepted"),
    "webhook-paused": _l("A webhook of mine is sent nothing any more"),
    "break-glass": _l("An administrator opens break-glass access"),
}

STAFF_KINDS = frozenset({"ticket-opened", "note", "assigned", "handed-on"})
_OUTSIDER_KINDS = frozenset({"opened-for-you", "copied", "shared", "request-decided"})
# Whoever decides on deals, and whoever registers them.
_CHANNEL_KINDS = frozenset({"deal-submitted", "deal-late"})
_PARTNER_KINDS = frozenset({"deal-decided", "deal-ending"})
# Nobody switches these off: whoever is told by them watches over somebody else.
ADMIN_KINDS = frozenset({"break-glass"})
MANAGER_KINDS = frozenset({"request-to-join", "invitation-accepted"})


def kinds_for(who: Principal) -> dict[str, Any]:
    """The kinds that this person can be told of at all, for their settings."""
    hidden = ADMIN_KINDS | set(_OUTSIDER_KINDS if who.is_staff else STAFF_KINDS)
    if not who.may(Action.PEOPLE_MANAGE):
        hidden |= MANAGER_KINDS
    if not who.may(Action.DEAL_DECIDE):
        hidden |= _CHANNEL_KINDS
    if who.is_staff or not who.may(Action.DEAL_WRITE):
        hidden |= _PARTNER_KINDS
    if not who.may(Action.LEAD_ANSWER):
        hidden |= {"lead-offered"}
    if not who.may(Action.LEAD_HAND_OUT):
        hidden |= {"lead-answered"}
    if not who.may(Action.API_KEY_MANAGE):
        hidden |= {"webhook-paused"}
    hidden |= _orders_hidden_from(who)
    return {kind: label for kind, label in NOTICE_KINDS.items() if kind not in hidden}


def _orders_hidden_from(who: Principal) -> frozenset[str]:
    answers, checks = who.may(Action.PURCHASE_ANSWER), who.may(Action.PURCHASE_CHECK)
    asks, confirms = who.may(Action.ORDER_ASK), who.may(Action.ORDER_CONFIRM)
    told = {
        "order-new": answers,
        "order-changed": checks or answers or asks,
        "order-proposal": checks or answers,
        "order-invoice": checks or answers,
        "order-request": asks or confirms,
        **dict.fromkeys(("rfq-new", "rfq-changed", "rfq-reminder", "rfq-decided"), who.may(Action.RFQ_ANSWER)),
        **dict.fromkeys(("rfq-answered", "rfq-closed"), who.may(Action.RFQ_WRITE)),
    }
    return frozenset(kind for kind, is_told in told.items() if not is_told)
