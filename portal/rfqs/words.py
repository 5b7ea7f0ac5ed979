"""What states, answers, verbs and units of requests for quotation are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.rfqs.lifecycle import Answer, Side, State, Verb

Words = Mapping[Any, Any]

STATES: Words = {
    State.DRAFT: lazy_pgettext("request for quotation", "Draft"),
    State.OPEN: lazy_pgettext("request for quotation", "Open for answers"),
    State.CLOSED: lazy_pgettext("request for quotation", "Waiting for the decision"),
    State.AWARDED: lazy_pgettext("request for quotation", "Awarded"),
    State.CANCELLED: lazy_pgettext("request for quotation", "Cancelled"),
}
# The tones of badges: see `ui.badge`.
STATE_TONES: Mapping[Any, str] = {
    State.DRAFT: "neutral",
    State.OPEN: "progress",
    State.CLOSED: "waiting",
    State.AWARDED: "done",
    State.CANCELLED: "danger",
}

ANSWERS: Words = {
    Answer.CHOSEN: lazy_pgettext("invitation", "Not invited yet"),
    Answer.INVITED: lazy_pgettext("invitation", "Not answered yet"),
    Answer.OFFERED: lazy_pgettext("invitation", "Offer sent"),
    Answer.DECLINED: lazy_pgettext("invitation", "Declined"),
    Answer.WON: lazy_pgettext("invitation", "Awarded"),
    Answer.NOT_WON: lazy_pgettext("invitation", "Not awarded"),
    Answer.CANCELLED: lazy_pgettext("invitation", "Cancelled"),
}
ANSWER_TONES: Mapping[Any, str] = {
    Answer.CHOSEN: "neutral",
    Answer.INVITED: "waiting",
    Answer.OFFERED: "progress",
    Answer.DECLINED: "neutral",
    Answer.WON: "done",
    Answer.NOT_WON: "neutral",
    Answer.CANCELLED: "danger",
}


def states_told(*, is_staff: bool) -> dict[str, tuple[Any, str]]:
    """By the value of the state, as the reader is told of it: the word and its tone."""
    words, tones = (STATES, STATE_TONES) if is_staff else (ANSWERS, ANSWER_TONES)
    return {str(state): (word, tones[state]) for state, word in words.items()}


VERBS: Words = {
    Verb.SEND: lazy_pgettext("request for quotation", "Send to the suppliers"),
    Verb.EXTEND: lazy_pgettext("request for quotation", "Extend the time"),
    Verb.CLOSE: lazy_pgettext("request for quotation", "The time to answer ends"),
    Verb.AWARD: lazy_pgettext("request for quotation", "Award"),
    Verb.CANCEL: lazy_pgettext("request for quotation", "Cancel the request"),
    Verb.INVITE: lazy_pgettext("request for quotation", "Invite"),
    Verb.OFFER: lazy_pgettext("request for quotation", "Send or change the offer"),
    Verb.WITHDRAW: lazy_pgettext("request for quotation", "Withdraw the offer"),
    Verb.DECLINE: lazy_pgettext("request for quotation", "Decline"),
    Verb.PASS_OVER: lazy_pgettext("request for quotation", "Award to somebody else"),
}

SIDES: Words = {
    Side.BUYER: _l("Buyer"),
    Side.SUPPLIER: _l("Supplier"),
    Side.CLOCK: _l("By itself, when the time is over"),
}

# Codes of UN/ECE Recommendation 20 that can be chosen.
UNITS: Words = {
    "C62": lazy_pgettext("unit", "pieces"),
    "SET": lazy_pgettext("unit", "sets"),
    "PR": lazy_pgettext("unit", "pairs"),
    "XBX": lazy_pgettext("unit", "boxes"),
    "XPX": lazy_pgettext("unit", "pallets"),
    "MTR": lazy_pgettext("unit", "metres"),
    "MTK": lazy_pgettext("unit", "square metres"),
    "MTQ": lazy_pgettext("unit", "cubic metres"),
    "GRM": lazy_pgettext("unit", "grams"),
    "KGM": lazy_pgettext("unit", "kilograms"),
    "TNE": lazy_pgettext("unit", "tonnes"),
    "LTR": lazy_pgettext("unit", "litres"),
    "HUR": lazy_pgettext("unit", "hours"),
    "DAY": lazy_pgettext("unit", "days"),
    "MON": lazy_pgettext("unit", "months"),
}
