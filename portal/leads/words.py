"""What the states of leads and the reasons of a ranking are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.languages import LANGUAGES, country_name, number_text
from portal.leads.lifecycle import Side, State, Verb
from portal.leads.ranking import Reason
from portal.organisations.words import TIERS

Words = Mapping[Any, Any]

STATES: Words = {
    State.DRAFT: _l("Draft"),
    State.OFFERED: _l("Offered"),
    State.ACCEPTED: _l("Accepted"),
    State.EXHAUSTED: _l("Nobody took it"),
    State.WITHDRAWN: _l("Taken back"),
}

STATE_TONES: Mapping[Any, str] = {
    State.DRAFT: "neutral",
    State.OFFERED: "waiting",
    State.ACCEPTED: "done",
    State.EXHAUSTED: "danger",
    State.WITHDRAWN: "neutral",
}

VERBS: Words = {
    Verb.HAND_OUT: _l("Hand out"),
    Verb.ACCEPT: _l("Accept"),
    Verb.PASS: _l("Declined, or not answered in time"),
    Verb.EXHAUST: _l("Nobody is left to ask"),
    Verb.WITHDRAW: _l("Take back"),
}

SIDES: Words = {
    Side.STAFF: _l("Channel manager"),
    Side.PARTNER: _l("Partner"),
    Side.CLOCK: _l("By itself, when the time is over"),
}


def reason_text(reason: Reason) -> str:
    """The sentence of one reason."""
    params = reason.params
    match reason.kind:
        case "same-country":
            text = _("In the same country")
        case "near":
            text = _("In a neighbouring country: %(country)s", country=country_name(params["country"]))
        case "language":
            language = LANGUAGES[params["language"]].own_name if params["language"] in LANGUAGES else params["language"]
            text = _("Speaks the language of the country: %(language)s", language=language)
        case "far":
            text = _("Neither near nor in the same language")
        case "skills":
            text = _(
                "Products known: %(known)s of %(of)s", known=number_text(params["known"]), of=number_text(params["of"])
            )
        case "tier":
            tier = TIERS.get(params["tier"])
            text = _("Tier: %(tier)s", tier=tier) if tier else _("Without a tier")
        case "wins":
            count: int = params["count"]
            words = number_text(count)
            text = ngettext(
                "%(count)s deal won within two years", "%(count)s deals won within two years", count, count=words
            )
        case _:
            count = params["count"]
            text = ngettext("%(count)s deal in hand", "%(count)s deals in hand", count, count=number_text(count))
    return str(text)
