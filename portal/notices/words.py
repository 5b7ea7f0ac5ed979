"""What a notice says: from its kind and parameters a sentence in the reader's language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from portal.deals.steps import STEPS
from portal.languages import datetime_text, number_text
from portal.orders.steps import STEPS as ORDER_STEPS
from portal.tickets.lifecycle import PUBLIC_STATES, State

# With the name of who did it, and without it where the reader may not know that person.
_SENTENCES: dict[str, tuple[Any, Any]] = {
    "ticket-opened": (_l("%(actor)s opened a ticket"), _l("A ticket was opened")),
    "opened-for-you": (_l("%(actor)s opened a ticket on your behalf"), _l("A ticket was opened on your behalf")),
    "reply": (_l("%(actor)s replied"), _l("There is a new reply")),
    "note": (_l("%(actor)s left an internal note"), _l("There is a new internal note")),
    "copied": (_l("%(actor)s copied a ticket to you"), _l("A ticket was copied to you")),
    "assigned": (_l("%(actor)s assigned a ticket to you"), _l("A ticket was assigned to you")),
    "handed-on": (_l("%(actor)s handed a ticket on to your team"), _l("A ticket was handed on to your team")),
    "request-to-join": (_l("%(actor)s asks to join"), _l("Somebody asks to join")),
    "room-joined": (_l("%(actor)s joined what you shared"), _l("Somebody joined what you shared")),
    "invitation-accepted": (_l("%(actor)s accepted your invitation"), _l("Your invitation was accepted")),
}

_SHARED: dict[str, tuple[Any, Any]] = {
    "ticket": (_l("%(actor)s shares a ticket with you"), _l("A ticket is shared with you")),
    "deal": (_l("%(actor)s shares a deal registration with you"), _l("A deal registration is shared with you")),
}

_OPENED = (
    _l("%(actor)s opened break-glass access until %(until)s"),
    _l("Break-glass access was opened until %(until)s"),
)

# By what happened to it.
_LEADS = {
    "offer": _l("A lead is offered to you. Accept or decline it by %(until)s"),
    "withdraw": _l("A lead that was offered to you was taken back"),
    "accept": _l("A partner has accepted your lead"),
    "exhaust": _l("No partner took your lead"),
}

# What happens to a request for quotation: for the supplier, then for buyers.
_RFQS = {
    "invite": _l("You are invited to answer a request for quotation by %(until)s"),
    "remind": _l("A request for quotation waits for your answer until %(until)s"),
    "extend": _l("You have more time to answer a request for quotation: until %(until)s"),
    "clarify": _l("A request for quotation was clarified"),
    "cancel": _l("A request for quotation was cancelled"),
    "award": _l("Your offer was accepted: you have won what we asked for"),
    "pass-over": _l("A request for quotation was not awarded to you"),
    "ask": _l("A supplier asks about a request for quotation"),
    "offer": _l("A supplier has answered a request for quotation with an offer"),
    "revise": _l("A supplier has changed its offer for a request for quotation"),
    "withdraw": _l("A supplier has withdrawn its offer for a request for quotation"),
    "decline": _l("A supplier has declined a request for quotation"),
    "close": _l("The time to answer a request for quotation is over: compare the offers"),
}

# What customers ask, and how a return was decided on.
_REQUESTS = {
    "send": _l("An order waits for your confirmation"),
    "ask-return": _l("A return waits for your decision"),
    "remind-return": _l("A return still waits for your decision"),
    "remind-reorder": _l("An order still waits for your confirmation"),
    "remind-proposal": _l("A change that a supplier proposed still waits for your answer"),
    "confirm-return": _l("Your return is confirmed"),
    "refuse-return": _l("Your return is refused"),
}

_PUBLIC_STATES = {
    "received": _l("We have received your ticket"),
    "in-progress": _l("Your ticket is in progress"),
    "waiting-for-you": _l("Your ticket is waiting for your answer"),
    "solved": _l("Your ticket is solved"),
    "closed": _l("Your ticket is closed"),
}

_STAFF_STATES = {
    State.NEW: _l("The ticket is new again"),
    State.OPEN: _l("The ticket is open"),
    State.WAITING: _l("The ticket is waiting for the customer"),
    State.ON_HOLD: _l("The ticket is on hold"),
    State.RESOLVED: _l("The ticket is resolved"),
    State.CLOSED: _l("The ticket is closed"),
}

# Why nothing is sent to the endpoint any more.
_PAUSED = {
    "gone": _l("A webhook was paused: its receiver said that it is gone for good"),
    "failing": _l("A webhook was paused: it has failed for days"),
}

_ICONS = {
    "ticket-opened": "ticket",
    "opened-for-you": "ticket",
    "reply": "reply",
    "note": "note",
    "copied": "people",
    "assigned": "person",
    "handed-on": "arrow-end",
    "state-changed": "history",
    "request-to-join": "people",
    "request-decided": "check",
    "invitation-accepted": "check",
    "shared": "share",
    "room-joined": "people",
    "break-glass": "key",
    "deal-submitted": "check",
    "deal-late": "history",
    "deal-decided": "check",
    "deal-ending": "history",
    "lead-offered": "flag",
    "lead-answered": "flag",
    "order-new": "tag",
    "order-changed": "tag",
    "order-proposal": "edit",
    "order-invoice": "file",
    "order-request": "tag",
    "rfq-new": "inbox",
    "rfq-changed": "inbox",
    "rfq-reminder": "clock",
    "rfq-decided": "flag",
    "rfq-answered": "inbox",
    "rfq-closed": "clock",
    "webhook-paused": "api",
}


def sentence(kind: str, params: Mapping[str, Any], actor: str | None, *, is_staff: bool) -> str:
    """The sentence as plain text, without a full stop."""
    template, values = _choose(kind, params, actor, is_staff)
    return template % values


def sentence_html(kind: str, params: Mapping[str, Any], actor: str | None, *, is_staff: bool) -> Markup:
    """The same with the name isolated from the direction around it."""
    template, values = _choose(kind, params, actor, is_staff)
    isolated = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
    # The sentence is ours or a translator's; what people wrote is escaped as it goes in.
    return Markup(template) % isolated  # noqa: S704  # as said above


def icon_of(kind: str) -> str:
    return _ICONS.get(kind, "bell")


def _choose(kind: str, params: Mapping[str, Any], actor: str | None, is_staff: bool) -> tuple[str, dict[str, str]]:
    if kind == "state-changed":
        state = State(params["state"])
        return str(_STAFF_STATES[state] if is_staff else _PUBLIC_STATES[PUBLIC_STATES[state]]), {}
    if kind == "request-decided":
        accepted, declined = _l("Your request to join was accepted"), _l("Your request to join was declined")
        return str(accepted if params.get("is_accepted") else declined), {}
    if kind.startswith("deal-"):
        return _of_deal(params), {}
    if kind.startswith("order-"):
        return _of_order(kind, params), {}
    if kind.startswith(("lead-", "rfq-")):
        until, sentences = params.get("until"), _LEADS if kind.startswith("lead-") else _RFQS
        return str(sentences[params["verb"]]), {"until": datetime_text(datetime.fromisoformat(until))} if until else {}
    if kind == "webhook-paused":
        return str(_PAUSED[params["why"]]), {}
    if kind == "break-glass":
        until = {"until": datetime_text(datetime.fromisoformat(params["until"]))}
        return (str(_OPENED[0]), {"actor": actor, **until}) if actor else (str(_OPENED[1]), until)
    named, unnamed = _SHARED[params["record"]] if kind == "shared" else _SENTENCES[kind]
    return (str(named), {"actor": actor}) if actor else (str(unnamed), {})


def _of_order(kind: str, params: Mapping[str, Any]) -> str:
    if kind == "order-new":
        return str(_("A new purchase order waits for your confirmation"))
    if params["verb"] == "reschedule":
        return str(_("A delivery date has moved"))
    if params["verb"] in ("propose", "answer-proposal"):
        return str(_("A change of a purchase order is proposed and waits for your answer"))
    if params["verb"] == "send-invoice":
        return str(_("An invoice has come in and waits to be checked"))
    return str(_REQUESTS.get(params["verb"]) or ORDER_STEPS.get(params["verb"], _("Order changed")))


def _of_deal(params: Mapping[str, Any]) -> str:
    if params["verb"] == "warn-idle":
        until = datetime_text(datetime.fromisoformat(params["until"]))
        return str(_("Log your work on the deal, or its protection ends on %(until)s", until=until))
    if params["verb"] != "remind":
        return str(STEPS[params["verb"]])
    days: int = params["days"]
    if days < 0:
        return str(_("The protection has ended. Register the deal again if you still work on it"))
    sentence = ngettext(
        "The protection ends in %(days)s day", "The protection ends in %(days)s days", days, days=number_text(days)
    )
    return str(sentence)
