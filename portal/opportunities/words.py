"""What stages, statuses and reasons are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.opportunities.models import LostReason, Stage, Status, WonReason

Words = Mapping[Any, Any]

STAGES: Words = {
    Stage.QUALIFICATION: _l("Qualification"),
    Stage.PROPOSAL: _l("Proposal"),
    Stage.NEGOTIATION: _l("Negotiation"),
    Stage.CLOSING: _l("Closing"),
}

STATUSES: Words = {
    Status.OPEN: lazy_pgettext("opportunity", "Open"),
    Status.WON: lazy_pgettext("opportunity", "Won"),
    Status.LOST: lazy_pgettext("opportunity", "Lost"),
}

# The tones of badges: see `ui.badge`.
STATUS_TONES: Mapping[Any, str] = {Status.OPEN: "progress", Status.WON: "done", Status.LOST: "neutral"}

WON_REASONS: Words = {
    WonReason.FIT: _l("The offer fitted best"),
    WonReason.PRICE: _l("Price"),
    WonReason.TRUST: _l("Trust and good experience"),
    WonReason.SERVICE: _l("Service and advice"),
    WonReason.DELIVERY: _l("Time of delivery"),
    WonReason.OTHER: _l("Another reason"),
}

LOST_REASONS: Words = {
    LostReason.PRICE: _l("Price"),
    LostReason.COMPETITOR: _l("A competitor’s offer fitted better"),
    LostReason.NO_BUDGET: _l("No budget"),
    LostReason.NO_NEED: _l("No need any more"),
    LostReason.NO_DECISION: _l("The customer did not decide"),
    LostReason.TIMING: _l("Bad timing"),
    LostReason.OTHER: _l("Another reason"),
}

REASONS: Mapping[Any, Words] = {Status.WON: WON_REASONS, Status.LOST: LOST_REASONS}

# What happened, by the verb of the event.
EVENTS: Words = {
    "convert": _l("Came from an approved registration"),
    "opened": _l("Opened as a direct sale"),
    "changed": _l("Changed"),
    "won": lazy_pgettext("opportunity", "Won"),
    "lost": lazy_pgettext("opportunity", "Lost"),
    "reopened": _l("Reopened"),
}

FIELDS: Words = {
    "title": _l("What is it about?"),
    "amount": _l("Amount"),
    "owner_id": _l("Looked after by"),
    "stage": _l("Stage"),
    "probability": _l("Probability"),
    "next_step": _l("Next step"),
    "close_on": _l("Expected close date"),
}
